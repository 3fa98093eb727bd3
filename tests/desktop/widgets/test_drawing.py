"""Figures stand in columns, marks differ by shape and not only by colour, icons take the colour they are given."""

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from desktop.widgets import icons, theme, words
from desktop.widgets.figures import draw_figures, figures_width
from desktop.widgets.marks import Mark, draw_corner, draw_mark, mark_word
from desktop.widgets.resources import ROOT


def drawn(mark: Mark) -> QImage:
    """The mark's shape in black, whatever its colour."""
    image = QImage(24, 24, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    draw_mark(painter, QPointF(12, 12), mark)
    painter.end()
    return image.convertToFormat(QImage.Format.Format_Alpha8)


def test_every_mark_has_a_shape_of_its_own(qapp: QApplication) -> None:
    shapes = {mark: bytes(drawn(mark).constBits()) for mark in Mark if mark is not Mark.WARNING}
    assert len(set(shapes.values())) == len(shapes)
    assert all(any(shape) for shape in shapes.values())


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_mark_has_a_word(language: str) -> None:
    words.set_language(language)
    said = [mark_word(mark) for mark in Mark]
    assert len(set(said)) == len(said)


def test_a_rule_marks_the_upper_right_corner(qapp: QApplication) -> None:
    image = QImage(60, 34, QImage.Format.Format_ARGB32)
    image.fill(theme.roles().surface)
    painter = QPainter(image)
    draw_corner(painter, QRectF(0, 0, 60, 34), Mark.ERROR)
    painter.end()
    assert image.pixelColor(57, 1) == theme.roles().bad
    assert image.pixelColor(40, 20) == theme.roles().surface


@pytest.mark.parametrize("strong", [False, True])
def test_all_digits_are_equally_wide(strong: bool) -> None:
    font = theme.font(strong=strong)
    assert len({round(figures_width(digit * 4, font), 3) for digit in "0123456789"}) == 1
    assert figures_width("1.187", font) > figures_width("1187", font)


def test_figures_end_at_the_right_and_words_are_shortened(qapp: QApplication) -> None:
    for text in ("1.111", "1.234.567.890.123", "không thu thập được ở thôn này"):
        image = QImage(80, 34, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        draw_figures(painter, QRectF(10, 0, 60, 34), text, theme.font())
        painter.end()
        inked = [x for x in range(80) for y in range(34) if image.pixelColor(x, y) != QColor("white")]
        assert inked
        assert min(inked) >= 9
        assert 60 <= max(inked) <= 71


def test_every_shipped_icon_is_drawn_in_the_colour_asked_for(qapp: QApplication) -> None:
    files = sorted((ROOT / "icons").glob("*.svg"))
    assert files
    for file in files:
        image = icons.pixmap(file.stem, QColor("#ff0000"), 24).toImage()
        points = [(x, y) for x in range(image.width()) for y in range(image.height())]
        inked = [colour for colour in (image.pixelColor(*point) for point in points) if colour.alpha() > 100]
        assert inked, file.stem
        assert all(colour.red() > 240 and colour.green() < 10 for colour in inked), file.stem
