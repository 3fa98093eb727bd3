"""Texts can be read in every theme, sizes grow with the text, and no view has a colour of its own."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QCheckBox, QHBoxLayout, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.widgets import theme

DESKTOP = Path(__file__).resolve().parents[3] / "desktop"
READ_ON = [
    ("text", "ground"),
    ("text", "surface"),
    ("text", "computed"),
    ("text", "accent_soft"),
    ("muted", "ground"),
    ("muted", "surface"),
    ("muted", "computed"),
    ("accent", "surface"),
    ("accent", "accent_soft"),
    ("on_accent", "accent"),
    ("good", "good_soft"),
    ("warning", "warning_soft"),
    ("bad", "bad_soft"),
    ("on_bad", "bad"),
    ("conflict", "conflict_soft"),
]


def luminance(colour: QColor) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["light", "dark", "contrast"])
def test_every_text_has_enough_contrast(qapp: QApplication, name: str) -> None:
    theme.apply(qapp, name, 100)
    least = 7.0 if name == "contrast" else 4.5
    for text, ground in READ_ON:
        found = contrast(getattr(theme.roles(), text), getattr(theme.roles(), ground))
        assert found >= least, (name, text, ground, round(found, 2))


@pytest.mark.parametrize("name", ["light", "dark", "contrast"])
def test_marks_and_lines_of_high_contrast_stand_out(qapp: QApplication, name: str) -> None:
    theme.apply(qapp, name, 100)
    shown = theme.roles()
    for mark in (shown.received, shown.bad, shown.warning, shown.conflict):
        assert contrast(mark, shown.surface) >= 3


def test_the_light_theme_has_the_agreed_values(qapp: QApplication) -> None:
    theme.apply(qapp, "light", 100)
    values = {role: colour.name().upper() for role, colour in theme.roles()._asdict().items()}
    assert (values["ground"], values["line"], values["accent"], values["bad"]) == (
        "#F6F7F9",
        "#DFE3E8",
        "#1F5FA8",
        "#B3261E",
    )
    assert qapp.palette().color(QPalette.ColorRole.Window) == theme.roles().ground


def test_lengths_and_letters_grow_together(qapp: QApplication) -> None:
    theme.apply(qapp, "light", 200)
    assert theme.px(34) == 68
    assert qapp.font().pointSizeF() == 22
    assert qapp.font().family() == theme.FAMILY
    theme.apply(qapp, "light", 1000)
    assert theme.px(10) == 20


def test_an_unknown_theme_is_refused(qapp: QApplication) -> None:
    with pytest.raises(ValueError, match="sepia"):
        theme.apply(qapp, "sepia", 100)


def test_labels_show_their_text_as_it_is(qapp: QApplication) -> None:
    shown = theme.label("<b>Thôn</b> & xóm")
    shown.ensurePolished()
    plain = theme.label("Thôn xóm & <b></b>")
    plain.ensurePolished()
    assert abs(shown.sizeHint().width() - plain.sizeHint().width()) < 20


def test_no_view_holds_a_colour_or_a_style_of_its_own() -> None:
    own = re.compile(r"#[0-9A-Fa-f]{6}\b|\.setStyleSheet\(|QColor\(\d|GlobalColor\.(?!transparent)")
    found = [
        f"{file.relative_to(DESKTOP)}:{number}"
        for file in DESKTOP.rglob("*.py")
        if file.relative_to(DESKTOP).as_posix() not in ("widgets/theme.py", "widgets/sheet.py")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if own.search(line)
    ]
    assert not found


@pytest.mark.parametrize("look", ["", "chip"])
def test_the_focus_is_seen_on_what_is_chosen_too(qapp: QApplication, qtbot: QtBot, look: str) -> None:
    theme.apply(qapp, "light", 100)
    page = QWidget()
    qtbot.addWidget(page)
    row = QHBoxLayout(page)
    chosen, other = theme.button("125 %", look), QLineEdit()
    chosen.setCheckable(True)
    chosen.setChecked(True)
    row.addWidget(chosen)
    row.addWidget(other)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    inside = {}
    for widget in (chosen, other):
        widget.setFocus()
        inside[widget] = chosen.grab().toImage().pixelColor(chosen.width() // 2, 1)
    assert inside[chosen] == theme.roles().accent
    assert inside[other] == theme.roles().accent_soft


@pytest.mark.parametrize("name", ["light", "dark", "contrast"])
@pytest.mark.parametrize("is_ticked", [True, False])
def test_a_box_to_tick_has_a_frame_and_a_tick_in_every_theme(
    qtbot: QtBot, qapp: QApplication, name: str, is_ticked: bool
) -> None:
    theme.apply(qapp, name, 200)
    box = QCheckBox()
    qtbot.addWidget(box)
    box.setChecked(is_ticked)
    box.show()
    drawn = box.grab().toImage()
    middle = drawn.height() // 2
    line = [drawn.pixelColor(x, middle) for x in range(drawn.width())]
    inside = sorted(line[8:24], key=luminance)
    assert max(contrast(found, theme.roles().ground) for found in line[:6]) >= 3  # the frame
    assert (contrast(inside[0], inside[-1]) >= 7) is is_ticked
    theme.apply(qapp, "light", 100)
