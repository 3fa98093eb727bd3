"""The dialog in which a task is given to units: to many at once, or on to those below."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop.tasks.dialog import TaskDialog
from desktop.tasks.fields import TaskFields
from desktop.tasks.storing import Given
from desktop.tasks.units import LEAD, SUPPORT, UnitsPicker
from desktop.widgets import formats
from desktop.widgets.words import say
from sync.domain.assigning import assign, break_down, refusals
from sync.domain.catalogue import Catalogue
from sync.domain.identifiers import uuid7
from sync.domain.tasks import Task
from sync.domain.units import Unit
from sync.store import Store

_ASIDE: Final = "assign"


class AssignDialog(TaskDialog):
    """`given` carries what was Given. `units` are those that may be chosen. With a `whole`, that task is
    broken down; each such has a place of its own for what is half typed."""

    given = Signal(object)

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        unit: Unit,
        units: Sequence[Unit],
        clock: Callable[[], datetime],
        today: date,
        whole: Task | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            store,
            f"{_ASIDE}-{whole.item}" if whole else _ASIDE,
            say("tasks.assign.break_down" if whole else "tasks.assign.title"),
            TaskFields(catalogue, frozenset(one.kind for one in units), of_part=whole is not None),
            UnitsPicker([one for one in units if one.key != unit.key or not whole], supports=whole is None),
            parent,
        )
        self._unit, self._units = unit, units
        self.keeps_whole = True
        self._clock, self._today, self._whole = clock, today, whole
        self._build()
        self._fill()
        self._connect()
        self.picker.changed.connect(self._name_save)
        self._name_save()

    def _fill(self) -> None:
        """What was half typed, or an empty form of today."""
        task = self._whole
        self.lines["start"].setText(formats.day(self._today))
        self.lines["assigner"].setText(self._unit.name)
        if task is not None:
            self.content.setPlainText(task.content)
            self.lines["due"].setText(formats.day(task.due_date) if task.due_date else "")
        kept = self._kept()
        self.fields.show_typed(kept)
        self.picker.show_chosen(kept.get("lead", ()), kept.get("support", ()))

    def _to_keep(self) -> dict[str, Any]:
        chosen = {"lead": self.picker.model.keys(LEAD), "support": self.picker.model.keys(SUPPORT)}
        return self.fields.typed() | chosen

    @Slot()
    def _name_save(self) -> None:
        count = len(self.picker.model.keys(LEAD))
        self.save.setText(say("tasks.assign.save", count=count) if count else say("tasks.assign.save_none"))

    @Slot()
    def _save(self) -> None:
        try:
            values = self.fields.values(self._today)
        except ValueError as wrong:
            self._say_wrong(str(wrong))
            return
        lead = self.picker.model.keys(LEAD)
        task = self._task(values)
        wrongs = refusals(task, lead, self._units, self._unit.key, self._today, self._whole)
        if wrongs:
            self._say_refused(wrongs, {unit.key: unit.name for unit in self._units})
            return
        if self._whole is not None:
            start = task.start_date or self._today
            made = break_down(self._whole, lead, task.assigner, start, task.due_date, self._new_item)
        else:
            made = assign(task, lead, self._new_item, keeps_whole=self.keeps_whole)
        self.given.emit(Given(len(made), lambda: made))

    def _task(self, values: dict[str, Any]) -> Task:
        if self._whole is not None:
            return replace(self._whole, **values)
        unit = self._unit.key
        return Task(self._new_item(), unit, from_unit=unit, supporting=self.picker.model.keys(SUPPORT), **values)

    def _new_item(self) -> str:
        return uuid7(self._clock())
