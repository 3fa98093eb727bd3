"""What others did that waits for whoever is here: forms that came back, were sent up, or shall be changed."""

from collections import Counter
from collections.abc import Collection, Mapping, Set
from types import MappingProxyType
from typing import Final, NamedTuple

from desktop.today.forms import FormDue
from sync.domain.catalogue import Catalogue
from sync.domain.keys import OWN_UNIT, STATUS, VALUE, Key
from sync.domain.workflow import State, Status
from sync.store import Shown, Store
from sync.store.rights import Rights
from sync.store.submissions import Remarked, remarked, steps, unanswered

_NONE: Final[Mapping[tuple[str, str], int]] = MappingProxyType({})


class Returned(NamedTuple):
    """A form that came back to be corrected: its status cell, what the step says, and the cells that it names."""

    key: Key
    shown: Shown
    status: Status
    cells: tuple[Remarked, ...] = ()

    @property
    def to_mend(self) -> tuple[Remarked, ...]:
        """The cells that nobody has changed since."""
        return tuple(one for one in self.cells if not one.is_mended)


class Came(NamedTuple):
    """`submitted` and `asked` say how many units of each form and period wait for a decision; `others` are, by form and
    period, the units for which others send it, None before that was read."""

    returned: tuple[Returned, ...] = ()
    submitted: Mapping[tuple[str, str], int] = _NONE
    asked: Mapping[tuple[str, str], int] = _NONE
    others: Mapping[tuple[str, str], Set[str]] | None = None

    def after(self, store: Store, touched: Collection[Key]) -> "Came":
        """The same, now that these keys say something else: a cell that came back may be mended."""
        values = {key for key in touched if key.kind == VALUE}
        mended = {form.key for form in self.returned if any(one.figure in values for one in form.cells)}
        if not mended:
            return self
        returned = (_returned(store, *form[:3]) if form.key in mended else form for form in self.returned)
        return self._replace(returned=tuple(returned))

    def unsent(self, due: FormDue) -> tuple[str, ...]:
        """The units whose form is filled, and here to be sent; none before that was read."""
        if self.others is None:
            return ()
        others = self.others.get(due.name, frozenset())
        return tuple(unit for unit in due.unsent if unit not in due.lacking and unit not in others)


def came(store: Store, catalogue: Catalogue, unit: str, dues: Collection[FormDue]) -> Came:
    """What waits for whoever is here, of this unit and all below it; who sends, only of the forms of `dues`."""
    if unit == OWN_UNIT:
        return Came()
    rights = Rights(store, catalogue)

    def may(key: Key, state: State) -> bool:
        return rights.may_change(key, Status(state).content())

    # Each level decides over the next.
    level = unit.count(".") + 1
    found = steps(store, unit, level, (State.RETURNED, State.SUBMITTED))
    returned = tuple(
        _returned(store, key, shown, status)
        for key, (shown, status) in found.items()
        if status.state is State.RETURNED and key.item in catalogue.forms and may(key, State.SUBMITTED)
    )
    submitted = Counter(
        (key.item, key.period)
        for key, (_, status) in found.items()
        if status.state is State.SUBMITTED and key.item in catalogue.forms and may(key, State.RETURNED)
    )
    asked: Counter[tuple[str, str]] = Counter()
    for request in unanswered(store, unit):
        figure = request.figure
        if figure.unit.count(".") > level:
            continue
        for form in _forms_of(catalogue, figure):
            if may(Key(STATUS, figure.unit, form, figure.period), State.RETURNED):
                asked[form, figure.period] += 1
    others = {
        due.name: {one for one in due.units if not may(Key(STATUS, one, *due.name), State.SUBMITTED)} for due in dues
    }
    return Came(returned, submitted, asked, others)


def _returned(store: Store, key: Key, shown: Shown, status: Status) -> Returned:
    return Returned(key, shown, status, tuple(remarked(store, shown, status)))


def _forms_of(catalogue: Catalogue, figure: Key) -> list[str]:
    """The forms in which the unit of a figure reports it."""
    forms = catalogue.forms.items()
    return [
        key for key, form in forms if form.is_of(figure.unit) and any(row.indicator == figure.item for row in form.rows)
    ]
