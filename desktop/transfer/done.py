"""The line that tells what was just decided, with the way back."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from desktop.widgets import theme


def done_line(way_back: str) -> tuple[QFrame, QLabel, QPushButton]:
    """The line, hidden until something is done, its words, and the button that takes it back."""
    line = QFrame()
    line.setProperty("look", "note-good")
    row = QHBoxLayout(line)
    row.setContentsMargins(theme.px(16), theme.px(6), theme.px(10), theme.px(6))
    words, back = theme.label(""), theme.button(way_back, "link")
    words.setWordWrap(True)
    row.addWidget(words, 1)
    row.addWidget(back)
    line.hide()
    return line, words, back
