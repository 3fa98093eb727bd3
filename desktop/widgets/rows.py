"""A list of things to open: two-line rows with a pill and a button, in cards under headings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, overload

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRectF,
    QSize,
    QStringListModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.widgets import theme
from desktop.widgets.icons import pixmap

Index = QModelIndex | QPersistentModelIndex

_TIGHT: Final = 580
_MADE: Final = 512
"""Rows that are kept once they were made: several screens full."""

PLAIN: Final = ""
"""A pill's look without a meaning of its own; the others are bad, warning, good, accent and conflict."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A title between cards; it cannot be chosen."""

    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """One thing: `key` names it across refreshes. `pill` is a word in a `look`, `action` a button's text."""

    key: object
    icon: str
    title: str
    detail: str
    pill: str = ""
    look: str = PLAIN
    action: str = ""

    @property
    def words(self) -> str:
        """All that the row says, in one line."""
        return " · ".join(part for part in (self.title, self.detail, self.pill) if part)


class Lazy(Sequence[Heading | Row]):
    """Thousands of rows, each made of its key when it comes into sight; no headings among them."""

    def __init__(self, keys: Sequence[object], make: Callable[[object], Row]) -> None:
        self._keys = keys
        self._made = lru_cache(maxsize=_MADE)(make)
        self._places: dict[object, int] = {}

    def place(self, key: object) -> int:
        """Where the row `key` stands, -1 if nowhere."""
        if not self._places:
            self._places = {each: number for number, each in enumerate(self._keys)}
        return self._places.get(key, -1)

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        if isinstance(place, slice):
            return [self._made(key) for key in self._keys[place]]
        return self._made(self._keys[place])


