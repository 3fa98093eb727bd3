"""The evidence of a task on its page: each file with its small picture, who attached it, where it is, and what may
be done with it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QMenu, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from desktop.tasks.history import wrapped
from desktop.widgets import formats, theme
from desktop.widgets.chips import Chips
from desktop.widgets.rows import Row, RowsView
from desktop.widgets.words import say
from sync.domain.authors import id_of, name_of
from sync.domain.errors import EnvironmentFault
from sync.domain.media import Media
from sync.domain.values import CLEARED
from sync.store import CellState

if TYPE_CHECKING:  # loaded with the first task that has any
    from sync.store.evidence import Attached

MOST_SHOWN: Final = 300
"""Files that a page lists; of a task that has more it says so."""

_MOST_REFUSED: Final = 6
"""Files that were not taken and are told one by one; of the others their number."""

_LONGEST: Final = 70
"""Letters of a name within a sentence."""

_PILLS: Final = {"sending": "accent", "both": "good", "coming": "accent", "refused": "warning"}
"""The look of each place in which a file may be; the others have none."""


class EvidenceList(RowsView):
    """As tall as its rows: the page is what scrolls. Delete asks to take a file away, the menu for all else."""

    removed = Signal()
    asked = Signal(QPoint)

    def __init__(self, picture: Callable[[object], QPixmap | None], parent: QWidget | None = None) -> None:
        super().__init__(say("tasks.evidence.list"), parent, picture)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.rows_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            # Narrower, its rows are taller.
            self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos())
        if event.reason() == QContextMenuEvent.Reason.Mouse and index.isValid():
            self.setCurrentIndex(index)
        at = self.visualRect(self.currentIndex()).center()
        self.asked.emit(event.globalPos() if event.reason() == QContextMenuEvent.Reason.Mouse else self.mapToGlobal(at))


class EvidencePanel(QFrame):
    """What is asked for is `choose` (files), `paste`, `opened`, `again` and `removed` (the key of one), `restored` and
    `cancelled`."""

    choose = Signal()
    paste = Signal()
    opened = Signal(object)
    again = Signal(object)
    removed = Signal(object)
    restored = Signal()
    cancelled = Signal()

    def __init__(self, picture: Callable[[str, Media], QPixmap | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = picture
        self._shown: dict[object, Attached] = {}
        self._refused: list[str] = []
        self._may_add, self._author = False, ""
        self.title = theme.label("", "section")
        self.about = wrapped(theme.label("", "muted"))
        self.list = EvidenceList(self._picture_of)
        self.add, self.paste_one = theme.button(say("tasks.evidence.add")), theme.button(say("tasks.evidence.paste"))
        self.look, self.remove = theme.button(say("tasks.evidence.look")), theme.button(say("tasks.evidence.remove"))
        self.originals = QCheckBox(say("tasks.evidence.originals"))
        self.acts = Chips()
        self.under_way, self.bar = theme.label("", "small"), QProgressBar()
        self.stop = theme.button(say("tasks.evidence.stop"), "link")
        self._work = QWidget()
        self.refused, self.refused_words = QFrame(), wrapped(theme.label(""))
        self.gone, self.gone_words = QFrame(), wrapped(theme.label(""))
        self.back = theme.button(say("tasks.evidence.restore"), "link")
        self._build()
        self._connect()

    def _build(self) -> None:
        self.setAccessibleName(say("tasks.evidence.name"))
        self.add.setToolTip("Ctrl+O")
        self.paste_one.setToolTip("Ctrl+V")
        self.remove.setToolTip("Delete")
        self.originals.setToolTip(say("tasks.evidence.originals_tip"))
        for button in (self.add, self.paste_one, self.look, self.remove):
            self.acts.add(button)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(say("tasks.evidence.under_way"))
        work = QHBoxLayout(self._work)
        work.setContentsMargins(0, 0, 0, 0)
        work.setSpacing(theme.px(10))
        self.under_way.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        work.addWidget(self.under_way, 2)
        work.addWidget(self.bar, 1)
        work.addWidget(self.stop)
        close = theme.button(say("tasks.evidence.close"), "link")
        close.clicked.connect(self._forget_refused)
        for note, words, button, look in (
            (self.refused, self.refused_words, close, "note-warning"),
            (self.gone, self.gone_words, self.back, "note-good"),
        ):
            note.setProperty("look", look)
            row = QHBoxLayout(note)
            row.setContentsMargins(theme.px(12), theme.px(8), theme.px(8), theme.px(8))
            row.addWidget(words, 1)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
            note.hide()
        self._work.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        for widget in (self.title, self.about, self.list, self._work, self.refused, self.gone, self.acts):
            column.addWidget(widget)
        column.addWidget(self.originals)

    def _connect(self) -> None:
        self.add.clicked.connect(self.choose)
        self.paste_one.clicked.connect(self.paste)
        self.look.clicked.connect(self._open_current)
        self.remove.clicked.connect(self._remove_current)
        self.stop.clicked.connect(self.cancelled)
        self.back.clicked.connect(self.restored)
        self.list.opened.connect(self.opened)
        self.list.removed.connect(self._remove_current)
        self.list.asked.connect(self._open_menu)
        self.list.chosen.connect(self._show_acts)

    # What is shown

    def show_evidence(self, attached: "Sequence[Attached]", author: str, now: datetime, *, may_add: bool) -> None:
        """List these. `may_add` says whether files may be added and taken away now."""
        self._may_add, self._author = may_add, author
        self._shown = {one.cell.key: one for one in attached[:MOST_SHOWN]}
        self.title.setText(say("tasks.evidence.title", count=len(attached)) if attached else say("tasks.evidence.none"))
        about = say("tasks.evidence.empty") if may_add and not attached else ""
        if len(attached) > MOST_SHOWN:
            about = say("tasks.evidence.more", count=MOST_SHOWN)
        self.about.setText(about)
        self.about.setVisible(bool(about))
        self.list.show_rows([_row(key, one, author, now) for key, one in self._shown.items()])
        self.list.setVisible(bool(attached))
        self.list.updateGeometry()
        for widget in (self.add, self.paste_one, self.originals):
            widget.setVisible(may_add)
        self._show_acts()

    def current(self) -> "Attached | None":
        """The file on which the list stands."""
        return self._shown.get(self.list.current_key())

    def found(self, key: object) -> "Attached | None":
        """The file of this key, while it is listed."""
        return self._shown.get(key)

    def all(self) -> "list[Attached]":
        """The files that are listed."""
        return list(self._shown.values())

    def _may_remove(self, one: "Attached | None") -> bool:
        """Whether whoever is here may take a file away: what they attached themselves."""
        return one is not None and self._may_add and id_of(one.cell.author) in (id_of(self._author), "")

    def invite(self, over: bool) -> None:
        """Show that what is dragged over the page would be taken."""
        theme.set_look(self, "note-plain" if over else "")

    def say_under_way(self, name: str, left: int, of: int) -> None:
        """The file `name` is being attached, with it `left` of the `of` that were asked for."""
        words = say("tasks.evidence.attaching", number=of - left + 1, of=of, name=name)
        self.under_way.setText(words)
        self.under_way.setToolTip(name)
        self.bar.setRange(0, of)
        self.bar.setValue(of - left)
        self.bar.setAccessibleDescription(words)
        self._work.show()

    def say_rest(self) -> None:
        """Nothing is being attached any more."""
        self._work.hide()

    def say_not_taken(self, name: str, fault: EnvironmentFault) -> None:
        """A file was not taken; the others are."""
        why = f"{say(f'errors.{fault.code}.title')}. {say(f'errors.{fault.code}.way_out')}"
        self.say_refused(say("tasks.evidence.refused", name=shortened(name), why=why))

    def say_refused(self, sentence: str) -> None:
        """Something was not taken, for the reason that is told in a sentence."""
        self._refused.append(sentence)
        told = self._refused[:_MOST_REFUSED]
        if len(self._refused) > _MOST_REFUSED:
            told.append(say("tasks.evidence.refused_more", count=len(self._refused) - _MOST_REFUSED))
        self.refused_words.setText("\n".join(told))
        self.refused.setAccessibleName(self.refused_words.text())
        self.refused.show()

    def say_gone(self, name: str) -> None:
        """A file was taken away, and may come back."""
        self.gone_words.setText(say("tasks.evidence.gone", name=shortened(name)))
        self.gone.show()

    def say_back(self) -> None:
        """Nothing that was taken away can be brought back from here."""
        self.gone.hide()

    @Slot()
    def _forget_refused(self) -> None:
        self._refused.clear()
        self.refused.hide()

    def _picture_of(self, key: object) -> QPixmap | None:
        one = self._shown.get(key)
        if one is None or not one.is_here:
            return None
        media = one.evidence.media
        return self._picture(one.evidence.sha256, media) if media.is_picture or media is Media.PDF else None

    # Slots

    @Slot()
    def _show_acts(self) -> None:
        one = self.current()
        self.look.setVisible(one is not None)
        self.look.setText(_action(one) if one else "")
        self.remove.setVisible(self._may_remove(one))
        for button in (self.look, self.remove):
            name = one.evidence.name if one else ""
            button.setAccessibleName(say("tasks.evidence.act", act=button.text(), name=name))
        self.acts.place()

    @Slot()
    def _open_current(self) -> None:
        if self.current() is not None:
            self.opened.emit(self.list.current_key())

    @Slot()
    def _try_again(self) -> None:
        self.again.emit(self.list.current_key())

    @Slot()
    def _remove_current(self) -> None:
        if self._may_remove(self.current()):
            self.removed.emit(self.list.current_key())

    @Slot(QPoint)
    def _open_menu(self, at: QPoint) -> None:
        one = self.current()
        if one is None:
            return
        menu = QMenu(self)
        menu.addAction(_action(one), self._open_current)
        if one.fault and one.is_here:
            menu.addAction(say("tasks.evidence.again"), self._try_again)
        if self._may_remove(one):
            menu.addAction(say("tasks.evidence.remove"), self._remove_current)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)


def _row(key: object, one: "Attached", author: str, now: datetime) -> Row:
    evidence, cell = one.evidence, one.cell
    who = name_of(cell.author) or say("tasks.update.this_device")
    details = [formats.size(evidence.size), who, formats.near(cell.typed_at, now)]
    if cell.state is CellState.PARKED:
        details.append(formats.reason(cell.reason))
    if one.fault:
        details.append(say(f"errors.{one.fault}.title"))
    icon = "image" if evidence.media.is_picture else "file-text"
    look = "warning" if cell.state is CellState.PARKED else _PILLS.get(one.where, "")
    return Row(key, icon, evidence.name, " · ".join(details), state_word(one), look)


def state_word(one: "Attached") -> str:
    """Where a file is, in words."""
    if one.cell.state is CellState.PARKED:
        return say(f"tasks.evidence.state.{'parked' if one.cell.content == CLEARED else 'stands'}")
    if one.paused and one.where in ("here", "sending", "coming"):
        return say("tasks.evidence.state.paused", percent=_percent(one))
    return say(f"tasks.evidence.state.{one.where}", percent=_percent(one))


def _percent(one: "Attached") -> int:
    return one.done * 100 // one.evidence.size


def _action(one: "Attached") -> str:
    if one.is_here:
        return say("tasks.evidence.look")
    return say("tasks.evidence.again" if one.fault else "tasks.evidence.fetch")


def shortened(name: str) -> str:
    """A name that may have hundreds of letters, in a sentence."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 20]}…{name[-18:]}"
