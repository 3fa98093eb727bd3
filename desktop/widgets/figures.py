"""Tabular figures: Be Vietnam Pro's digits differ in width and it has no `tnum`, so columns are set here."""

from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QGlyphRun, QPainter, QRawFont

_DIGITS: Final = "0123456789"
_SET: Final = frozenset(_DIGITS + ".,-%− ")


def draw_figures(painter: QPainter, area: QRectF, text: str, font: QFont) -> None:
    """Draw a figure at the right of `area`, in the middle of its height, every digit equally wide.

    The pen is the painter's. A text with other signs than a figure's is drawn plainly; what does not fit is
    shortened at its end, since a figure that is cut at its beginning reads as a smaller one.
    """
    figure = _run(text, font.toString()) if _SET.issuperset(text) else None
    if figure is None or figure[1] > area.width():
        painter.setFont(font)
        fitting = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, fitting)
        return
    run, width, drop = figure
    painter.drawGlyphRun(QPointF(area.right() - width, area.center().y() + drop), run)


def figures_width(text: str, font: QFont) -> float:
    """Pixels that `draw_figures` needs for `text`."""
    if not _SET.issuperset(text):
        return QFontMetricsF(font).horizontalAdvance(text)
    return _run(text, font.toString())[1]


@lru_cache(maxsize=4096)
def _run(text: str, font_text: str) -> tuple[QGlyphRun, float, float]:
    """The glyphs of `text` on the baseline, their width, and how far the baseline lies below the middle."""
    raw, column = _raw(font_text)
    glyphs = raw.glyphIndexesForString(text)
    positions, x = [], 0.0
    for sign, advance in zip(text, raw.advancesForGlyphIndexes(glyphs), strict=True):
        wide = column if sign in _DIGITS else advance.x()
        positions.append(QPointF(x + (wide - advance.x()) / 2, 0))
        x += wide
    run = QGlyphRun()
    run.setRawFont(raw)
    run.setGlyphIndexes(glyphs)
    run.setPositions(positions)
    return run, x, raw.capHeight() / 2


@lru_cache(maxsize=8)
def _raw(font_text: str) -> tuple[QRawFont, float]:
    """The font's glyphs and the width of its widest digit."""
    font = QFont()
    font.fromString(font_text)
    raw = QRawFont.fromFont(font)
    digits = raw.advancesForGlyphIndexes(raw.glyphIndexesForString(_DIGITS))
    return raw, max(advance.x() for advance in digits)
