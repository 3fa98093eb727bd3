"""The card of one cell: value and what is wrong with it, how far it has come, history, meaning."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.entry.composer import of_form
from desktop.entry.explaining import told
from desktop.entry.faces import computed_text
from desktop.entry.lines import Line
from desktop.entry.model import GridModel
from desktop.entry.reading import figure, shown_text
from desktop.entry.spark import Spark, median_words, past_of
from desktop.widgets import formats, theme
from desktop.widgets.marks import Mark, MarkView
from desktop.widgets.thread import Thread
from desktop.widgets.words import language, say
from sync.analysis.rollup import Standing, standing
from sync.domain.authors import name_of
from sync.domain.catalogue import Indicator
from sync.domain.keys import Key
from sync.domain.periods import Period
from sync.domain.targets import Reached, Target
from sync.domain.values import Value
from sync.store import CellState, Entry, Shown, Store
from sync.store.submissions import remark_on

_GRADES = ("verified", "verified_secondary", "proposed")
_HISTORY = 8
"""Lines of history shown; the log keeps all of them."""


class Card(QScrollArea):
    """Follows the current cell. `retry` asks to store again what could not be stored, `withdrawn` to take back the
    comment of a key, `about_form` to write of the whole form."""

    retry = Signal()
    take = Signal()
    withdrawn = Signal(object)
    about_form = Signal()

    def __init__(self, store: Store, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._clock = store, clock
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(say("entry.card.name"))

    def show_cell(self, model: GridModel, row: int, column: int) -> None:
        """Tell all about one cell of the grid."""
        line, key = model.lines[row], model.key(row, column)
        if line.indicator is None:
            return
        period = model.layout.columns[column].period
        page = _Page()
        if key is None and not model.layout.is_total(row, column):
            return
        if key is None:
            _total(page, model, row, column)
            self.setWidget(page.done())
            return
        page.small(_where(model, line, key, period))
        page.add(theme.label(line.indicator.name.text(language()), "section"))
        unit = line.indicator.unit_of_measure.name.text(language())
        if not line.typed:
            page.figure(computed_text(model, line.indicator, key.unit, period) or "—", unit)
            page.small(say("entry.card.computed"))
            self._comparison(page, model, line.indicator, key, period)
            self._thread(page, model, key)
        else:
            shown, value = model.contents.shown(key), model.contents.value(key)
            _value(page, value, line, unit)
            held = model.rights.held(key)
            if held is not None:
                page.note("note-plain", say(f"entry.held.{held}.title"), say(f"entry.held.{held}.text"))
            self._returned(page, model, key)
            self._wrongs(page, model, key, line.indicator)
            if value.note:
                page.heading(say("entry.explain.heading"))
                page.add(theme.label(value.note))
            if model.taking_key(row, column) == key:
                self._below(page, model, key, value)
            self._comparison(page, model, line.indicator, key, period)
            self._thread(page, model, key)
            self._trail(page, shown, key in model.contents.unsaved)
            self._history(page, key, line.indicator)
        _meaning(page, model, line.indicator)
        self.setWidget(page.done())

    def show_nothing(self) -> None:
        """No cell is current."""
        self.setWidget(_Page().done())

    def _returned(self, page: "_Page", model: GridModel, key: Key) -> None:
        """Why the cell came back with its form, and whether it was changed since."""
        found = remark_on(self._store, model.form.key, key)
        if found is not None:
            step, remark = found
            word = "mended" if remark.is_mended else "to_mend"
            who = say("entry.returned.by", author=_who(step.author), at=formats.near(step.typed_at, self._clock()))
            text = "\n".join((remark.why, who, say(f"entry.returned.{word}_text")))
            page.note("note-good" if remark.is_mended else "note-warning", say(f"entry.returned.{word}"), text)

    def _wrongs(self, page: "_Page", model: GridModel, key: Key, indicator: Indicator) -> None:
        waiting = model.contents.unsaved.get(key)
        if waiting is not None:
            code = waiting.fault.code
            text = f"{say(f'errors.{code}.text')} {say(f'errors.{code}.way_out')}"
            page.note("note-bad", say("entry.unsaved.title"), text)
            again = theme.button(say("entry.unsaved.retry"), "link")
            again.clicked.connect(self.retry)
            page.link(again)
        note = model.contents.value(key).note
        for wrong in model.wrongs(key):
            page.note(*told(wrong, note))
        shown = model.contents.shown(key)
        if shown is None:
            return
        if shown.rivals:
            lines = [self._version(indicator, shown.content, shown.author, shown.typed_at)]
            lines += [self._version(indicator, rival.content, rival.author, rival.typed_at) for rival in shown.rivals]
            page.note(
                "note-conflict",
                say("entry.conflict.title"),
                "\n".join([*lines, say("entry.conflict.way_out")]),
            )
        if shown.state is CellState.PARKED:
            why = [formats.reason(shown.reason), say("entry.parked.text")]
            page.note("note-warning", say("entry.parked.title"), "\n".join(why))

    def _below(self, page: "_Page", model: GridModel, key: Key, value: Value) -> None:
        """What the villages come to, beside a cell that takes it, or who is missing."""
        total, indicator = model.total_of(key.item, key.period), model.indicators[key.item]
        words = model.total_words
        page.pairs([(words.heading(sums=True), words.short(total, indicator))])
        if total is None:
            return
        for sentence in model.gaps(total):
            page.small(sentence)
        if not total.value.is_empty and standing(value, total) not in (Standing.TAKEN, Standing.OWN):
            button = theme.button(say("entry.take.one", total=shown_text(total.value, indicator)), "link")
            button.clicked.connect(self.take)
            page.link(button)

    def _version(self, indicator: Indicator, content: str, author: str, at: datetime) -> str:
        value = shown_text(Value.of(content), indicator) or say("entry.card.empty")
        return say("entry.conflict.version", value=value, author=_who(author), at=formats.near(at, self._clock()))

    def _comparison(self, page: "_Page", model: GridModel, indicator: Indicator, key: Key, period: Period) -> None:
        now = model.contents.number(indicator, key.unit, period, key.part)
        before, last_year = period.previous, period.same_period_last_year
        pairs = [
            (say("entry.card.before"), before),
            (say("entry.card.last_year", year=last_year.year), last_year),
        ]
        told = [(word, _compared(model, indicator, key, then, now)) for word, then in pairs]
        past = past_of(model, indicator, key, period)
        found = median_words(past, indicator)
        page.pairs([*told, found] if found else told)
        wanted = model.targets.of(key, period)
        if len(past.told) > 1:
            wrongs = model.wrongs(key)
            page.add(Spark(past, indicator, wrongs[0].mark if wrongs else None, [one.target.number for one in wanted]))
        for target, task in wanted:
            page.pairs([(say("entry.card.target"), _aimed(target, indicator, period, now))])
            day = task.due_date
            due = say("entry.card.due", day=formats.day(day)) if day else say("entry.card.no_due")
            page.small(say("entry.card.of_task", task=task.content, due=due))

    def _thread(self, page: "_Page", model: GridModel, key: Key) -> None:
        """What was said of the cell, and of its unit's whole form."""
        for on, word in ((key, "cell"), (of_form(model, key), "form")):
            page.heading(say(f"entry.comment.of_{word}"))
            comments, unsaved = model.comments.thread(on), model.comments.unsaved(on).values()
            nothing = say(f"entry.comment.none_of_{word}")
            thread = Thread(comments, model.writer.author, self._clock(), nothing, unsaved)
            thread.withdrawn.connect(self.withdrawn)
            page.add(thread)
        about_form = theme.button(say("entry.comment.about_form"), "link")
        about_form.clicked.connect(self.about_form)
        page.link(about_form)

    def _trail(self, page: "_Page", shown: Shown | None, unsaved: bool) -> None:
        page.heading(say("entry.card.state"))
        if unsaved:
            page.step(None, say("entry.unsaved.word"))
            return
        if shown is None:
            page.step(None, say("entry.trail.nothing"))
            return
        now, state = self._clock(), shown.state
        # What the centre has may have been typed on another PC.
        word = "entry.trail.saved" if state in (CellState.SAVED, CellState.SENT) else "entry.trail.arrived"
        typed = say(word, at=formats.near(shown.typed_at, now), author=_who(shown.author))
        page.step(Mark.RECEIVED, typed)
        sent = state in (CellState.SENT, CellState.RECEIVED)
        page.step(Mark.RECEIVED if sent else Mark.SAVED, say("entry.trail.sent" if sent else "entry.trail.to_send"))
        if state is CellState.RECEIVED and shown.received_at is not None:
            page.step(Mark.RECEIVED, say("entry.trail.received", at=formats.near(shown.received_at, now)))
        else:
            page.step(Mark.SAVED, say("entry.trail.to_receive"))

    def _history(self, page: "_Page", key: Key, indicator: Indicator) -> None:
        entries = self._store.history(key)
        if not entries:
            return
        page.heading(say("entry.card.history"))
        for entry in entries[:_HISTORY]:
            page.small(self._told(entry, indicator))
        if len(entries) > _HISTORY:
            page.small(say("entry.card.more", count=len(entries) - _HISTORY))

    def _told(self, entry: Entry, indicator: Indicator) -> str:
        value = shown_text(Value.of(entry.content), indicator)
        at = formats.near(entry.typed_at, self._clock())
        if not value:
            return say("entry.history.cleared", at=at, author=_who(entry.author))
        note = Value.of(entry.content).note
        if note:
            return say("entry.history.explained", at=at, author=_who(entry.author), value=value, why=note)
        return say("entry.history.typed", at=at, author=_who(entry.author), value=value)


