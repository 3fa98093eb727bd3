"""How a cell is painted and how it is typed in."""

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QLineF,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.entry.faces import Face
from desktop.entry.model import GridModel
from desktop.entry.reading import LONGEST, shown_text
from desktop.widgets import theme
from desktop.widgets.figures import draw_figures, figures_width
from desktop.widgets.marks import Mark, draw_bubble, draw_corner, stamp_mark
from desktop.widgets.viewport import fill
from desktop.widgets.words import say
from sync.domain.catalogue import Indicator, ValueType
from sync.domain.values import DOES_NOT_APPLY, NOT_COLLECTED, Value

if TYPE_CHECKING:
    from desktop.entry.view import GridView

Index = QModelIndex | QPersistentModelIndex
_PAD, _MARK_X = 10, 11
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_TYPED_OVER = (Qt.Key.Key_Left, Qt.Key.Key_Right)
_ALWAYS = (
    *_ENTER,
    Qt.Key.Key_Tab,
    Qt.Key.Key_Backtab,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
)
"""The keys that end typing: some only where it began by typing over the cell."""


class CellEditor(QLineEdit):
    """The line in which a cell is typed. `typed_over`: it began with a key, so arrows leave it."""

    def __init__(self, typed_over: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.typed_over = typed_over
        self.filled = False
        self.opened_with: str | None = None
        """The text that was opened to be edited: left as it is, it says nothing, whatever the cell holds. None where
        the cell was typed over, or something was chosen for it."""
        self.setObjectName("cell")
        self.setProperty("look", "cell")

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.typed_over:
            self.end(False)


class CellDelegate(QStyledItemDelegate):
    """Paints a face and opens the editor.

    `left` carries the key that ended typing and whether Shift was held, `filled` what was typed for all chosen cells.
    """

    left = Signal(int, bool)
    missing = Signal(str)
    filled = Signal(str)

    def __init__(self, view: "GridView") -> None:
        super().__init__(view)
        self.show_before = True
        self._view = view
        self.editor: CellEditor | None = None
        self.indicator: Indicator | None = None

    # Painting

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = self._view.model()
        if not isinstance(model, GridModel):
            return
        row, column, area, shown = index.row(), index.column(), option.rect, theme.roles()
        line = model.lines[row]
        if line.indicator is None:
            fill(painter, area, shown.surface)
            painter.setPen(shown.line)
            painter.drawLine(area.bottomLeft(), area.bottomRight())
            return
        face = model.face(row, column)
        key = model.key(row, column) if self._view.preview else None
        coming = self._view.preview.get(key) if key else None
        if coming is not None:
            value = Value.of(coming)
            face = face._replace(
                text=shown_text(value, line.indicator), before=face.text, mark=None, plain=value.missing is None
            )
        typed = model.is_typed(row, column)
        ground = shown.surface if typed and face.held is None else shown.computed
        if face.unsaved or face.corner is Mark.ERROR:
            ground = shown.bad_soft
        elif face.corner is Mark.WARNING:
            ground = shown.warning_soft
        chosen = self._view.selection.block.holds(row, column)
        current = self._view.currentIndex() == index
        fill(painter, area, shown.accent_soft if chosen and not current and ground == shown.surface else ground)
        painter.setPen(shown.faint)
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.topRight(), area.bottomRight())
        told = typed or model.layout.is_total(row, column)
        self._paint_face(painter, QRectF(area), face, told)
        if face.corner is not None:
            draw_corner(painter, QRectF(area), face.corner)
        if face.comments:
            draw_bubble(painter, QRectF(area))
        if current:
            focused = self._view.hasFocus() or self.editor is not None
            painter.setPen(QPen(shown.accent if focused else shown.muted, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(area).adjusted(1, 1, -1, -1))
        elif chosen and ground != shown.surface:
            painter.setPen(QPen(shown.accent, 1))
            painter.drawRect(QRectF(area).adjusted(0.5, 0.5, -1.5, -1.5))

    def _paint_face(self, painter: QPainter, area: QRectF, face: Face, told: bool) -> None:
        """What is `told` by somebody, or adds up what was, stands out from a rate."""
        shown, pad = theme.roles(), theme.px(_PAD)
        inner = area.adjusted(pad, 0, -pad, 0)
        if face.mark is not None:
            stamp_mark(painter, QPointF(area.left() + theme.px(_MARK_X), area.center().y()), face.mark)
        if face.unsaved:
            self._paint_unsaved(painter, area)
        if face.mark is not None or face.unsaved or face.before:
            inner.setLeft(area.left() + theme.px(_MARK_X) * 2)
        if not face.plain:
            inner.setRight(area.right() - pad / 2)
        wrong = face.raw or face.unsaved or face.corner is Mark.ERROR
        painter.setPen(shown.bad if wrong else shown.text if told and face.plain else shown.muted)
        font = theme.font("body", strong=wrong) if face.plain else theme.font("tiny")
        if face.numeric:
            draw_figures(painter, inner, face.text, font)
        else:
            painter.setFont(font)
            fitting = painter.fontMetrics().elidedText(face.text, Qt.TextElideMode.ElideRight, int(inner.width()))
            painter.drawText(inner, _LEFT, fitting)
        if face.before and self.show_before and face.numeric:
            small = theme.font("tiny")
            wide, free = figures_width(face.before, small), inner.width() - figures_width(face.text, font)
            if wide + theme.px(5) <= free:
                inner.setWidth(wide)
                painter.setPen(shown.muted)
                draw_figures(painter, inner, face.before, small)

    def _paint_unsaved(self, painter: QPainter, area: QRectF) -> None:
        """A cross: the value is on the screen only."""
        centre = QPointF(area.left() + theme.px(_MARK_X), area.center().y())
        arm = theme.px(3)
        painter.setPen(QPen(theme.roles().bad, theme.px(2)))
        painter.drawLines(
            [
                QLineF(centre.x() - arm, centre.y() - arm, centre.x() + arm, centre.y() + arm),
                QLineF(centre.x() - arm, centre.y() + arm, centre.x() + arm, centre.y() - arm),
            ]
        )

    # Typing

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = CellEditor(self._view.typing, parent)
        model = self._view.model()
        assert isinstance(model, GridModel)
        editor.setFont(theme.font())
        line = model.lines[index.row()]
        numeric, self.indicator = line.numeric, line.indicator
        editor.setAlignment(Qt.AlignmentFlag.AlignRight if numeric else Qt.AlignmentFlag.AlignLeft)
        editor.setAccessibleName(say("entry.grid.editor", cell=model.line_title(index.row())))
        self.editor = editor
        if self.indicator is not None and self.indicator.type is ValueType.CHOICE:
            from desktop.entry.editors import Choices

            Choices(editor, self.indicator).activated.connect(self._chosen)
        return editor

    def offer(self) -> None:
        """Open the list or the calendar of the open editor, where it has one."""
        editor, indicator = self.editor, self.indicator
        if editor is None or indicator is None:
            return
        if indicator.type is ValueType.CHOICE:
            from desktop.entry.editors import Choices

            completer = editor.completer()
            assert isinstance(completer, Choices)
            completer.narrow("")
        elif indicator.type is ValueType.DATE:
            from desktop.entry.editors import Calendar

            Calendar(editor)

    @Slot(str)
    def _chosen(self, choice: str) -> None:
        """A choice of the list is typed whole: as if Enter had followed."""
        if self.editor is not None:
            self.editor.setText(choice)
            self.editor.opened_with = None
            self.finish()
            self.left.emit(Qt.Key.Key_Return, False)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Fill the editor once: a value that arrives must not replace what is being typed."""
        if isinstance(editor, CellEditor) and not editor.filled:
            editor.filled = True
            text = str(index.data(Qt.ItemDataRole.EditRole))
            # Never shorter than what stands there: opening a cell must not change it.
            editor.setMaxLength(max(LONGEST, len(text.encode("utf-16-le")) // 2))
            editor.setText(text)
            editor.opened_with = None if editor.typed_over else editor.text()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Store what was typed. What was only looked at stays: a reason is no text, and a conflict no choice."""
        if isinstance(editor, CellEditor) and editor.text() != editor.opened_with:
            model.setData(index, editor.text(), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(option.rect)

    def destroyEditor(self, editor: QWidget, index: Index) -> None:
        self.editor = None
        super().destroyEditor(editor, index)

    def finish(self) -> None:
        """Store what is being typed and close the editor."""
        if self.editor is not None:
            editor = self.editor
            self.commitData.emit(editor)
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        if not isinstance(editor, CellEditor) or not isinstance(event, QKeyEvent):
            return super().eventFilter(editor, event)
        if event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(editor, event)
        key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in (Qt.Key.Key_F7, Qt.Key.Key_F8):
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.RevertModelCache)
            self.missing.emit(NOT_COLLECTED if key == Qt.Key.Key_F7 else DOES_NOT_APPLY)
            self.left.emit(0, False)
        elif key == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.offer()
        elif key == Qt.Key.Key_F2:
            editor.typed_over = not editor.typed_over
        elif key in _ENTER and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            typed = editor.text()
            untouched = typed == editor.opened_with
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.RevertModelCache)
            if untouched and (self._view.selection.single or not typed):
                self.left.emit(0, False)
            else:
                self.filled.emit(typed)
        elif key in _ALWAYS or (key in _TYPED_OVER and editor.typed_over and not shift):
            self.finish()
            self.left.emit(key, shift)
        else:
            return super().eventFilter(editor, event)
        return True
