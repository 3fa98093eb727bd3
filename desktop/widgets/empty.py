"""What a room shows where there is nothing yet: what is missing, and what to do next."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from desktop.widgets import theme


class EmptyPage(QWidget):
    """A title and a sentence in the middle, over the button that leads on if there is one."""

    def __init__(self, button: QPushButton | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.text = theme.label("", "title"), theme.label("", "muted")
        column = QVBoxLayout(self)
        column.setSpacing(theme.px(8))
        column.addStretch(2)
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            column.addWidget(label)
        if button is not None:
            column.addSpacing(theme.px(8))
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(3)

    def say(self, title: str, text: str) -> None:
        self.title.setText(title)
        self.text.setText(text)