class _Page:
    """The card's content, built from top to bottom."""

    def __init__(self) -> None:
        self._content = QWidget()
        self._content.setProperty("look", "surface")
        self._layout = QVBoxLayout(self._content)
        self._layout.setContentsMargins(theme.px(20), theme.px(16), theme.px(16), theme.px(16))
        self._layout.setSpacing(theme.px(4))

    def done(self) -> QWidget:
        self._layout.addStretch(1)
        return self._content

    def add(self, widget: QWidget) -> None:
        if isinstance(widget, QLabel):
            widget.setWordWrap(True)
            widget.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._layout.addWidget(widget)

    def link(self, button: QPushButton) -> None:
        self._layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def small(self, text: str) -> None:
        self.add(theme.label(text, "small"))

    def heading(self, text: str) -> None:
        self._layout.addSpacing(theme.px(10))
        self.small(text)

    def figure(self, text: str, unit: str) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(theme.label(text, "figure"))
        row.addWidget(theme.label(unit, "muted"), 1, Qt.AlignmentFlag.AlignBottom)
        self._layout.addLayout(row)

    def note(self, look: str, title: str, text: str) -> None:
        frame = QFrame()
        frame.setProperty("look", look)
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        inside.setSpacing(theme.px(2))
        for part, part_look in ((title, "small-strong"), (text, "small")):
            if part:
                label = theme.label(part, part_look)
                label.setWordWrap(True)
                inside.addWidget(label)
        self._layout.addSpacing(theme.px(4))
        self._layout.addWidget(frame)

    def pairs(self, pairs: list[tuple[str, str]]) -> None:
        self._layout.addSpacing(theme.px(8))
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(4))
        for row, (word, figure_text) in enumerate(pairs):
            grid.addWidget(theme.label(word, "muted"), row, 0)
            text = theme.label(figure_text)
            text.setWordWrap(True)
            grid.addWidget(text, row, 1)
        self._layout.addLayout(grid)

    def step(self, mark: Mark | None, text: str) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        if mark is not None:
            dot = MarkView(mark)
            dot.setToolTip("")
            dot.setAccessibleName("")  # the words beside it say it
            dot.setFixedSize(theme.px(12), QFontMetrics(theme.font()).height())
            row.addWidget(dot, 0, Qt.AlignmentFlag.AlignTop)
        label = theme.label(text)
        label.setWordWrap(True)
        row.addWidget(label, 1)
        self._layout.addLayout(row)