class RowsModel(QStringListModel):
    """Headings and rows in the order given.

    How many there are is kept where Qt finds it by itself: it asks twice for every row that it lays out.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[Heading | Row] = ()

    def show(self, rows: Sequence[Heading | Row]) -> None:
        """Show `rows` from now on."""
        self.rows = rows if isinstance(rows, Lazy) else tuple(rows)
        self.setStringList([""] * len(self.rows))

    def row(self, index: Index) -> Row | None:
        """The row at `index`; None for a heading or nothing."""
        found = self.rows[index.row()] if index.isValid() else None
        return found if isinstance(found, Row) else None

    def index_of(self, key: object) -> QModelIndex:
        """Where the row `key` stands, invalid if nowhere."""
        if isinstance(self.rows, Lazy):
            place = self.rows.place(key)
            return self.index(place) if place >= 0 else QModelIndex()
        for number, row in enumerate(self.rows):
            if isinstance(row, Row) and row.key == key:
                return self.index(number)
        return QModelIndex()

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.row(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        found = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return found.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return found.title if isinstance(found, Heading) else found.words
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(found, Row):
            return found.words
        return None


class RowsView(QListView):
    """Up and Down choose, Enter, a double click or the row's button opens.

    `opened` carries the key of the row, `chosen` that of the row that became the current one. `picture` gives what
    stands in place of the icon of a row, by its key, when it is painted.
    """

    opened = Signal(object)
    chosen = Signal(object)

    def __init__(
        self, name: str, parent: QWidget | None = None, picture: Callable[[Any], QPixmap | None] | None = None
    ) -> None:
        super().__init__(parent)
        self.picture = picture
        self.setAccessibleName(name)
        self.setProperty("look", "rows")
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self._rows = RowsModel(self)
        self.setModel(self._rows)
        self._delegate = _RowDelegate(self)
        self.setItemDelegate(self._delegate)

    def show_rows(self, rows: Sequence[Heading | Row]) -> None:
        """Show `rows`; the row that was the current one stays so, or the one now in its place."""
        if not isinstance(rows, Lazy) and tuple(rows) == self._rows.rows:
            return
        kept, line, scrolled = self.current_key(), self.currentIndex().row(), self.verticalScrollBar().value()
        # Measured once for all: to ask each of thousands would make them all.
        self.setUniformItemSizes(isinstance(rows, Lazy))
        self._rows.show(rows)
        self.scheduleDelayedItemsLayout()
        found = self._rows.index_of(kept) if kept is not None else QModelIndex()
        if not found.isValid():
            found = self._nearest(max(line, 0))
        self.setCurrentIndex(found)
        self.verticalScrollBar().setValue(scrolled)

    def current_key(self) -> object:
        """Key of the current row, None without one."""
        found = self._rows.row(self.currentIndex())
        return found.key if found else None

    def choose(self, key: object) -> bool:
        """Make the row `key` the current one. Whether it is there."""
        found = self._rows.index_of(key)
        if found.isValid():
            self.setCurrentIndex(found)
        return found.isValid()

    def button_area(self, index: Index) -> QRectF:
        """Where the row's button is, in the viewport; empty without one."""
        row = self._rows.row(index)
        if row is None or not row.action:
            return QRectF()
        return _button_area(QRectF(self.visualRect(self._rows.index(index.row()))), row.action)

    def rows_height(self) -> int:
        """Pixels that all rows take at the list's width, without headings: for a list that scrolls with its page."""
        option = QStyleOptionViewItem()
        option.rect = self.viewport().rect()
        count = self._rows.rowCount()
        return count * self._delegate.sizeHint(option, self._rows.index(0)).height() if count else 0

    def _nearest(self, line: int) -> QModelIndex:
        """The row at `line` or the next one after a heading; else the last."""
        rows = self._rows.rows
        after = (number for number in range(line, len(rows)) if isinstance(rows[number], Row))
        before = (number for number in range(len(rows) - 1, -1, -1) if isinstance(rows[number], Row))
        found = next(after, next(before, None))
        return QModelIndex() if found is None else self._rows.index(found)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        row = self._rows.row(current)
        if row:
            self.chosen.emit(row.key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self._on_button(event.position().toPoint()):
            self._open(self.indexAt(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self._on_button(event.position().toPoint()):
            self._open(self.indexAt(event.position().toPoint()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        on_button = self._on_button(event.position().toPoint())
        self.setCursor(Qt.CursorShape.PointingHandCursor if on_button else Qt.CursorShape.ArrowCursor)

    def _on_button(self, point: QPoint) -> bool:
        return self.button_area(self.indexAt(point)).contains(point)

    def _open(self, index: Index) -> None:
        row = self._rows.row(index)
        if row:
            self.opened.emit(row.key)


class _RowDelegate(QStyledItemDelegate):
    """Paints headings on the ground and rows as lines of a card."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        model = index.model()
        assert isinstance(model, RowsModel)
        if model.row(index):
            return QSize(0, theme.px(84 if _is_tight(option.rect.width()) else 58))
        return QSize(0, theme.px(34) if index.row() == 0 else theme.px(50))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, RowsModel)
        found = model.rows[index.row()]
        area = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(found, Heading):
            _draw_heading(painter, area, found.title)
        else:
            state = option.state
            rows = model.rows
            first = index.row() == 0 or isinstance(rows[index.row() - 1], Heading)
            last = index.row() == len(rows) - 1 or isinstance(rows[index.row() + 1], Heading)
            _draw_ground(painter, area, (first, last), state)
            view = self.parent()
            picture = view.picture(found.key) if isinstance(view, RowsView) and view.picture else None
            _draw_row(painter, area, found, picture)
        painter.restore()


def _draw_heading(painter: QPainter, area: QRectF, title: str) -> None:
    painter.setFont(theme.font("section", strong=True))
    painter.setPen(theme.roles().text)
    line = area.adjusted(0, 0, 0, -theme.px(8))
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, title)


def _draw_ground(painter: QPainter, area: QRectF, ends: tuple[bool, bool], state: QStyle.StateFlag) -> None:
    """The row's part of its card; `ends` says whether the card begins and ends with it."""
    shown, round_px = theme.roles(), theme.px(8)
    first, last = ends
    card = area.adjusted(0.5, 0.5 if first else -round_px, -0.5, -0.5 if last else round_px)
    shape = QPainterPath()
    shape.addRoundedRect(card, round_px, round_px)
    painter.setClipRect(area)
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    under_mouse = bool(state & QStyle.StateFlag.State_MouseOver)
    painter.fillPath(shape, shown.accent_soft if chosen else shown.computed if under_mouse else shown.surface)
    if not last:
        painter.setPen(QPen(shown.faint, 1))
        painter.drawLine(area.bottomLeft() + QPoint(1, 0), area.bottomRight() - QPoint(1, 0))
    painter.strokePath(shape, QPen(shown.line, 1))
    if chosen and state & QStyle.StateFlag.State_HasFocus:
        bar = QRectF(area.left() + 1, area.top() + round_px, theme.px(3), area.height() - 2 * round_px)
        painter.fillRect(bar, shown.accent)


def _draw_row(painter: QPainter, area: QRectF, row: Row, picture: QPixmap | None) -> None:
    shown = theme.roles()
    side = 18
    mark = picture or pixmap(row.icon, shown.text if not row.look else _colours(row.look)[0], side)
    size = mark.deviceIndependentSize()
    about = QPointF(area.left() + theme.px(20 + side // 2), area.center().y())
    painter.drawPixmap((about - QPointF(size.width() / 2, size.height() / 2)).toPoint(), mark)
    right = area.right() - theme.px(16)
    if row.action:
        button = _button_area(area, row.action)
        _draw_button(painter, button, row.action)
        right = button.left() - theme.px(12)
    left, title_right = area.left() + theme.px(54), right
    if row.pill and _is_tight(area.width()):
        _draw_pill(painter, left, area.top() + theme.px(65), row.pill, row.look, Qt.AlignmentFlag.AlignLeft)
    elif row.pill:
        # Without a button the pill stands in the second line: a narrow list needs the first one for the title.
        middle = area.center().y() if row.action else area.top() + theme.px(40)
        right = _draw_pill(painter, right, middle, row.pill, row.look) - theme.px(12)
        title_right = right if row.action else title_right
    lines = (
        (row.title, title_right, theme.font(), shown.text, area.top() + theme.px(8)),
        (row.detail, right, theme.font("small"), shown.muted, area.top() + theme.px(31)),
    )
    for text, right, font, colour, top in lines:
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(colour)
        fitting = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, round(right - left)))
        line = QRectF(left, top, right - left, metrics.height())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fitting)


def _button_area(area: QRectF, text: str) -> QRectF:
    width = QFontMetrics(theme.font()).horizontalAdvance(text) + 2 * theme.px(15)
    height = theme.px(34)
    return QRectF(area.right() - theme.px(16) - width, area.center().y() - height / 2, width, height)


def _draw_button(painter: QPainter, area: QRectF, text: str) -> None:
    shown = theme.roles()
    painter.setFont(theme.font())
    painter.setPen(QPen(shown.line, 1))
    painter.setBrush(shown.surface)
    painter.drawRoundedRect(area, theme.px(6), theme.px(6))
    painter.setPen(shown.text)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


def _is_tight(width: float) -> bool:
    """Whether the letters are so large, or the list so narrow, that the pill needs a line of its own."""
    return width < theme.px(_TIGHT)


def _draw_pill(
    painter: QPainter,
    end: float,
    middle: float,
    text: str,
    look: str,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignRight,
) -> float:
    """Draw the pill whose `side` is at `end`, about the height `middle`; where it begins."""
    font = theme.font("small")
    width = QFontMetrics(font).horizontalAdvance(text) + 2 * theme.px(9)
    height = theme.px(22)
    left = end if side == Qt.AlignmentFlag.AlignLeft else end - width
    pill = QRectF(left, middle - height / 2, width, height)
    colour, soft = _colours(look)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(soft)
    painter.drawRoundedRect(pill, height / 2, height / 2)
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
    return pill.left()


def _colours(look: str) -> tuple[QColor, QColor]:
    """A look's colour for words, and the ground that goes with it."""
    shown = theme.roles()
    if look == PLAIN:
        return shown.muted, shown.ground
    return getattr(shown, look), getattr(shown, f"{look}_soft")
