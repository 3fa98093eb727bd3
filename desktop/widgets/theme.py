"""Every colour, size and letter of the window: roles, set once as palette, font and one style sheet."""

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from desktop.widgets.resources import ROOT
from desktop.widgets.sheet import sheet

SYSTEM: Final = "system"
THEMES: Final = (SYSTEM, "light", "dark", "contrast")
"""The names that `apply` takes; `system` follows the desktop's light or dark."""

FAMILY: Final = "Be Vietnam Pro"

_LARGE: Final = 150
"""From as many pixels for each hundred on, letters count as large."""

_WEIGHTS: Final = ("Regular", "SemiBold")
_SIZES_PT: Final = {"tiny": 8.5, "small": 9.5, "body": 11.0, "section": 12.0, "title": 12.75, "figure": 20.0}


class Roles(NamedTuple):
    """The colours of one theme by what they mean. Each `…_soft` is the ground under its colour."""

    ground: QColor
    surface: QColor
    line: QColor
    faint: QColor
    text: QColor
    muted: QColor
    computed: QColor
    accent: QColor
    accent_soft: QColor
    on_accent: QColor
    good: QColor
    good_soft: QColor
    warning: QColor
    warning_soft: QColor
    bad: QColor
    bad_soft: QColor
    on_bad: QColor
    conflict: QColor
    conflict_soft: QColor
    received: QColor


def _roles(values: str) -> Roles:
    """Colours from hex digits in the order of the fields."""
    return Roles(*(QColor(f"#{value}") for value in values.split()))


_ROLES: Final = {
    "light": _roles(
        "F6F7F9 FFFFFF DFE3E8 EDF0F3 1B2430 5B6675 F3F5F8 1F5FA8 E8F0FA FFFFFF "
        "1E7B4F E6F4EC 9A5B00 FFF3DC B3261E FCEBE9 FFFFFF 6F3FA0 F1E8FA 6F8FB8"
    ),
    "dark": _roles(
        "12171E 1A212B 323D4A 262F3B E6EBF1 9FACBB 202935 74AEF0 1D3350 0E1620 "
        "67C99A 17352A EBB850 3A2E14 F58B83 45221F 1B0B0A C8A0F0 33264A 7F9DC4"
    ),
    "contrast": _roles(
        "000000 000000 FFFFFF 5A5A5A FFFFFF C8C8C8 1C1C1C 5CE1FF 00333F 000000 "
        "6BFFA8 002A12 FFD84D 332800 FF9A92 3D0500 000000 E0B3FF 2B0042 FFFFFF"
    ),
}

INK: Final = QColor("#000000")
"""What is printed is black, whatever the theme."""

_shown = _ROLES["light"]
_percent = 100


def apply(app: QApplication, name: str, percent: int) -> None:
    """Give `app` the theme `name` of THEMES with texts at `percent` (100 to 200) of their plain size.

    Widgets built afterwards follow; those that took sizes from `px` before must be built again.
    Raises ValueError for an unknown name.
    """
    global _shown, _percent
    _shown = _ROLES[resolved(name)]
    _percent = max(100, min(200, percent))
    if app.font().family() != FAMILY:
        for weight in _WEIGHTS:
            QFontDatabase.addApplicationFont(str(ROOT / "fonts" / f"BeVietnamPro-{weight}.ttf"))
    app.setFont(font())
    app.setPalette(_palette(_shown))
    colours = {role: colour.name() for role, colour in _shown._asdict().items()}
    sizes = {size: f"{pt * _percent / 100:g}pt" for size, pt in _SIZES_PT.items()}
    app.setStyleSheet(sheet(colours, px, sizes))


def resolved(name: str) -> str:
    """The theme that `name` means now: system becomes light or dark. Raises ValueError if unknown."""
    if name not in THEMES:
        raise ValueError(name)
    if name != SYSTEM:
        return name
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return "dark" if dark else "light"


def roles() -> Roles:
    """The colours of the theme now shown, for what paints by hand."""
    return _shown


def px(pixels: int) -> int:
    """A length of the plain layout, grown with the text size."""
    return round(pixels * _percent / 100)


def is_large() -> bool:
    """Whether the letters are so large that what stands in one line must stand in two."""
    return px(100) >= _LARGE


def font(size: str = "body", strong: bool = False) -> QFont:
    """The window's font in a `size`: tiny, small, body, section, title or figure. `figures` sets columns.

    It is shared by all who ask for it: never to be changed.
    """
    return _font(_SIZES_PT[size] * _percent / 100, strong)


@cache
def _font(points: float, strong: bool) -> QFont:
    made = QFont(FAMILY)
    made.setPointSizeF(points)
    if strong:
        made.setWeight(QFont.Weight.DemiBold)
    return made


def label(text: str, look: str = "") -> QLabel:
    """A label in one of the looks of the style sheet: title, section, muted, small, figure, pill-bad …

    Its text is shown as it is, never as markup.
    """
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if look:
        made.setProperty("look", look)
    return made


def button(text: str, look: str = "") -> QPushButton:
    """A push button; `look` primary, quiet or link."""
    made = QPushButton(text)
    made.setProperty("look", look)
    return made


def set_look(widget: QWidget, look: str) -> None:
    """Change a widget's look after it was shown."""
    if widget.property("look") == look:
        return
    widget.setProperty("look", look)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def _palette(of: Roles) -> QPalette:
    role = QPalette.ColorRole
    plain: Sequence[tuple[QPalette.ColorRole, QColor]] = (
        (role.Window, of.ground),
        (role.WindowText, of.text),
        (role.Base, of.surface),
        (role.AlternateBase, of.computed),
        (role.Text, of.text),
        (role.PlaceholderText, of.muted),
        (role.Button, of.surface),
        (role.ButtonText, of.text),
        (role.BrightText, of.bad),
        (role.Highlight, of.accent),
        (role.HighlightedText, of.on_accent),
        (role.Accent, of.accent),
        (role.Link, of.accent),
        (role.LinkVisited, of.accent),
        (role.ToolTipBase, of.text),
        (role.ToolTipText, of.surface),
        (role.Light, of.faint),
        (role.Midlight, of.faint),
        (role.Mid, of.line),
        (role.Dark, of.line),
        (role.Shadow, of.line),
    )
    made = QPalette()
    for which, colour in plain:
        made.setColor(which, colour)
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, of.muted)
    return made
