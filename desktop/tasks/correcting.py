"""The dialog in which whoever assigned a task corrects what was said of it, or to whom it was given."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.tasks.dialog import TaskDialog
from desktop.tasks.fields import TaskFields
from desktop.tasks.units import LEAD, SUPPORT, UnitsPicker
from desktop.tasks.worded import field_name
from desktop.widgets import theme
from desktop.widgets.words import say
from sync.domain.assigning import refusals
from sync.domain.catalogue import Catalogue
from sync.domain.correcting import differing
from sync.domain.tasks import MAX_WORDS, Task
from sync.domain.text import nfc
from sync.domain.units import Unit
from sync.store import Store

_PARTS: Final = ("content", "group", "targets", "lead", "support", "words")


class CorrectDialog(TaskDialog):
    """`corrected` carries the task as it should have been given, why, and whether it is corrected as well in those
    `together` with which it was given to other units. `units` are those that may be chosen by
    whoever works for `by`; of a task `with_parts`, and of one that only supports another unit's, no unit is chosen.

    What is kept of what is half typed is what differs from the task: the rest may have been corrected meanwhile.
    """

    corrected = Signal(object, str, bool)

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        task: Task,
        whole: Task | None,
        by: Unit,
        units: Sequence[Unit],
        today: date,
        *,
        with_parts: bool,
        together: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            store,
            f"correct-{task.item}",
            say("tasks.correct.title"),
            TaskFields(catalogue, frozenset(one.kind for one in units)),
            UnitsPicker(units),
            parent,
        )
        self._task, self._whole, self._by, self._units, self._today = task, whole, by, units, today
        self._chooses = not with_parts and not task.supports
        self.words, self.about = QPlainTextEdit(), theme.label("", "muted")
        self.all = QCheckBox(say("tasks.correct.together", count=together))
        self.all.setVisible(together > 0)
        reason = QWidget()
        column = QVBoxLayout(reason)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        name = theme.label(say("tasks.correct.words"), "small")
        name.setBuddy(self.words)
        self.words.setAccessibleName(say("tasks.correct.words"))
        self.words.setTabChangesFocus(True)
        self.words.setFixedHeight(theme.px(46))
        self.about.setWordWrap(True)
        for widget in (self.all, name, self.words, self.about):
            column.addWidget(widget)
        self._build(reason)
        self.picker.setVisible(self._chooses)
        self.picker.all.hide()
        self.save.setText(say("tasks.correct.save"))
        self._fill(self._kept())
        self._connect()
        self.words.textChanged.connect(self._soon.start)
        self.picker.changed.connect(self._tell)
        self.picker.bring(task.unit)
        self._tell()

    def _fill(self, kept: dict[str, Any]) -> None:
        """What the task says, and over it what was half typed."""
        self.fields.show_task(self._task)
        self._choose((self._task.unit,), self._task.supporting)
        self._shown = self._typed() | {"words": ""}
        self.fields.show_typed(kept)
        self._choose(kept.get("lead", self._shown["lead"]), kept.get("support", self._shown["support"]))
        self.words.setPlainText(str(kept.get("words", "")))

    def _choose(self, lead: Sequence[str], support: Sequence[str]) -> None:
        for column in (LEAD, SUPPORT):
            self.picker.model.tick(self.picker.model.keys(column), column, False)
        self.picker.show_chosen(lead, support)

    def _typed(self) -> dict[str, Any]:
        chosen = {name: list(self.picker.model.keys(column)) for name, column in (("lead", LEAD), ("support", SUPPORT))}
        return self.fields.typed() | chosen | {"words": self.words.toPlainText()}

    def _to_keep(self) -> dict[str, Any]:
        typed, shown = self._typed(), self._shown
        kept = {name: typed[name] for name in _PARTS if typed[name] != shown[name]}
        lines = {name: text for name, text in typed["lines"].items() if text != shown["lines"][name]}
        return kept | ({"lines": lines} if lines else {})

    @Slot()
    def _tell(self) -> None:
        """What it comes to where another unit is chosen."""
        lead = self.picker.model.keys(LEAD)
        is_moved = self._chooses and len(lead) == 1 and lead[0] != self._task.unit
        names = {unit.key: unit.name for unit in self._units}
        old = names.get(self._task.unit, self._task.unit)
        self.about.setText(say("tasks.correct.moved", old=old, new=names[lead[0]]) if is_moved else "")
        self.about.setVisible(is_moved)
        self.all.setEnabled(not is_moved)

    @Slot()
    def _save(self) -> None:
        said = self._said()
        if said is None:
            return
        words = nfc(self.words.toPlainText().strip())
        names = {unit.key: unit.name for unit in self._units}
        if wrongs := self._wrongs(said):
            self._say_refused(wrongs, names)
        elif said.unit == self._task.unit and not differing(self._task, said):
            self._say_wrong(say("tasks.correct.nothing"))
        elif not words or len(words) > MAX_WORDS:
            self._say_wrong(say("tasks.refused.too_long" if words else "tasks.wrong.no_words"))
            self.words.setFocus()
        else:
            self.corrected.emit(said, words, self.all.isChecked() and said.unit == self._task.unit)

    def _said(self) -> Task | None:
        """The task as it was typed; None where it cannot be read, which is said."""
        try:
            values = self.fields.values(self._today)
        except ValueError as wrong:
            self._say_wrong(str(wrong))
            return None
        if not self._chooses:
            return replace(self._task, **values)
        lead = self.picker.model.keys(LEAD)
        if len(lead) != 1:
            self._say_wrong(say("tasks.correct.one_unit"))
            return None
        return replace(self._task, unit=lead[0], supporting=self._supporting(), **values)

    def _supporting(self) -> tuple[str, ...]:
        """In the order in which they stood; those that are new behind them."""
        chosen = self.picker.model.keys(SUPPORT)
        stood = tuple(unit for unit in self._task.supporting if unit in chosen)
        return (*stood, *(unit for unit in chosen if unit not in stood))

    def _wrongs(self, said: Task) -> list[tuple[str, str]]:
        """What keeps it from being given so; what stood there before was found right then, whatever came of it."""
        task = self._task
        new = {said.unit, *said.supporting} - {task.unit, *task.supporting}
        whole = self._whole if said.due_date != task.due_date else None
        found = refusals(said, (said.unit,), self._units, self._by.key, self._today, whole)
        return [(code, unit) for code, unit in found if not unit or unit in new or code == "supports_itself"]

    def say_withdrawn(self) -> None:
        """Somebody else has withdrawn the task meanwhile, perhaps to give it to another unit: what was typed stays."""
        self._say_wrong(say("tasks.correct.withdrawn"))

    def begin_again(self, task: Task, fields: Sequence[str]) -> None:
        """Somebody else has corrected `task` meanwhile, also these fields: what was typed stays, all else is as it is
        now, and it is saved when asked again."""
        kept, self._task = self._to_keep(), task
        self._fill(kept)
        self._say_wrong(say("tasks.correct.meanwhile", fields=", ".join(map(field_name, fields))))
