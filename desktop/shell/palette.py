"""The palette (Ctrl+K): one field that finds rooms, forms, units, tasks and commands, with or without accents."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.widgets import theme
from desktop.widgets.words import say
from sync.domain.text import search

_ROOT: Final = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class Target(NamedTuple):
    """One thing that the palette finds: its kind (a word of shell.find.kind), its name, and what opens it."""

    kind: str
    name: str
    open: Callable[[], None]


class TargetModel(QAbstractListModel):
    """The targets that were found."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._targets: Sequence[Target] = ()

    def show(self, targets: Sequence[Target]) -> None:
        self.beginResetModel()
        self._targets = targets
        self.endResetModel()

    def target(self, row: int) -> Target:
        return self._targets[row]

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._targets)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        target = self._targets[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return target.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{target.name}, {say(f'shell.find.kind.{target.kind}')}"
        return None


class _Line(QStyledItemDelegate):
    """The name at the left, its kind at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(theme.px(200), theme.px(34))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, TargetModel)
        target, roles = model.target(index.row()), theme.roles()
        area = QRectF(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(roles.accent_soft)
            painter.drawRoundedRect(area, theme.px(6), theme.px(6))
        area.adjust(theme.px(12), 0, -theme.px(12), 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font("small"))
        painter.setPen(roles.muted)
        kind = say(f"shell.find.kind.{target.kind}")
        painter.drawText(area, middle | Qt.AlignmentFlag.AlignRight, kind)
        area.setRight(area.right() - painter.fontMetrics().horizontalAdvance(kind) - theme.px(12))
        painter.setFont(theme.font())
        painter.setPen(roles.text)
        name = painter.fontMetrics().elidedText(target.name, Qt.TextElideMode.ElideRight, int(area.width()))
        painter.drawText(area, middle | Qt.AlignmentFlag.AlignLeft, name)
        painter.restore()


class Palette(QFrame):
    """Floats over its window. Typing narrows, arrows choose, Enter opens, Esc or a click elsewhere closes."""

    closed = Signal()

    def __init__(self, targets: Sequence[Target], window: QWidget) -> None:
        super().__init__(window)
        self._all = targets
        self.setProperty("look", "card")
        self.setAccessibleName(say("shell.find.name"))
        self.setAutoFillBackground(True)
        self._field = QLineEdit()
        self._field.setPlaceholderText(say("shell.find.words"))
        self._field.setAccessibleName(say("shell.find.name"))
        self._field.installEventFilter(self)
        self._model = TargetModel(self)
        self._list = QListView()
        self._list.setProperty("look", "plain")
        self._list.setAccessibleName(say("shell.find.found"))
        self._list.setUniformItemSizes(True)
        self._list.setModel(self._model)
        self._list.setItemDelegate(_Line(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._nothing = theme.label(say("shell.find.nothing"), "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(8), theme.px(8), theme.px(8), theme.px(8))
        column.setSpacing(theme.px(6))
        column.addWidget(self._field)
        column.addWidget(self._nothing)
        column.addWidget(self._list, 1)
        self._field.textChanged.connect(self._search)
        self._list.clicked.connect(self._open)
        self._search("")
        wide = min(theme.px(640), window.width() - theme.px(32))
        high = min(theme.px(440), window.height() - theme.px(80))
        self.setGeometry((window.width() - wide) // 2, theme.px(48), wide, high)
        self.show()
        self.raise_()
        self._field.setFocus()

    @Slot(str)
    def _search(self, query: str) -> None:
        found = search(query, self._all, lambda target: target.name)
        self._model.show(found)
        self._nothing.setVisible(not found)
        if found:
            self._list.setCurrentIndex(self._model.index(0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._close()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event.key())
        return super().eventFilter(watched, event)

    def _key(self, key: int) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
        if key in steps:
            last = self._model.rowCount() - 1
            row = max(0, min(last, self._list.currentIndex().row() + steps[Qt.Key(key)]))
            self._list.setCurrentIndex(self._model.index(row))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self._list.currentIndex())
        elif key == Qt.Key.Key_Escape:
            self._close()
        else:
            return False
        return True

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            target = self._model.target(index.row())
            self._close()
            target.open()

    def _close(self) -> None:
        if self.isVisible():
            self.hide()
            self.closed.emit()
            self.deleteLater()
