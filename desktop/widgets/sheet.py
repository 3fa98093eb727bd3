"""The one style sheet: how Qt's widgets look in the roles' colours, chosen by the property `look`."""

from collections.abc import Callable, Mapping

from desktop.widgets.resources import ROOT


def sheet(colour: Mapping[str, str], px: Callable[[int], int], pt: Mapping[str, str]) -> str:
    """The style sheet for each role's `colour`, lengths through `px` and text sizes in points by name."""
    c = colour
    return f"""
QWidget[look="surface"] {{ background: {c["surface"]}; }}
QFrame[look="card"] {{ background: {c["surface"]}; border: 1px solid {c["line"]}; border-radius: {px(8)}px; }}
QFrame[look="rail"] {{ background: {c["surface"]}; border: none; border-right: 1px solid {c["line"]}; }}
QFrame[look="header"] {{ background: {c["surface"]}; border: none; border-bottom: 1px solid {c["line"]}; }}
QFrame[look="status"] {{ background: {c["surface"]}; border: none; border-top: 1px solid {c["line"]}; }}
QFrame[look="side"] {{ background: {c["surface"]}; border: none; border-left: 1px solid {c["line"]}; }}
QFrame[look="field"] {{ background: {c["surface"]}; border: 1px solid {c["line"]}; border-radius: {px(6)}px; }}
QFrame[look="line"] {{ border: none; border-top: 1px solid {c["faint"]}; }}
QFrame[look="note-bad"] {{ background: {c["bad_soft"]}; border-radius: {px(6)}px; }}
QFrame[look="note-warning"] {{ background: {c["warning_soft"]}; border-radius: {px(6)}px; }}
QFrame[look="note-good"] {{ background: {c["good_soft"]}; border-radius: {px(6)}px; }}
QFrame[look="note-conflict"] {{ background: {c["conflict_soft"]}; border-radius: {px(6)}px; }}
QFrame[look="note-plain"] {{ background: {c["accent_soft"]}; border-radius: {px(6)}px; }}
QFrame[look="note-calm"] {{ background: {c["computed"]}; border-radius: {px(6)}px; }}
QFrame[look="note-bad"] QLabel {{ color: {c["bad"]}; }}
QFrame[look="note-warning"] QLabel {{ color: {c["warning"]}; }}
QFrame[look="note-good"] QLabel {{ color: {c["good"]}; }}
QFrame[look="note-conflict"] QLabel {{ color: {c["conflict"]}; }}

QLabel[look="title"] {{ font-size: {pt["title"]}; font-weight: 600; }}
QLabel[look="section"] {{ font-size: {pt["section"]}; font-weight: 600; }}
QLabel[look="strong"] {{ font-weight: 600; }}
QLabel[look="figure"] {{ font-size: {pt["figure"]}; font-weight: 600; }}
QLabel[look="muted"] {{ color: {c["muted"]}; }}
QLabel[look="small"] {{ font-size: {pt["small"]}; color: {c["muted"]}; }}
QLabel[look="small-strong"] {{ font-size: {pt["small"]}; font-weight: 600; }}
QLabel[look="key"] {{ font-size: {pt["tiny"]}; color: {c["muted"]}; background: {c["ground"]};
    border: 1px solid {c["line"]}; border-radius: {px(3)}px; padding: 0 {px(4)}px; }}
QLabel[look^="pill"] {{ font-size: {pt["small"]}; border-radius: {px(9)}px; padding: {px(1)}px {px(9)}px; }}
QLabel[look="pill"] {{ background: {c["ground"]}; color: {c["muted"]}; }}
QLabel[look="pill-bad"] {{ background: {c["bad_soft"]}; color: {c["bad"]}; }}
QLabel[look="pill-warning"] {{ background: {c["warning_soft"]}; color: {c["warning"]}; }}
QLabel[look="pill-good"] {{ background: {c["good_soft"]}; color: {c["good"]}; }}
QLabel[look="pill-accent"] {{ background: {c["accent_soft"]}; color: {c["accent"]}; }}
QLabel[look="pill-conflict"] {{ background: {c["conflict_soft"]}; color: {c["conflict"]}; }}

QPushButton {{ background: {c["surface"]}; color: {c["text"]}; border: 1px solid {c["line"]};
    border-radius: {px(6)}px; padding: {px(5)}px {px(14)}px; min-height: {px(22)}px; }}
QPushButton:hover {{ background: {c["faint"]}; }}
QPushButton:pressed {{ background: {c["line"]}; }}
QPushButton:focus {{ border-color: {c["accent"]}; }}
QPushButton:checked {{ background: {c["accent_soft"]}; color: {c["accent"]}; border-color: {c["accent"]}; }}
QPushButton:checked:focus {{ border-width: 2px; padding: {px(5) - 1}px {px(14) - 1}px; }}
QPushButton:disabled {{ color: {c["muted"]}; background: {c["ground"]}; }}
QPushButton[look="primary"] {{ background: {c["accent"]}; color: {c["on_accent"]};
    border-color: {c["accent"]}; }}
QPushButton[look="primary"]:focus {{ border: 2px solid {c["text"]}; padding: {px(5) - 1}px {px(14) - 1}px; }}
QPushButton[look="primary"]:disabled {{ background: {c["computed"]}; color: {c["muted"]};
    border-color: {c["line"]}; }}
QPushButton[look="quiet"] {{ background: transparent; border-color: transparent; }}
QPushButton[look="quiet"]:hover {{ background: {c["faint"]}; }}
QPushButton[look="quiet"]:focus {{ border-color: {c["accent"]}; }}
QPushButton[look="chip"] {{ padding: {px(2)}px {px(10)}px; font-size: {pt["small"]}; border-radius: {px(13)}px; }}
QPushButton[look="chip"]:checked:focus {{ padding: {px(2) - 1}px {px(10) - 1}px; }}
QPushButton[look="link"] {{ background: transparent; border: 1px solid transparent; color: {c["accent"]};
    padding: 0 {px(4)}px; min-height: {px(20)}px; font-size: {pt["small"]}; border-radius: {px(4)}px; }}
QPushButton[look="link"]:hover {{ background: {c["accent_soft"]}; }}
QPushButton[look="link"]:disabled {{ color: {c["text"]}; background: transparent; }}
QPushButton[look="link"]:focus {{ border-color: {c["accent"]}; }}
QAbstractButton {{ qproperty-iconSize: {px(16)}px {px(16)}px; }}
QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: {px(6)}px;
    padding: {px(4)}px; }}
QToolButton:hover {{ background: {c["faint"]}; }}
QToolButton:focus {{ border-color: {c["accent"]}; }}

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QDateEdit, QSpinBox {{ background: {c["surface"]};
    color: {c["text"]}; border: 1px solid {c["line"]}; border-radius: {px(6)}px;
    padding: {px(4)}px {px(10)}px; selection-background-color: {c["accent"]};
    selection-color: {c["on_accent"]}; placeholder-text-color: {c["muted"]}; }}
QLineEdit[look="cell"] {{ border: 2px solid {c["accent"]}; border-radius: 0; padding: 0 {px(8)}px; min-height: 0; }}
QLineEdit, QComboBox, QDateEdit, QSpinBox {{ min-height: {px(24)}px; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QDateEdit:focus, QSpinBox:focus {{
    border-color: {c["accent"]}; }}
QLineEdit:disabled, QComboBox:disabled {{ color: {c["muted"]}; background: {c["ground"]}; }}
QComboBox::drop-down, QDateEdit::drop-down {{ border: none; width: {px(26)}px; }}
QComboBox::down-arrow, QDateEdit::down-arrow {{ width: 0; height: 0; border-left: {px(4)}px solid {c["surface"]};
    border-right: {px(4)}px solid {c["surface"]}; border-top: {px(5)}px solid {c["muted"]}; }}
QComboBox QAbstractItemView {{ background: {c["surface"]}; border: 1px solid {c["line"]}; outline: none;
    selection-background-color: {c["accent_soft"]}; selection-color: {c["text"]}; padding: {px(4)}px; }}

QAbstractItemView {{ background: {c["surface"]}; border: 1px solid {c["line"]}; outline: none; }}
QListView[look="rows"] {{ background: transparent; border: none; }}
QAbstractItemView[look="rows"], QAbstractItemView[look="plain"] {{ background: transparent; border: none; }}
QListView[look="people"]::item {{ padding: 0 {px(12)}px; border-radius: {px(6)}px; color: {c["text"]}; }}
QListView[look="people"]::item:selected {{ background: {c["accent_soft"]}; color: {c["accent"]}; }}
QListView[look="people"] {{ border-radius: {px(6)}px; }}
QListView[look="people"]:focus {{ border-color: {c["accent"]}; }}
QTableView {{ gridline-color: {c["faint"]}; }}
QTableView[look="list"]::item {{ padding: 0 {px(10)}px; }}
QListView[look="ticks"] {{ border-radius: {px(6)}px; outline: 0; }}
QListView[look="ticks"]::item {{ padding: {px(5)}px {px(8)}px; border-radius: {px(6)}px; color: {c["text"]}; }}
QListView[look="ticks"]::item:selected {{ background: {c["accent_soft"]}; color: {c["accent"]}; }}
{_ticks('QListView[look="ticks"]', px, c)}
{_ticks("QCheckBox", px, c)}
{_ticks('QTableView[look="list"]', px, c)}
QHeaderView {{ background: {c["computed"]}; border: none; }}
QHeaderView::section {{ background: {c["computed"]}; color: {c["muted"]}; font-size: {pt["small"]};
    font-weight: 600; border: none; border-right: 1px solid {c["faint"]};
    border-bottom: 1px solid {c["line"]}; padding: 0 {px(10)}px; }}
QTableCornerButton::section {{ background: {c["computed"]}; border: none; }}

QMenu {{ background: {c["surface"]}; border: 1px solid {c["line"]}; padding: {px(4)}px; }}
QMenu::item {{ padding: {px(5)}px {px(20)}px {px(5)}px {px(12)}px; border-radius: {px(4)}px; }}
QMenu::item:selected {{ background: {c["accent_soft"]}; color: {c["text"]}; }}
QMenu::item:disabled {{ color: {c["muted"]}; }}
QMenu::separator {{ height: 1px; background: {c["line"]}; margin: {px(4)}px {px(8)}px; }}
QToolTip {{ background: {c["text"]}; color: {c["surface"]}; border: none; padding: {px(4)}px {px(6)}px; }}

QScrollArea {{ border: none; background: transparent; }}
QScrollArea[look="ground"] {{ background: {c["ground"]}; }}
QScrollBar {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: {px(12)}px; }}
QScrollBar:horizontal {{ height: {px(12)}px; }}
QScrollBar::handle {{ background: {c["line"]}; border-radius: {px(4)}px; margin: {px(2)}px; }}
QScrollBar::handle:vertical {{ min-height: {px(28)}px; }}
QScrollBar::handle:horizontal {{ min-width: {px(28)}px; }}
QScrollBar::handle:hover {{ background: {c["muted"]}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QProgressBar {{ background: {c["faint"]}; border: none; border-radius: {px(4)}px; max-height: {px(8)}px;
    min-height: {px(8)}px; }}
QProgressBar::chunk {{ background: {c["accent"]}; border-radius: {px(4)}px; }}
"""


def _ticks(of: str, px: Callable[[int], int], c: Mapping[str, str]) -> str:
    """Boxes to tick: Qt's own have no frame in the dark. The tick is black, so what lies under it is light."""
    light = c["surface"] if int(c["surface"][1:3], 16) > int(c["text"][1:3], 16) else c["text"]
    tick = (ROOT / "icons" / "check.svg").as_posix()
    return f"""
{of}::indicator {{ width: {px(16)}px; height: {px(16)}px; border: 1px solid {c["muted"]}; border-radius: {px(3)}px; }}
{of}::indicator:checked {{ background: {light}; image: url("{tick}"); }}
"""
