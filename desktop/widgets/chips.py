"""A row of buttons that goes on in the next line when the room or the letters leave too little width."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop.widgets import theme


class Chips(QWidget):
    """Holds the buttons given to `add`, in that order, without those that were hidden; the height follows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: list[QAbstractButton] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def add(self, chip: QAbstractButton) -> None:
        """Put `chip` behind the others."""
        chip.setParent(self)
        self._chips.append(chip)

    def clear(self) -> None:
        """Take all of them away."""
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = []

    def place(self) -> None:
        """Place the buttons anew: after the width or their texts changed."""
        gap, x, y, high = theme.px(6), 0, 0, 0
        for chip in self._chips:
            if chip.isHidden() and chip.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
                continue
            size = chip.sizeHint()
            if x and x + size.width() > self.width():
                x, y = 0, y + high + gap
            chip.setGeometry(x, y, size.width(), size.height())
            x, high = x + size.width() + gap, size.height()
        self.setFixedHeight(y + high)

    def minimumSizeHint(self) -> QSize:
        return QSize(max((chip.sizeHint().width() for chip in self._chips), default=0), 0)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.place()
