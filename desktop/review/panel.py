"""What stands behind one square: where the form stands, what stands against it, what changed, and the steps to take."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.review.between import Between
from desktop.review.matrix import Square
from desktop.review.model import LOOKS, stage_word
from desktop.review.unusual import Odd
from desktop.review.ways import Ways
from desktop.widgets import formats, theme
from desktop.widgets.chips import Chips
from desktop.widgets.naming import in_short
from desktop.widgets.thread import Thread
from desktop.widgets.words import language, say
from sync.analysis.findings import Finding
from sync.domain.authors import name_of
from sync.domain.catalogue import Catalogue
from sync.domain.keys import VALUE, Key
from sync.domain.revisions import Answer
from sync.domain.values import CLEARED, Value
from sync.domain.workflow import Stage, State
from sync.store import Shown
from sync.store.comments import Comment
from sync.store.submissions import Request

MOST_COMMENT: Final = 500
_MOST_LINES: Final = 12
"""Lines of each kind; the form itself shows all of them."""

_ABOUT: Final = 10
"""From where on parts behind the comma say nothing of what was to be expected."""

_ASKS_WHY: Final = (State.RETURNED, State.REOPENED)
_ANSWERS: Final = {Answer.TAKEN: "accepted", Answer.REJECTED: "rejected"}
_PILLS: Final = {"muted": "pill"}


class Panel(QScrollArea):
    """`taken` carries a State and a comment; `chosen` the content of one of two decisions; `marked` asks to say of
    single cells why the form is returned; `opened` carries the key of a cell, or of the form's first; `said` a comment
    on the form, `withdrawn` the key of one taken back; `answered` a Request, whether it is taken, and why not."""

    taken = Signal(object, str)
    chosen = Signal(str)
    marked = Signal()
    opened = Signal(object)
    said = Signal(str)
    withdrawn = Signal(object)
    answered = Signal(object, bool, str)

    def __init__(self, catalogue: Catalogue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._asked: State | Request | None = None
        self._key: Key | None = None
        self.comment = self._line_to_write()
        self.steps: dict[State, QPushButton] = {}
        self.between: Between | None = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(say("review.panel.name"))

    def show_square(
        self,
        square: Square,
        cells: dict[Key, Shown],
        ways: Ways,
        thread: tuple[Sequence[Comment], str],
        now: datetime,
    ) -> None:
        """Tell of one form, and offer what may be done. `thread` is what was said of it, and who reads that here."""
        # The line in which somebody writes outlives what arrives, with the cursor and what can be undone in it.
        is_writing = self._key == square.submission.key and self.comment.hasFocus()
        if self._key != square.submission.key:
            self._asked = None
            self.comment.setText("")
        self._key = square.submission.key
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
        self._tell_step(square, ways, now)
        self._offer(square, ways.steps)
        self._tell_requests(square, cells, now, decides=ways.decides)
        self._tell_changes(square, cells, now)
        self._tell_findings(square, cells)
        self._odd = QVBoxLayout()
        self._odd.setSpacing(theme.px(4))
        self._column.addLayout(self._odd)
        self._tell_thread(thread, now)
        self._column.addStretch(1)
        self.setWidget(page)
        if is_writing:
            self.comment.setFocus()

    def show_nothing(self) -> None:
        self._key = self._asked = self.between = None
        self.comment.setParent(None)
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
        self.taken.emit(step, self._words())

    def forget_words(self) -> None:
        """What was written is stored."""
        self._asked = None
        self.comment.setText("")
        self.why.hide()

    def _words(self) -> str:
        return self.comment.text().strip()

    def _reject(self, request: Request) -> None:
        """Nobody is refused without a reason."""
        if not self.comment.text().strip():
            self._asked = request
            self.why.show()
            self.comment.setFocus()
            return
        self.answered.emit(request, False, self._words())

    def _tell_step(self, square: Square, ways: Ways, now: datetime) -> None:
        submission, self.between = square.submission, None
        if square.due is not None:
            late = "review.panel.late" if square.is_late(now) else "review.panel.due"
            self._say(say(late, due=formats.moment(square.due)), "small")
        if submission.step is None:
            return
        if submission.step.reason and submission.refused is None:
            self._say(say("review.panel.refused"), "strong")
            self._say(formats.reason(submission.step.reason), "")
        if submission.status is None:
            return
        author = name_of(submission.step.author) or say("review.panel.this_pc")
        self._say(say("review.panel.taken", author=author, at=formats.near(submission.step.typed_at, now)), "small")
        received = submission.step.received_at
        at = formats.near(received, now) if received else ""
        self._say(say("review.panel.received", at=at) if received else say("review.panel.to_receive"), "small")
        if received and square.due is not None and submission.stage is Stage.SUBMITTED and received > square.due:
            self._say(say("review.panel.after_due"), "small")
        if ways.between:
            self.between = Between(ways.between, now, refused=submission.refused is not None)
            self.between.chosen.connect(self.chosen)
            self._column.addSpacing(theme.px(6))
            self._column.addWidget(self.between)
            return
        if submission.status.comment:
            self._say(say("review.panel.comment", comment=submission.status.comment), "")
        for remark in ways.remarks:
            self._say(remark, "")

    def _offer(self, square: Square, steps: Sequence[State]) -> None:
        row = Chips()
        self.steps = {}
        for step in steps:
            button = theme.button(say(f"review.step.{step}"), "primary" if step not in _ASKS_WHY else "")
            button.setToolTip(say(f"review.step.{step}_tip"))
            button.setProperty("step", step)
            button.clicked.connect(self._pressed)
            self.steps[step] = button
            row.add(button)
        self.open_form = theme.button(say("review.panel.open"), "link")
        self.open_form.setProperty("key", square.submission.key)
        self.open_form.clicked.connect(self._open)
        self.mark_cells = theme.button(say("review.panel.mark"), "link")
        self.mark_cells.setToolTip(say("review.panel.mark_tip"))
        self.mark_cells.clicked.connect(self.marked)
        self._column.addWidget(self.open_form, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addWidget(self.mark_cells, 0, Qt.AlignmentFlag.AlignLeft)
        self.mark_cells.setVisible(State.RETURNED in steps)
        self._column.addSpacing(theme.px(4))
        if square.is_closed:
            self._say(say("review.panel.closed"), "")
        self._column.addWidget(row)
        self.why = theme.label(say("review.panel.why"), "pill-warning")
        self.why.setWordWrap(True)
        self.say_it = theme.button(say("review.panel.say"), "link")
        self.say_it.setToolTip(say("review.panel.say_tip"))
        self.say_it.clicked.connect(self._say_it)
        self._column.addWidget(self.comment)
        self._column.addWidget(self.why)
        self._column.addWidget(self.say_it, 0, Qt.AlignmentFlag.AlignLeft)
        self.why.setVisible(self._asked is not None)

    def _line_to_write(self) -> QLineEdit:
        line = QLineEdit()
        line.setMaxLength(MOST_COMMENT)
        line.setPlaceholderText(say("review.panel.write"))
        line.setAccessibleName(say("review.panel.write"))
        line.returnPressed.connect(self._entered)
        return line

    def _tell_requests(self, square: Square, cells: dict[Key, Shown], now: datetime, *, decides: bool) -> None:
        """What is asked to be changed of an approved form, with its answers."""
        self.answers: list[QPushButton] = []
        if not square.requests:
            return
        labels = {row.indicator: row.label for row in square.column.form.rows}
        self._heading(say("review.panel.requests", count=len(square.requests)))
        for place, request in enumerate(square.requests[:_MOST_LINES]):
            before = cells.get(request.figure)
            said = say(
                "review.panel.request",
                label=labels.get(request.figure.item, request.figure.item),
                before=in_short(before.content if before else CLEARED),
                value=in_short(request.revision.value),
                author=name_of(request.cell.author) or say("review.panel.this_pc"),
                at=formats.near(request.cell.typed_at, now),
            )
            self._say(said, "")
            for words in filter(None, (request.revision.words, request.revision.why)):
                self._say(say("review.panel.comment", comment=words), "small")
            if request.revision.answer is not Answer.OPEN:
                self._say(say(f"review.panel.{_ANSWERS[request.revision.answer]}"), "small")
            elif decides:
                row = QHBoxLayout()
                row.setSpacing(theme.px(8))
                # To take it opens the form again.
                for word in ("reject",) if square.is_closed else ("take", "reject"):
                    button = theme.button(say(f"review.panel.{word}"))
                    button.setToolTip(say(f"review.panel.{word}_tip"))
                    button.setProperty("request", place)
                    button.setProperty("takes", word == "take")
                    button.clicked.connect(self._answer)
                    self.answers.append(button)
                    row.addWidget(button)
                row.addStretch(1)
                self._column.addLayout(row)
        self._requests = square.requests

    def _tell_thread(self, thread: tuple[Sequence[Comment], str], now: datetime) -> None:
        self._heading(say("review.panel.thread"))
        comments, author = thread
        said = Thread(comments, author, now, say("review.panel.nothing_said"))
        said.withdrawn.connect(self.withdrawn)
        self._column.addWidget(said)

    def show_unusual(self, square: Square, odd: Sequence[Odd]) -> None:
        """Tell in its place which figures are unusual, where this form is still shown."""
        if not odd or self._key != square.submission.key or self._odd.count():
            return
        labels = {row.indicator: row.label for row in square.column.form.rows}
        self._odd.addSpacing(theme.px(10))
        self._odd.addWidget(_line(say("review.panel.unusual"), "strong"))
        for one in odd[:_MOST_LINES]:
            outlier = one.outlier
            said = say(
                f"review.unusual.{outlier.against}_{'high' if outlier.is_high else 'low'}",
                label=labels.get(one.item, one.item),
                number=formats.number(one.number),
                median=formats.number(_about(outlier.median)),
                count=outlier.among,
            )
            self._odd.addWidget(_line(said, ""))
            if one.note:
                self._odd.addWidget(_line(say("review.panel.comment", comment=one.note), "small"))

    def _tell_findings(self, square: Square, cells: dict[Key, Shown]) -> None:
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
            for note in _notes(one, square, cells):
                self._say(say("review.panel.comment", comment=note), "small")

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
                author=name_of(shown.author) or say("review.panel.this_pc"),
                at=formats.near(shown.typed_at, now),
            )
            self._say(said, "small")

    def _heading(self, text: str) -> None:
        self._column.addSpacing(theme.px(10))
        self._say(text, "strong")

    def _say(self, text: str, look: str) -> None:
        self._column.addWidget(_line(text, look))

    @Slot()
    def _pressed(self) -> None:
        self.ask(State(self.sender().property("step")))

    @Slot()
    def _entered(self) -> None:
        if isinstance(self._asked, Request):
            self._reject(self._asked)
        elif self._asked is not None:
            self.ask(self._asked)
        else:
            self._say_it()

    @Slot()
    def _say_it(self) -> None:
        """Send what was written as a comment on the form."""
        if self.comment.text().strip():
            self.said.emit(self._words())

    @Slot()
    def _answer(self) -> None:
        button = self.sender()
        request = self._requests[button.property("request")]
        if button.property("takes"):
            self.answered.emit(request, True, self._words())
        else:
            self._reject(request)

    @Slot()
    def _open(self) -> None:
        self.opened.emit(self.sender().property("key"))


def _line(text: str, look: str) -> QLabel:
    label = theme.label(text, look)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return label


def _about(median: Decimal) -> Decimal:
    """What was to be expected, with no more digits than it means."""
    return Decimal(round(median)) if abs(median) >= _ABOUT else round(median, 1)


def _notes(finding: Finding, square: Square, cells: dict[Key, Shown]) -> list[str]:
    """What was said to explain what fails, at any of the figures that it marks."""
    if not finding.explained:
        return []
    items = finding.rule.marks if finding.rule else (finding.item,)
    unit, period = square.unit.key, square.column.period.code
    told = (cells.get(Key(VALUE, unit, item, period)) for item in items)
    return [note for cell in told if cell is not None and (note := Value.of(cell.content).note)]
