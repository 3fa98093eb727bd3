"""Icons: the shipped SVG outlines in a colour of the theme, drawn when they are asked for."""

from functools import lru_cache

from PySide6.QtGui import QColor, QIcon, QPixmap
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
    outline = (ROOT / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    outline = outline.replace("currentColor", colour).replace('stroke-width="2"', 'stroke-width="1.6"')
    for length in ("width", "height"):
        outline = outline.replace(f'{length}="24"', f'{length}="{round(side * ratio)}"', 1)
    picture = QPixmap()
    if not picture.loadFromData(outline.encode(), "SVG"):
        raise ValueError(name)
    picture.setDevicePixelRatio(ratio)
    return picture
