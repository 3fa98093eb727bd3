"""What is shown when a data folder cannot be opened: the fault, and the ways to go on."""

from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout

from desktop.widgets import theme
from desktop.widgets.fault import FaultPanel
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault


class Unopened(QDialog):
    """Accepted when the person wants to try again, in `folder`, which they may have changed."""

    def __init__(self, fault: EnvironmentFault, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.setWindowTitle(say("shell.title"))
        self.setMinimumWidth(theme.px(560))
        panel = FaultPanel()
        panel.show_fault(fault)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(20), theme.px(18), theme.px(20), theme.px(16))
        column.setSpacing(theme.px(12))
        column.addWidget(theme.label(say("shell.fault.title"), "title"))
        column.addWidget(panel)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for name, look, slot in (
            ("close", "", self.reject),
            ("choose", "", self._choose),
            ("retry", "primary", self.accept),
        ):
            button = theme.button(say(f"shell.fault.{name}"), look)
            button.clicked.connect(slot)
            buttons.addWidget(button)
        column.addStretch(1)
        column.addLayout(buttons)
        button.setFocus()
        panel.closed.connect(self.reject)

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, say("shell.fault.choose"), str(self.folder.parent))
        if chosen:
            self.folder = Path(chosen)
            self.accept()
