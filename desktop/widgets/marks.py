"""The marks of a cell: what became of its value, and what is wrong with it. Each has its word."""

from enum import StrEnum
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

from desktop.widgets import theme
from desktop.widgets.words import say


class Mark(StrEnum):
    """Shape and colour together: three kinds of dot; square; diamond; filled and hollow triangle; roof up and down."""

    SAVED = "saved"
    SENT = "sent"
    RECEIVED = "received"
    PARKED = "parked"
    CONFLICT = "conflict"
    ERROR = "error"
    WARNING = "warning"
    EXPLAINED = "explained"
    HIGH = "high"
    LOW = "low"


DOT = 7
"""Pixels across a dot at plain text size."""


def mark_word(mark: Mark) -> str:
    """What the mark means, for the cell's card and its accessible name."""
    return say(f"widgets.mark.{mark}")


def mark_colour(mark: Mark) -> QColor:
    """The role's colour in which the mark and its word are shown."""
    found: QColor = getattr(theme.roles(), _COLOURS[mark])
    return found


_COLOURS: Final = {
    Mark.SAVED: "received",
    Mark.SENT: "received",
    Mark.RECEIVED: "received",
    Mark.PARKED: "warning",
    Mark.CONFLICT: "conflict",
    Mark.ERROR: "bad",
    Mark.WARNING: "warning",
    Mark.EXPLAINED: "muted",
    Mark.HIGH: "warning",
    Mark.LOW: "warning",
}


def draw_mark(painter: QPainter, centre: QPointF, mark: Mark) -> None:
    """Draw a mark about `centre`. For a triangle in a cell's corner see `draw_corner`."""
    colour, radius = mark_colour(mark), theme.px(DOT) / 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, max(1.2, theme.px(DOT) / 6)))
    filled = mark not in (Mark.SAVED, Mark.SENT)
    # A colour is set as it is: a brush made of it would make Qt's names of gradients known, 170 of them.
    painter.setBrush(colour if filled else Qt.BrushStyle.NoBrush)
    x, y = centre.x(), centre.y()
    if mark in (Mark.SAVED, Mark.SENT, Mark.RECEIVED):
        painter.drawEllipse(centre, radius - 0.5, radius - 0.5)
        if mark is Mark.SENT:
            painter.setBrush(colour)
            painter.drawPie(QRectF(x - radius, y - radius, 2 * radius, 2 * radius), 90 * 16, 180 * 16)
    elif mark is Mark.CONFLICT:
        wide = radius * 1.45
        _polygon(painter, (x, y - wide), (x + wide, y), (x, y + wide), (x - wide, y))
    elif mark is Mark.PARKED:
        painter.drawRect(QRectF(x - radius + 0.5, y - radius + 0.5, 2 * radius - 1, 2 * radius - 1))
    elif mark in (Mark.HIGH, Mark.LOW):
        _roof(painter, x, y, radius * 1.2, mark)
    else:
        if mark is Mark.EXPLAINED:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        _polygon(painter, (x, y - radius), (x + radius, y + radius), (x - radius, y + radius))
    painter.restore()


def stamp_mark(painter: QPainter, centre: QPointF, mark: Mark) -> None:
    """Draw a mark on the screen as `draw_mark` does, of a picture that was drawn once: a grid shows hundreds."""
    ratio = painter.device().devicePixelRatioF()
    picture, half = _picture(mark, mark_colour(mark).rgba(), theme.px(DOT), ratio)
    painter.drawPixmap(
        QPointF(round((centre.x() - half) * ratio) / ratio, round((centre.y() - half) * ratio) / ratio), picture
    )


@lru_cache(maxsize=64)
def _picture(mark: Mark, _colour: int, across: int, ratio: float) -> tuple[QPixmap, float]:
    """The mark drawn, and half its width."""
    side = 2 * across
    picture = QPixmap(round(side * ratio), round(side * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    draw_mark(painter, QPointF(side / 2, side / 2), mark)
    painter.end()
    return picture, picture.deviceIndependentSize().width() / 2


def draw_corner(painter: QPainter, cell: QRectF, mark: Mark) -> None:
    """Draw what is said against a cell in its upper right corner.

    A rule's triangle is filled, EXPLAINED hollow; HIGH and LOW are a roof that points where the figure went.
    """
    side = theme.px(9)
    painter.save()
    right, top = cell.right(), cell.top()
    if mark in (Mark.HIGH, Mark.LOW):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _roof(painter, right - theme.px(8), top + theme.px(7), theme.px(4), mark)
        painter.restore()
        return
    if mark is Mark.EXPLAINED:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(mark_colour(mark), max(1.2, theme.px(DOT) / 6)))
        right, top, side = right - 1.5, top + 1.5, side - 1
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mark_colour(mark))
    _polygon(painter, (right - side, top), (right, top), (right, top + side))
    painter.restore()


def draw_bubble(painter: QPainter, cell: QRectF) -> None:
    """Draw the bubble of a cell with comments in the cell's lower right corner, below its figure."""
    wide, high = theme.px(9), theme.px(5)
    left, top = cell.right() - wide - theme.px(3), cell.bottom() - high - theme.px(5)
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.roles().accent)
    tail = left + wide / 2
    _polygon(
        painter,
        (left, top),
        (left + wide, top),
        (left + wide, top + high),
        (tail, top + high),
        (left + theme.px(2), top + high + theme.px(3)),
        (left + theme.px(2), top + high),
        (left, top + high),
    )
    painter.restore()


def _roof(painter: QPainter, x: float, y: float, half: float, mark: Mark) -> None:
    """Two strokes about a point that meet above it, for HIGH, or below it."""
    ridge, eaves = (y - half / 2, y + half / 2) if mark is Mark.HIGH else (y + half / 2, y - half / 2)
    painter.setPen(QPen(mark_colour(mark), theme.px(2), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPolyline(QPolygonF([QPointF(x - half, eaves), QPointF(x, ridge), QPointF(x + half, eaves)]))


def _polygon(painter: QPainter, *points: tuple[float, float]) -> None:
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))


class MarkView(QWidget):
    """One mark as a widget, for lists and cards."""

    def __init__(self, mark: Mark, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = mark
        self.setFixedSize(theme.px(12), theme.px(12))
        self.setAccessibleName(mark_word(mark))
        self.setToolTip(mark_word(mark))

    def sizeHint(self) -> QSize:
        return QSize(theme.px(12), theme.px(12))

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_mark(QPainter(self), QRectF(self.rect()).center(), self._mark)
