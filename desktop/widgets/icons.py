"""Icons: the shipped SVG outlines in a colour of the theme, drawn when they are asked for."""

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from desktop.widgets import theme
from desktop.widgets.resources import ROOT


def pixmap(name: str, colour: QColor, side: int) -> QPixmap:
    """The outline resources/icons/<name>.svg in `colour`, `side` pixels square at plain text size."""
    app = QApplication.instance()
    ratio = app.devicePixelRatio() if isinstance(app, QApplication) else 1.0
    return _drawn(name, colour.name(), theme.px(side), ratio)


def icon(name: str, colour: QColor | None = None, side: int = 20) -> QIcon:
    """The outline as an icon for buttons; without a colour in the muted text's."""
    return QIcon(pixmap(name, colour or theme.roles().muted, side))


@lru_cache(maxsize=256)
def _drawn(name: str, colour: str, side: int, ratio: float) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer  # loaded with the first icon, not with the first import

    outline = (ROOT / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    outline = outline.replace("currentColor", colour).replace('stroke-width="2"', 'stroke-width="1.6"')
    renderer = QSvgRenderer(outline.encode())
    if not renderer.isValid():
        raise ValueError(name)
    picture = QPixmap(round(side * ratio), round(side * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(picture.rect()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture
