"""Tabular figures: Be Vietnam Pro's digits differ in width and it has no `tnum`, so columns are set here."""

from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QGlyphRun, QPainter, QRawFont

_DIGITS: Final = "0123456789"
_SET: Final = frozenset(_DIGITS + ".,-%− ")
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def draw_figures(painter: QPainter, area: QRectF, text: str, font: QFont) -> None:
    """Draw a figure at the right of `area`, in the middle of its height, every digit equally wide.

    The pen is the painter's. A text with other signs than a figure's is drawn plainly; what does not fit is
    shortened at its end, since a figure that is cut at its beginning reads as a smaller one.
    """
    figure = _run(text, font) if _SET.issuperset(text) else None
    if figure is None or figure[1] > area.width():
        painter.setFont(font)
        fitting = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, _RIGHT, fitting)
        return
    run, width, drop = figure
    painter.drawGlyphRun(QPointF(area.right() - width, area.center().y() + drop), run)


def figures_width(text: str, font: QFont) -> float:
    """Pixels that `draw_figures` needs for `text`."""
    if not _SET.issuperset(text):
        return QFontMetricsF(font).horizontalAdvance(text)
    return _run(text, font)[1]


@lru_cache(maxsize=4096)
def _run(text: str, font: QFont) -> tuple[QGlyphRun, float, float]:
    """The glyphs of `text` on the baseline, their width, and how far the baseline lies below the middle."""
    raw, signs = _raw(font)
    glyphs, positions, x = [], [], 0.0
    for sign in text:
        glyph, inset, wide = signs[sign]
        glyphs.append(glyph)
        positions.append(QPointF(x + inset, 0))
        x += wide
    run = QGlyphRun()
    run.setRawFont(raw)
    run.setGlyphIndexes(glyphs)
    run.setPositions(positions)
    return run, x, raw.capHeight() / 2


@lru_cache(maxsize=8)
def _raw(font: QFont) -> tuple[QRawFont, dict[str, tuple[int, float, float]]]:
    """The font, and of each sign the glyph, how far it stands from its place's beginning, and the place's width."""
    raw = QRawFont.fromFont(font)
    glyphs = {sign: raw.glyphIndexesForString(sign)[0] for sign in _SET}
    wide = dict(zip(glyphs, (one.x() for one in raw.advancesForGlyphIndexes(list(glyphs.values()))), strict=True))
    column = max(wide[digit] for digit in _DIGITS)
    places = {sign: column if sign in _DIGITS else wide[sign] for sign in _SET}
    return raw, {sign: (glyphs[sign], (places[sign] - wide[sign]) / 2, places[sign]) for sign in _SET}