def _total(page: _Page, model: GridModel, row: int, column: int) -> None:
    """What villages come to, or who is missing and why."""
    indicator, total, shown_in = model.lines[row].indicator, model.total(row, column), model.layout.columns[column]
    assert indicator is not None
    whole = model.line_title(row) if model.lines[row].total else model.heading(column)
    label = model.lines[row].label
    page.small(" · ".join(part for part in (label, whole, formats.period(shown_in.code)) if part))
    page.add(theme.label(indicator.name.text(language()), "section"))
    if total is not None and total.value.number is not None:
        page.figure(shown_text(total.value, indicator), indicator.unit_of_measure.name.text(language()))
        if total.gaps:
            page.small(model.total_words.lacking(total))
    else:
        page.add(theme.label(model.total_words.short(total, indicator), "strong"))
    for sentence in model.gaps(total) if total is not None else ():
        page.small(sentence)
    page.small(say("entry.card.total" if total is None or total.summed else "entry.card.not_summed"))
    before = model.total_of(indicator.key, shown_in.before_code)
    if before is not None and before.value.number is not None:
        page.pairs([(say("entry.card.before"), figure(before.value.number, indicator))])
    _meaning(page, model, indicator)


def _where(model: GridModel, line: Line, key: Key, period: Period) -> str:
    unit = model.unit_name(key.unit) or say("entry.grid.own_unit")
    member = model.layout.parts[key.part].text(language()) if key.part else ""
    return " · ".join(part for part in (line.label, member, unit, formats.period(period.code)) if part)


