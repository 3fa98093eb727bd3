"""Who is here: the unit they work for, the units around it, and what they may do with tasks."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from desktop.widgets import formats
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.keys import OWN_UNIT, province_of, within
from sync.domain.rights import Action
from sync.domain.tasks import Task
from sync.domain.units import Level, Unit, level_of
from sync.store import Store
from sync.store.rights import Rights


class Here:
    """Of whoever is signed in now; made anew when somebody else is, or when their rights or the units are others."""

    def __init__(self, store: Store, catalogue: Catalogue, unit: str) -> None:
        self.unit = unit
        # Tasks name units of the whole province: who assigned them, whom they support.
        self.units: Sequence[Unit] = [] if unit == OWN_UNIT else store.units(province_of(unit))
        self.names = _names(self.units)
        self._closed = {one.key: one.valid_to for one in self.units if one.valid_to is not None}
        self.rights = Rights(store, catalogue)

    @property
    def is_enrolled(self) -> bool:
        """Whether the folder works for a unit."""
        return self.unit != OWN_UNIT

    def closed(self, unit: str, today: date) -> date | None:
        """The last day of a unit that is no longer there; None of one that is."""
        last = self._closed.get(unit)
        return last if last is not None and last < today else None

    def does(self, task: Task) -> bool:
        """Whether they speak for who does the task: their unit, or a village that a commune types for."""
        is_village = level_of(task.unit) is Level.VILLAGE and level_of(self.unit) is Level.COMMUNE
        return (task.unit == self.unit or is_village) and self.may_update(task)

    def decides(self, task: Task) -> bool:
        """Whether they assigned the task, or stand above its unit."""
        if self.rights.may(Action.ASSIGN, task.unit):
            return True
        if task.from_unit == task.unit:
            return self.may_update(task)
        return task.from_unit != "" and self.rights.may(Action.ASSIGN, task.from_unit)

    def may_update(self, task: Task) -> bool:
        """Whether an update of the task would be theirs to type."""
        return self.rights.may(Action.ENTER, task.unit)

    def may_break_down(self, task: Task) -> bool:
        """Whether they may give parts of the task to units below, which goes for what their own unit leads."""
        if task.unit != self.unit or task.supports or task.is_confirmed or task.is_withdrawn:
            return False
        below = (one.key for one in self.units if within(one.key, task.unit) and one.key != task.unit)
        return any(self.rights.may(Action.ASSIGN, one) for one in below)

    def may_give_to(self, unit: str) -> bool:
        """Whether they may give a task to this unit, or take one for it as its own."""
        own = unit == self.unit and self.rights.may(Action.ENTER, unit)
        return own or self.rights.may(Action.ASSIGN, unit)

    @property
    def may_give(self) -> bool:
        """Whether they may give a task to anybody: to a unit below, or to their own."""
        below = (one.key for one in self.units if one.key != self.unit and within(one.key, self.unit))
        return self.is_enrolled and (self.may_give_to(self.unit) or self.may_give_to(next(below, self.unit)))


def _names(units: Sequence[Unit]) -> dict[str, str]:
    """The names of units by key: of several with one name, each is told apart by when it ended, or by where it lies."""
    plain = {one.key: one.name for one in units}
    shared = Counter(plain.values())

    def name(one: Unit) -> str:
        if shared[one.name] == 1:
            return one.name
        if one.valid_to is not None:
            return say("tasks.units.until", unit=one.name, day=formats.day(one.valid_to))
        above = plain.get(one.key.rpartition(".")[0], "")
        return say("tasks.units.of", unit=one.name, above=above) if above else one.name

    return {one.key: name(one) for one in units}
