"""Indicators of a task: chosen with their targets when it is given, and shown with how far each is."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from desktop.tasks.history import wrapped
from desktop.widgets import formats, theme
from desktop.widgets.words import convention, language, say
from sync.domain.catalogue import NUMBERS, Catalogue, Indicator
from sync.domain.numbers import NumberError, parse_number
from sync.domain.periods import Period, period_of
from sync.domain.targets import Reached, Target
from sync.domain.units import UnitKind

MOST: Final = 5
"""Indicators that can be chosen in the form; a task may have more."""


def choosable(catalogue: Catalogue, kinds: frozenset[UnitKind]) -> list[Indicator]:
    """The indicators whose numbers are typed by units of these kinds."""
    return [
        indicator
        for indicator in catalogue.indicators.values()
        if indicator.type in NUMBERS and not indicator.is_computed and indicator.unit_kinds & kinds
    ]


def indicator_name(indicator: Indicator) -> str:
    """An indicator by its code and name."""
    return f"{indicator.code} {indicator.name.text(language())}".strip()


class TargetsEditor(QWidget):
    """Lines of an indicator and its target; another line comes when it is asked for. `edited` with every change."""

    edited = Signal()

    def __init__(self, indicators: Sequence[Indicator], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._indicators = indicators
        self.lines: list[tuple[QComboBox, QLineEdit]] = []
        self.more = theme.button(say("tasks.target.more"), "link")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.px(8))
        self._grid.setVerticalSpacing(theme.px(4))
        self._grid.setColumnStretch(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addLayout(self._grid)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.more.clicked.connect(self.add)
        self.add()

    @Slot()
    def add(self) -> None:
        """One line more."""
        box, number = QComboBox(), QLineEdit()
        box.addItem(say("tasks.target.none"), "")
        for indicator in self._indicators:
            box.addItem(indicator_name(indicator), indicator.key)
        box.setAccessibleName(say("tasks.target.indicator"))
        box.setMinimumContentsLength(12)
        box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        number.setAccessibleName(say("tasks.target.number"))
        number.setPlaceholderText(say("tasks.target.number"))
        number.setFixedWidth(theme.px(110))
        row = len(self.lines)
        self._grid.addWidget(box, row, 0)
        self._grid.addWidget(number, row, 1)
        self.lines.append((box, number))
        self.more.setVisible(len(self.lines) < MOST)
        box.activated.connect(self.edited)
        number.textEdited.connect(self.edited)

    def typed(self) -> list[tuple[str, str]]:
        """What stands in the lines: an indicator's key and a number's text."""
        return [(str(box.currentData() or ""), number.text()) for box, number in self.lines]

    def show_typed(self, typed: Sequence[Sequence[str]]) -> None:
        """Show these lines."""
        for place, (indicator, text) in enumerate(typed[:MOST]):
            if place == len(self.lines):
                self.add()
            box, number = self.lines[place]
            box.setCurrentIndex(max(0, box.findData(indicator)))
            number.setText(text)

    def targets(self) -> tuple[Target, ...]:
        """The targets; lines that are empty are none. Raises ValueError with the sentence that says what is wrong."""
        found: dict[str, Target] = {}
        for indicator, text in self.typed():
            if not indicator and not text.strip():
                continue
            if not indicator:
                raise ValueError(say("tasks.target.no_indicator"))
            try:
                number = parse_number(text, convention())
            except NumberError:
                number = None
            if number is None or number <= 0:
                raise ValueError(say("tasks.target.no_number"))
            if indicator in found:
                raise ValueError(say("tasks.target.twice"))
            found[indicator] = Target(indicator, number)
        return tuple(found.values())


class TargetView(QFrame):
    """How far one indicator is. `opened` carries its key and the period to type the figure in."""

    opened = Signal(str, str)

    def __init__(self, reached: Reached, indicator: Indicator | None, today: date) -> None:
        super().__init__()
        self.setProperty("look", "line")
        self.item = reached.target.indicator
        period = _current(indicator, today) or reached.period
        self.period = period.code if period else ""
        target = formats.number(reached.target.number)
        if reached.number is None or reached.period is None:
            said, percent = say("tasks.target.nothing", target=target), ""
        else:
            said = say(
                "tasks.target.reached",
                number=formats.number(reached.number),
                target=target,
                period=formats.period(reached.period.code),
            )
            percent = say("tasks.page.percent", percent=reached.percent)
        name = wrapped(theme.label(indicator_name(indicator) if indicator else self.item))
        head = QHBoxLayout()
        head.setSpacing(theme.px(8))
        head.addWidget(name, 1)
        if percent:
            head.addWidget(theme.label(percent, "pill-accent"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(6), 0, theme.px(6))
        column.setSpacing(theme.px(2))
        column.addLayout(head)
        under = QHBoxLayout()
        under.addWidget(wrapped(theme.label(said, "small")), 1)
        if self.period:
            link = theme.button(say("tasks.target.open"), "link")
            link.setAccessibleName(say("tasks.target.open_name", name=name.text()))
            link.clicked.connect(self._open)
            under.addWidget(link)
        column.addLayout(under)

    @Slot()
    def _open(self) -> None:
        self.opened.emit(self.item, self.period)


def _current(indicator: Indicator | None, today: date) -> Period | None:
    return period_of(today, indicator.regime, indicator.frequency) if indicator else None


def target_views(found: Sequence[Reached], indicators: Mapping[str, Indicator], today: date) -> list[TargetView]:
    """A view of each target."""
    return [TargetView(one, indicators.get(one.target.indicator), today) for one in found]
