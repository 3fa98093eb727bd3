"""The header: the unit's name, what the open room puts beside it, and the field that finds everything."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from desktop.widgets import icons, theme
from desktop.widgets.words import say

HEIGHT = 56
_UNIT_MOST = 280


class FindButton(QPushButton):
    """Looks like the field that it opens: a word for what can be found, and the key."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "field")
        self.setAccessibleName(say("shell.find.name"))
        self.setToolTip(say("shell.find.name"))
        self.setMinimumWidth(theme.px(44))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(300), theme.px(34))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(44), theme.px(34))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        roles, side, edge = theme.roles(), theme.px(16), theme.px(12)
        painter = QPainter(self)
        painter.drawPixmap(edge, (self.height() - side) // 2, icons.pixmap("search", roles.muted, 16))
        left = edge + side + theme.px(8)
        painter.setFont(theme.font("small"))
        key_wide = painter.fontMetrics().horizontalAdvance(say("shell.find.key"))
        painter.setPen(roles.muted)
        middle = Qt.AlignmentFlag.AlignVCenter
        if self.width() > left + key_wide + theme.px(120):
            key = QRectF(self.width() - edge - key_wide, 0, key_wide, self.height())
            painter.drawText(key, middle | Qt.AlignmentFlag.AlignRight, say("shell.find.key"))
            right = key.left() - theme.px(8)
        else:
            right = float(self.width() - theme.px(8))
        area = QRectF(left, 0, right - left, self.height())
        if area.width() > theme.px(48):
            metrics, whole = painter.fontMetrics(), say("shell.find.words")
            words = metrics.elidedText(whole, Qt.TextElideMode.ElideRight, int(area.width()))
            painter.drawText(area, middle | Qt.AlignmentFlag.AlignLeft, words)


class Header(QFrame):
    """Emits `search` when the field is pressed."""

    search = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "header")
        self.setFixedHeight(theme.px(HEIGHT))
        self._unit = theme.label("", "title")
        self._shown: QWidget | None = None
        self._find = FindButton()
        self._find.clicked.connect(self.search)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(20), 0, theme.px(20), 0)
        row.setSpacing(theme.px(12))
        row.addWidget(self._unit)
        row.addStretch(1)
        row.addWidget(self._find)
        self._row = row

    def set_unit(self, name: str) -> None:
        """Show the unit's name, shortened where it would push aside what the room puts beside it."""
        metrics = QFontMetrics(theme.font("title", strong=True))
        self._unit.setText(metrics.elidedText(name, Qt.TextElideMode.ElideRight, theme.px(_UNIT_MOST)))
        self._unit.setToolTip(name)
        self._unit.setAccessibleName(name)
        self._unit.setVisible(bool(name))

    def show_slot(self, widget: QWidget | None) -> None:
        """Put a room's own widget beside the unit's name, or nothing."""
        if self._shown is not None:
            self._shown.hide()
        self._shown = widget
        if widget is not None:
            if self._row.indexOf(widget) < 0:
                self._row.insertWidget(1, widget, 0, Qt.AlignmentFlag.AlignVCenter)
            widget.show()
