"""The inner widget of a scrolling view, made here instead of by Qt, and its ground."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from desktop.widgets import theme


def give_viewport(view: QAbstractScrollArea, ground: QPalette.ColorRole, tracks_mouse: bool) -> None:
    """Give `view` a viewport with all that Qt gives its own, which only the caller knows.

    Of a plain widget that Qt made, PySide loads every kind of widget there is to find out which kind it is, as soon
    as it is asked for: a tenth of a start.
    """
    made = QWidget()
    made.setAutoFillBackground(True)
    made.setBackgroundRole(ground)
    made.setMouseTracking(tracks_mouse)
    view.setViewport(made)


def opaque(view: QAbstractScrollArea) -> None:
    """Promise that `view` paints all of its viewport, with `fill_beyond` where no cell is.

    Then a scroll moves what is painted and only the strip that comes into sight is painted anew. A style sheet's
    ground could shine through, so Qt would paint everything at every step.
    """
    viewport = view.viewport()
    viewport.setAutoFillBackground(False)
    viewport.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)


def fill(painter: QPainter, area: QRect, colour: QColor) -> None:
    """Paint an area in one colour; the painter's background is that colour then.

    The first `fillRect` makes Qt's names of gradients, of which it takes some too: 170 of them at every start.
    """
    painter.setBackground(colour)
    painter.eraseRect(area)


def fill_beyond(view: QAbstractScrollArea, right: int, below: int) -> None:
    """Paint what lies at the right of and below the cells, in pixels of the viewport."""
    area = view.viewport().rect()
    rests = (area.adjusted(right, 0, 0, 0), area.adjusted(0, below, 0, 0))
    painter = QPainter(view.viewport())
    for rest in rests:
        if not rest.isEmpty():
            fill(painter, rest, theme.roles().surface)
    painter.end()
