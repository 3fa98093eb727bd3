"""A cell's figure beside those that were reported for the periods before: a line, and their median in words."""

from collections.abc import Sequence
from decimal import Decimal
from statistics import median
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from desktop.entry.layout import periods_to
from desktop.entry.model import GridModel
from desktop.entry.reading import figure
from desktop.widgets import formats, theme
from desktop.widgets.marks import Mark, mark_colour
from desktop.widgets.words import convention, say
from sync.domain.catalogue import Indicator
from sync.domain.keys import Key
from sync.domain.numbers import format_number
from sync.domain.periods import Period

PERIODS: Final = 8
"""Periods before the cell's own: two years of quarters."""

_LEAST: Final = 3
"""Figures of which a median says anything."""

_FAR: Final = Decimal(2)
"""From how many times the median on its multiple is told."""

_HEIGHT: Final = 40
_INSET: Final = 5
"""Pixels of the line of figures, and around it, at plain text size."""


class Past(NamedTuple):
    """The figures of the periods before, oldest first, None where there was none, and the cell's own."""

    periods: tuple[Period, ...]
    numbers: tuple[Decimal | None, ...]
    now: Decimal | None

    @property
    def told(self) -> list[Decimal]:
        return [number for number in self.numbers if number is not None]


def past_of(model: GridModel, indicator: Indicator, key: Key, period: Period) -> Past:
    """What the store holds of the cell at `key`, which is of `period`, and of the periods before."""
    *before, _ = periods_to(period, PERIODS + 1)
    number = model.contents.number
    return Past(
        tuple(before),
        tuple(number(indicator, key.unit, then, key.part) for then in before),
        number(indicator, key.unit, period, key.part),
    )


def median_words(past: Past, indicator: Indicator) -> tuple[str, str] | None:
    """What the median is of, and it, with how many times of it the figure is where that is far; None of too few."""
    told = past.told
    if len(told) < _LEAST:
        return None
    middle = Decimal(median(told))
    words = figure(middle, indicator)
    if past.now is not None and middle > 0 and past.now >= _FAR * middle:
        times = format_number(past.now / middle, convention(), 1)
        words = say("entry.card.times", value=words, times=times)
    return say("entry.card.median", count=len(told)), words


class Spark(QWidget):
    """The line of a cell's past, its own figure as a dot at the end, in the colour of what is wrong with it, and what
    it is to reach as a broken line each."""

    def __init__(
        self,
        past: Past,
        indicator: Indicator,
        wrong: Mark | None = None,
        targets: Sequence[Decimal] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._numbers: Sequence[Decimal | None] = (*past.numbers, past.now)
        self._targets = targets
        self._wrong = wrong
        pairs = zip(past.periods, past.numbers, strict=True)
        told = [f"{formats.period(then.code)}: {figure(it, indicator)}" for then, it in pairs if it is not None]
        told += [f"{say('entry.card.target')}: {figure(target, indicator)}" for target in targets]
        self.setAccessibleName(say("entry.card.past", figures=" · ".join(told)))
        self.setToolTip("\n".join(told))
        self.setFixedHeight(theme.px(_HEIGHT))

    def sizeHint(self) -> QSize:
        return QSize(theme.px(200), theme.px(_HEIGHT))

    def points(self) -> list[QPointF | None]:
        """Where each figure stands, None where there is none."""
        inset, steps = theme.px(_INSET), len(self._numbers) - 1
        wide = self.width() - 2 * inset
        return [
            None if number is None else QPointF(inset + wide * place / steps, self._height_of(number))
            for place, number in enumerate(self._numbers)
        ]

    def _height_of(self, number: Decimal) -> float:
        told = [*(each for each in self._numbers if each is not None), *self._targets]
        low, high, inset = min(told), max(told), theme.px(_INSET)
        return inset + (self.height() - 2 * inset) * (0.5 if high == low else 1 - float((number - low) / (high - low)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, shown = QPainter(self), theme.roles()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(shown.muted, theme.px(1), Qt.PenStyle.DashLine))
        for target in self._targets:
            painter.drawLine(QPointF(0, self._height_of(target)), QPointF(self.width(), self._height_of(target)))
        *before, last = self.points()
        painter.setPen(QPen(shown.accent, theme.px(2), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        # A period without a figure leaves a gap: nothing is made up for it.
        run: list[QPointF] = []
        for point in (*before, None):
            if point is not None:
                run.append(point)
            elif run:
                painter.drawPolyline(QPolygonF(run)) if len(run) > 1 else painter.drawPoint(run[0])
                run = []
        if last is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(mark_colour(self._wrong) if self._wrong else shown.accent)
            painter.drawEllipse(last, theme.px(4), theme.px(4))
