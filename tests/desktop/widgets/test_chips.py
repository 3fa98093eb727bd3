"""The row of filters: beside each other while there is room, in more lines when there is not, never cut off."""

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.widgets.chips import Chips


def test_lines_follow_from_the_width(qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    column = QVBoxLayout(around)
    chips = Chips()
    column.addWidget(chips)
    column.addStretch(1)
    buttons = [QPushButton("Sắp quá hạn") for _ in range(4)]
    for button in buttons:
        chips.add(button)
    wide = sum(button.sizeHint().width() for button in buttons) + 200
    for width, lines in ((wide, 1), (wide // 2, 2), (buttons[0].sizeHint().width() + 60, 4), (wide, 1)):
        around.setFixedSize(width, 500)
        around.ensurePolished()
        column.activate()
        chips.place()
        assert len({button.y() for button in buttons}) == lines
        assert all(chips.rect().contains(button.geometry()) for button in buttons)
        assert not any(
            one.geometry().intersects(other.geometry()) for one in buttons for other in buttons if one != other
        )
