"""What whoever is here may do with a form: the steps to take, and the decisions to choose between."""

from collections.abc import Sequence
from typing import NamedTuple

from desktop.review.matrix import Square
from desktop.widgets.decisions import Decision, decisions, remark_lines, remarks_in
from desktop.widgets.naming import Names
from sync.domain.catalogue import Catalogue
from sync.domain.keys import within
from sync.domain.workflow import State, Status, steps_from
from sync.store import Store
from sync.store.rights import Rights
from sync.store.submissions import remarked


class Ways(NamedTuple):
    """The `steps` to take; whether whoever is here decides over the unit, and so answers what is asked; the `remarks`
    of a return, a line for each; and decisions that speak against each other, each with its remarks."""

    steps: Sequence[State]
    decides: bool = False
    remarks: Sequence[str] = ()
    between: Sequence[tuple[Decision, Sequence[str]]] = ()


class Powers:
    """Of who is signed in at this moment, on a device that works for `unit`."""

    def __init__(self, store: Store, catalogue: Catalogue, unit: str) -> None:
        self._store, self._unit = store, unit
        self._rights = Rights(store, catalogue)
        self._names = Names(catalogue, {}, lambda _: None)
        self._allowed: dict[tuple[str, str, State], bool] = {}

    def ways(self, square: Square) -> Ways:
        """What may be done with one form: no step over it while the period is closed."""
        submission, decides = square.submission, self.decides(square)
        found = steps_from(submission.stage, reports=self._reports(square), decides=decides)
        step, status, steps = submission.step, submission.status, [] if square.is_closed else _possible(square, found)
        if step is None or status is None:
            return Ways(steps, decides)
        remarks = remark_lines(remarked(self._store, step, status), self._names)
        # What stands alone is kept without a step.
        kept = "" if step.rivals else step.content
        between = [
            (
                one._replace(bar=one.bar or "closed") if square.is_closed and one.content != kept else one,
                remarks_in(self._store, step, one.content, self._names),
            )
            for one in decisions(submission, self._rights)
        ]
        return Ways(steps, decides, remarks, between)

    def decides(self, square: Square) -> bool:
        """Whether whoever is here stands above the unit and decides over its forms."""
        return self._may(square, State.RETURNED)

    def _reports(self, square: Square) -> bool:
        """Whether whoever is here types the unit's figures: its own, and those of villages that a commune types for."""
        return within(square.unit.key, self._unit) and self._may(square, State.SUBMITTED)

    def _may(self, square: Square, step: State) -> bool:
        # Asked of every square, and the period makes no difference.
        asked = (square.unit.key, square.column.form.key, step)
        found = self._allowed.get(asked)
        if found is None:
            found = self._allowed[asked] = self._rights.may_change(square.submission.key, Status(step).content())
        return found


def _possible(square: Square, steps: Sequence[State]) -> list[State]:
    """Hard findings stop submission; nothing but a person's own judgement stops an approval."""
    findings = square.findings
    stopped = findings.errors > 0 or len(findings.missing) == findings.cells
    return [step for step in steps if step is not State.SUBMITTED or not stopped]
