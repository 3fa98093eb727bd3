"""What stands behind one square: where the form stands, what stands against it, what changed, and the steps to take."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop.review.matrix import Square
from desktop.review.model import LOOKS, stage_word
from desktop.widgets import formats, theme
from desktop.widgets.naming import in_short
from desktop.widgets.words import language, say
from sync.domain.catalogue import Catalogue
from sync.domain.keys import Key
from sync.domain.workflow import Stage, State, Status
from sync.store import Shown

MOST_COMMENT: Final = 500
_MOST_LINES: Final = 12
"""Lines of each kind; the form itself shows all of them."""

_ASKS_WHY: Final = (State.RETURNED, State.REOPENED)
_PILLS: Final = {"muted": "pill"}


class Panel(QScrollArea):
    """`taken` carries a State and a comment; `opened` the key of a cell, or of the form's first."""

    taken = Signal(object, str)
    opened = Signal(object)

    def __init__(self, catalogue: Catalogue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._asked: State | None = None
        self.steps: dict[State, QPushButton] = {}
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(say("review.panel.name"))

    def show_square(self, square: Square, cells: dict[Key, Shown], steps: Sequence[State], now: datetime) -> None:
        """Tell of one form, and offer `steps`."""
        page = QWidget()
        page.setProperty("look", "surface")
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(theme.px(20), theme.px(16), theme.px(16), theme.px(16))
        self._column.setSpacing(theme.px(4))
        column = square.column
        self._say(f"{column.form.name.text(language())} · {formats.period(column.period.code)}", "small")
        self._say(square.unit.name, "section")
        role = LOOKS[square.submission.stage][1]
        pill = theme.label(stage_word(square), _PILLS.get(role, f"pill-{role}"))
        self._column.addWidget(pill, 0, Qt.AlignmentFlag.AlignLeft)
        self._tell_step(square, now)
        self._offer(square, steps)
        self._tell_findings(square)
        self._tell_changes(square, cells, now)
        self._column.addStretch(1)
        self.setWidget(page)

    def show_nothing(self) -> None:
        self.setWidget(QWidget())

    def ask(self, step: State) -> None:
        """Ask for the reason of a step; one that needs none is taken at once."""
        if step not in self.steps:
            return
        if step in _ASKS_WHY and not self.comment.text().strip():
            self._asked = step
            self.why.show()
            self.comment.setFocus()
            return
        self.taken.emit(step, self.comment.text().strip())

    def _tell_step(self, square: Square, now: datetime) -> None:
        submission = square.submission
        if square.due is not None:
            late = "review.panel.late" if square.is_late(now) else "review.panel.due"
            self._say(say(late, due=formats.moment(square.due)), "small")
        if submission.step is None:
            return
        if submission.step.reason:
            self._say(say("review.panel.refused"), "strong")
            self._say(formats.reason(submission.step.reason), "")
        if submission.status is None:
            return
        author = submission.step.author or say("review.panel.this_pc")
        self._say(say("review.panel.taken", author=author, at=formats.near(submission.step.typed_at, now)), "small")
        received = submission.step.received_at
        at = formats.near(received, now) if received else ""
        self._say(say("review.panel.received", at=at) if received else say("review.panel.to_receive"), "small")
        if received and square.due is not None and submission.stage is Stage.SUBMITTED and received > square.due:
            self._say(say("review.panel.after_due"), "small")
        if submission.status is not None and submission.status.comment:
            self._say(say("review.panel.comment", comment=submission.status.comment), "")
        if submission.step.rivals:
            self._say(say("review.panel.two_decisions"), "")
            for content in (submission.step.content, *(rival.content for rival in submission.step.rivals)):
                self._say(f"• {_decision(content)}", "small")

    def _offer(self, square: Square, steps: Sequence[State]) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.steps = {}
        for step in steps:
            button = theme.button(say(f"review.step.{step}"), "primary" if step not in _ASKS_WHY else "")
            button.setToolTip(say(f"review.step.{step}_tip"))
            button.setProperty("step", step)
            button.clicked.connect(self._pressed)
            self.steps[step] = button
            row.addWidget(button)
        self.open_form = theme.button(say("review.panel.open"), "link")
        self.open_form.setProperty("key", square.submission.key)
        self.open_form.clicked.connect(self._open)
        row.addStretch(1)
        self._column.addWidget(self.open_form, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addSpacing(theme.px(4))
        self._column.addLayout(row)
        self.comment = QLineEdit()
        self.comment.setMaxLength(MOST_COMMENT)
        self.comment.setPlaceholderText(say("review.panel.write"))
        self.comment.setAccessibleName(say("review.panel.write"))
        self.comment.returnPressed.connect(self._entered)
        self.why = theme.label(say("review.panel.why"), "pill-warning")
        self._column.addWidget(self.comment)
        self._column.addWidget(self.why, 0, Qt.AlignmentFlag.AlignLeft)
        self.comment.setVisible(bool(steps))
        self.why.hide()

    def _tell_findings(self, square: Square) -> None:
        findings, column = square.findings, square.column
        labels = {row.indicator: row.label for row in column.form.rows}
        if findings.missing:
            self._heading(say("review.panel.missing", count=len(findings.missing)))
            told = ", ".join(labels.get(item, item) for item in findings.missing[:_MOST_LINES])
            self._say(told if len(findings.missing) <= _MOST_LINES else f"{told}…", "small")
        if findings.found:
            self._heading(say("review.panel.findings"))
        for one in sorted(findings.found, key=lambda one: (not one.is_hard, one.explained))[:_MOST_LINES]:
            label = labels.get(one.item, one.item)
            if one.divided:
                sentence = say("review.finding.parts", label=label, of=one.divided.name.text(language()))
            else:
                sentence = one.rule.sentence.text(language()) if one.rule else say("review.finding.unfit", label=label)
            word = "error" if one.is_hard else "explained" if one.explained else "unexplained"
            self._say(say(f"review.finding.{word}", sentence=sentence), "")

    def _tell_changes(self, square: Square, cells: dict[Key, Shown], now: datetime) -> None:
        if square.submission.step is None or not square.submission.changed:
            return
        labels = {row.indicator: row.label for row in square.column.form.rows}
        self._heading(say("review.panel.changed", count=len(square.submission.changed)))
        for key in square.submission.changed[:_MOST_LINES]:
            shown = cells[key]
            said = say(
                "review.panel.change",
                label=labels.get(key.item, key.item),
                value=in_short(shown.content),
                author=shown.author or say("review.panel.this_pc"),
                at=formats.near(shown.typed_at, now),
            )
            self._say(said, "small")

    def _heading(self, text: str) -> None:
        self._column.addSpacing(theme.px(10))
        self._say(text, "strong")

    def _say(self, text: str, look: str) -> None:
        label = theme.label(text, look)
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._column.addWidget(label)

    @Slot()
    def _pressed(self) -> None:
        self.ask(State(self.sender().property("step")))

    @Slot()
    def _entered(self) -> None:
        if self._asked is not None:
            self.ask(self._asked)

    @Slot()
    def _open(self) -> None:
        self.opened.emit(self.sender().property("key"))


def _decision(content: str) -> str:
    return say(f"review.stage.{Status.of(content).state}")