def _value(page: _Page, value: Value, line: Line, unit: str) -> None:
    assert line.indicator is not None
    if value.missing is not None:
        page.add(theme.label(say(f"entry.missing.{value.missing}.long"), "strong"))
    elif value.is_empty:
        page.add(theme.label(say("entry.card.empty"), "muted"))
    elif line.numeric:
        page.figure(shown_text(value, line.indicator), unit)
    else:
        page.add(theme.label(value.text or "", "strong"))


def _compared(model: GridModel, indicator: Indicator, key: Key, period: Period, now: Decimal | None) -> str:
    then = model.contents.number(indicator, key.unit, period, key.part)
    if then is None:
        return "—"
    if now is None:
        return figure(then, indicator)
    change = now - then
    if not change:
        return say("entry.card.unchanged", value=figure(then, indicator))
    sign = "+" if change > 0 else "−"
    return say("entry.card.changed", value=figure(then, indicator), change=sign + figure(abs(change), indicator))


def _aimed(target: Target, indicator: Indicator, period: Period, now: Decimal | None) -> str:
    percent = Reached(target, period, now).percent
    if percent is None:
        return figure(target.number, indicator)
    return say("entry.card.reached", target=figure(target.number, indicator), percent=percent)


def _meaning(page: _Page, model: GridModel, indicator: Indicator) -> None:
    source = model.sources.get(indicator.source)
    texts = (
        (say("entry.card.definition"), indicator.definition.text(language())),
        (say("entry.card.source"), source.name.text(language()) if source else indicator.source),
        (say("entry.card.confidence"), _confidence(indicator.confidence)),
    )
    for word, text in texts:
        if text:
            page.heading(word)
            page.small(text)


def _confidence(written: str) -> str:
    """The catalogue's grade in words; what it adds behind a colon is for who maintains the catalogue."""
    grade = written.partition(":")[0].split(" ")[0].lower().replace("-", "_")
    return say(f"entry.confidence.{grade}") if grade in _GRADES else written


def _who(author: str) -> str:
    return name_of(author) or say("entry.card.this_device")
