"""Marks in cells: the stamped one looks as the drawn one does, in the theme that is shown."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from desktop.widgets import theme
from desktop.widgets.marks import Mark, draw_mark, mark_colour, stamp_mark


def painted(draw: Callable[[QPainter, QPointF, Mark], None], mark: Mark) -> QImage:
    image = QImage(40, 40, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor("white"))
    painter = QPainter(image)
    draw(painter, QPointF(20, 20), mark)
    painter.end()
    return image


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("mark", [Mark.SAVED, Mark.SENT, Mark.RECEIVED, Mark.PARKED, Mark.CONFLICT])
def test_a_stamped_mark_is_the_drawn_one(qapp: QApplication, look: str, mark: Mark) -> None:
    theme.apply(qapp, look, 100)
    drawn, stamped = painted(draw_mark, mark), painted(stamp_mark, mark)
    assert drawn != painted(lambda *_: None, mark)
    pixels = [(x, y) for x in range(40) for y in range(40)]
    colours = [(drawn.pixelColor(*at), stamped.pixelColor(*at)) for at in pixels]
    assert max(abs(a.lightness() - b.lightness()) for a, b in colours) <= 3
    if mark in (Mark.RECEIVED, Mark.PARKED, Mark.CONFLICT):
        assert stamped.pixelColor(20, 20) == mark_colour(mark)
