"""Which cells of a grid wait for somebody above before what is typed into them takes effect, and why.

Nothing that is typed there is refused: it is stored, sent and held back until the reason goes. The centre decides by
the same rule (`central.judgement`); here it is only told in time.
"""

from collections.abc import Collection, Iterator
from enum import StrEnum

from sync.domain.catalogue import Catalogue
from sync.domain.keys import CLOSING, OWN_UNIT, STATUS, Key, ancestors
from sync.domain.workflow import has_approval
from sync.store import Store
from sync.store.deadlines import closings
from sync.store.rights import Rights as PersonRights


class Held(StrEnum):
    """Why: whoever is here has no role for it, the period was closed for the form, or the unit's form is approved."""

    NO_RIGHT = "no_right"
    CLOSED = "closed"
    APPROVED = "approved"


class Rights:
    """What stands over the values of `units` (keys) in the periods of these `codes`; read when it is first asked."""

    def __init__(self, store: Store, catalogue: Catalogue, units: Collection[str], codes: Collection[str]) -> None:
        self._store, self._catalogue, self._codes = store, catalogue, frozenset(codes)
        self._units = frozenset(units) - {OWN_UNIT}
        self._above = frozenset(above for unit in self._units for above in ancestors(unit))
        self._forms: dict[tuple[str, str], tuple[str, ...]] = {}
        self._decided: dict[Key, Held] | None = None
        self._theirs = PersonRights(store, catalogue)
        self._may: dict[tuple[str, str], bool] = {}

    def held(self, key: Key) -> Held | None:
        """Why a value at `key` would be held back, None where it would not."""
        if self._theirs.has_people and not self._may_enter(key):
            return Held.NO_RIGHT
        decided = self._read() if self._decided is None else self._decided
        if not decided:
            return None
        return next((decided[one] for one in self._over(key) if one in decided), None)

    def _may_enter(self, key: Key) -> bool:
        place = key.unit, key.item
        may = self._may.get(place)
        if may is None:
            may = self._may[place] = key.unit == OWN_UNIT or self._theirs.may_change(key)
        return may

    def touch(self, key: Key) -> bool:
        """Look again when asked, if the closing or status at `key` is one of these. Whether it is."""
        mine = key.period in self._codes and key.unit in (self._above if key.kind == CLOSING else self._units)
        if mine:
            self._decided = None
        return mine

    def _over(self, key: Key) -> Iterator[Key]:
        """The closings and statuses that decide over a value."""
        for form in self._forms_of(key.item, key.unit):
            for unit in ancestors(key.unit):
                yield Key(CLOSING, unit, form, key.period)
            yield Key(STATUS, key.unit, form, key.period)

    def _forms_of(self, item: str, unit: str) -> tuple[str, ...]:
        """The forms in which a unit reports an indicator."""
        found = self._forms.get((item, unit))
        if found is None:
            forms = self._catalogue.forms.values()
            reported = (form for form in forms if form.is_of(unit) and any(row.indicator == item for row in form.rows))
            found = self._forms[item, unit] = tuple(form.key for form in reported)
        return found

    def _read(self) -> dict[Key, Held]:
        found: dict[Key, Held] = {}
        if self._units:
            found |= dict.fromkeys(closings(self._store, self._units, self._codes), Held.CLOSED)
            for key, shown in self._store.cells_of(STATUS, self._units, self._codes).items():
                if has_approval([shown.content, *(rival.content for rival in shown.rivals)]):
                    found[key] = Held.APPROVED
        self._decided = found
        return found
