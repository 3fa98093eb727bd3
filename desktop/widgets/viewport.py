"""The inner widget of a scrolling view, made here instead of by Qt."""

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractScrollArea, QWidget


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
