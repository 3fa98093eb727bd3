"""Sync by hand: a file with all that waits for whoever carries it, and a file that came, with what it is before it is
taken."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from desktop.feed import Feed
from desktop.widgets import formats, theme
from desktop.widgets.errand import Between
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import OWN_UNIT
from sync.domain.local_time import VIETNAM
from sync.exchange.sheets import Cancelled
from sync.store import Store
from sync.store.journal import Noted, Way, note, refuse

if TYPE_CHECKING:  # loaded with the first file, on the sync's thread
    from sync.client.parcels import Found, Made

SUFFIX: Final = ".soxa"
_FILTER: Final = f"Sổ Xã (*{SUFFIX})"
_EARLY: Final = timedelta(days=1)
_SLOW_MS: Final = 400
"""A file that takes no longer needs no progress."""


class Chosen(NamedTuple):
    """A file that came: its bytes, and what it is."""

    path: Path
    carried: bytes
    found: "Found"


class _Answer(QObject):
    """Brings what the sync's thread did to the screen's."""

    moved = Signal(int, int)
    made = Signal(object)
    chosen = Signal(object)
    taken = Signal(object)
    forwarded = Signal(object)
    failed = Signal(object)


class ByHandPage(QScrollArea):
    """`failed` carries the fault of what was not done; before each new try it is None."""

    failed = Signal(object)

    def __init__(
        self,
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        between: Between,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._feed, self._clock, self._between = store, feed, clock, between
        self._unit = OWN_UNIT
        self._chosen: Chosen | None = None
        self._folder = Path.home()
        self._answer = _Answer()
        self._given_up = Event()
        self._slow = QTimer(self, singleShot=True, interval=_SLOW_MS)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAcceptDrops(True)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.setSpacing(theme.px(14))
        column.addWidget(self._out_card())
        column.addWidget(self._in_card())
        column.addStretch(1)
        self.setWidget(inside)
        self.setFocusProxy(self.make)
        self._connect()

    def _out_card(self) -> QFrame:
        card, column = _card(say("transfer.by_hand.out.title"), say("transfer.by_hand.out.text"))
        self.waiting = theme.label("", "strong")
        self.make = theme.button(say("transfer.by_hand.out.make"), "primary")
        self.made, self.made_words = _note("note-good")
        self.progress, self.bar = QFrame(), QProgressBar()
        self.stop = theme.button(say("transfer.by_hand.out.stop"))
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(say("transfer.by_hand.out.progress"))
        row = QHBoxLayout(self.progress)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        row.addWidget(self.bar, 1)
        row.addWidget(self.stop)
        self.progress.hide()
        column.addWidget(self.waiting)
        column.addWidget(self.make, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.progress)
        column.addWidget(self.made)
        return card

    def _in_card(self) -> QFrame:
        card, column = _card(say("transfer.by_hand.in.title"), say("transfer.by_hand.in.text"))
        self.drop = QFrame()
        self.drop.setProperty("look", "note-calm")
        row = QHBoxLayout(self.drop)
        row.setContentsMargins(theme.px(16), theme.px(14), theme.px(16), theme.px(14))
        row.setSpacing(theme.px(12))
        words = theme.label(say("transfer.by_hand.in.drop"), "muted")
        words.setWordWrap(True)
        self.choose = theme.button(say("transfer.by_hand.in.choose"))
        row.addWidget(words, 1)
        row.addWidget(self.choose)
        self.summary, self.summary_words = _note("note-plain")
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        self.go_on = theme.button("", "primary")
        self.leave = theme.button(say("transfer.by_hand.in.leave"))
        for button in (self.go_on, self.leave):
            buttons.addWidget(button)
        buttons.addStretch(1)
        inside = self.summary.layout()
        assert isinstance(inside, QVBoxLayout)
        inside.addLayout(buttons)
        self.done, self.done_words = _note("note-good")
        for widget in (self.drop, self.summary, self.done):
            column.addWidget(widget)
        return card

    def _connect(self) -> None:
        self.make.clicked.connect(self._choose_where)
        self.stop.clicked.connect(self._give_up)
        self._slow.timeout.connect(self._show_progress)
        self._answer.moved.connect(self._has_moved)
        self.choose.clicked.connect(self._choose_file)
        self.go_on.clicked.connect(self._go_on)
        self.leave.clicked.connect(self._leave)
        self._answer.made.connect(self._was_made)
        self._answer.chosen.connect(self._show_chosen)
        self._answer.taken.connect(self._was_taken)
        self._answer.forwarded.connect(self._was_forwarded)
        self._answer.failed.connect(self._has_failed)

    def show_waiting(self, count: int, unit: str) -> None:
        """Say how much waits for the centre."""
        self._unit = unit
        self.waiting.setText(say("transfer.by_hand.out.waiting", count=count))

    # A file for the centre

    @Slot()
    def _choose_where(self) -> None:
        at = self._clock().astimezone(VIETNAM)
        name = f"soxa-{self._unit}-{at:%Y%m%d-%H%M}{SUFFIX}"
        title = say("transfer.by_hand.out.make")
        chosen, _ = QFileDialog.getSaveFileName(self, title, str(self._folder / name), _FILTER)
        if chosen:
            self.make_file(Path(chosen))

    def make_file(self, path: Path) -> None:
        """Write all that waits into a file at `path`."""
        clock = self._clock
        at = int(clock().timestamp())
        path = path if path.suffix else path.with_suffix(SUFFIX)
        self._folder = path.parent
        self.made.hide()
        tell, given_up, answer = self._feed.changed.emit, self._given_up, self._answer
        given_up.clear()

        def report(done: int, of: int) -> None:
            if given_up.is_set():
                raise Cancelled
            answer.moved.emit(done, of)

        def work(store: Store) -> object:
            from sync.client import parcels
            from sync.protocol.parcel import write_file

            def make() -> "tuple[Made, Noted]":
                made = parcels.make(store, at, tell, report)
                try:
                    write_file(path, made.parcel)
                except OSError as error:
                    raise EnvironmentFault("file_unwritable", file=str(path)) from error
                return made, Noted(sent=made.changes, up_bytes=len(made.parcel))

            try:
                return path, note(store, clock, Way.MADE, path.name, make)
            except Cancelled:
                return path, None

        self._slow.start()
        self._have_done(work, "made")

    @Slot()
    def _show_progress(self) -> None:
        self.progress.show()

    @Slot(int, int)
    def _has_moved(self, done: int, of: int) -> None:
        self.bar.setRange(0, max(of, 1))
        self.bar.setValue(done)

    @Slot()
    def _give_up(self) -> None:
        self._given_up.set()
        self.stop.setEnabled(False)

    @Slot(object)
    def _was_made(self, what: "tuple[Path, Made | None]") -> None:
        self._rest()
        path, made = what
        if made is None:
            return
        size = formats.size(len(made.parcel))
        words = [say("transfer.by_hand.out.made", file=str(path), size=size, count=made.changes)]
        if made.left:
            words.append(say("transfer.by_hand.out.left", count=made.left))
        words.append(say("transfer.by_hand.out.next"))
        self.made_words.setText("\n".join(words))
        self.made.show()

    # A file that came

    @Slot()
    def _choose_file(self) -> None:
        title = say("transfer.by_hand.in.choose")
        chosen, _ = QFileDialog.getOpenFileName(self, title, str(self._folder), _FILTER)
        if chosen:
            self.look_at(Path(chosen))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if len(event.mimeData().urls()) == 1 and event.mimeData().urls()[0].isLocalFile():
            theme.set_look(self.drop, "note-plain")
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        theme.set_look(self.drop, "note-calm")

    def dropEvent(self, event: QDropEvent) -> None:
        theme.set_look(self.drop, "note-calm")
        self.look_at(Path(event.mimeData().urls()[0].toLocalFile()))
        event.acceptProposedAction()

    def look_at(self, path: Path) -> None:
        """Say what the file at `path` is; nothing is taken yet."""
        self._leave()
        self._folder = path.parent
        clock = self._clock

        def work(store: Store) -> object:
            from sync.client import parcels
            from sync.protocol.parcel import read_file

            try:
                carried = read_file(path)
                return Chosen(path, carried, parcels.look(store, carried))
            except EnvironmentFault as fault:
                refuse(store, clock, path.name, fault)
                raise

        self._have_done(work, "chosen")

    @Slot(object)
    def _show_chosen(self, chosen: Chosen) -> None:
        self._rest()
        self._chosen = chosen
        found = chosen.found
        file, size = chosen.path.name, formats.size(found.bytes)
        if found.is_answer:
            at = formats.from_clock(found.made_at)
            words = [
                say("transfer.by_hand.in.answer", file=file, size=size, at=formats.moment(at)),
                say("transfer.by_hand.in.brings", changes=found.changes, records=found.records),
            ]
            if at > self._clock() + _EARLY:
                words.append(say("transfer.by_hand.in.early"))
        elif found.is_catalogue:
            at = formats.from_clock(found.made_at)
            words = [
                say("transfer.by_hand.in.catalogue", file=file, edition=found.edition, at=formats.moment(at)),
                say("transfer.by_hand.in.catalogue_brings", forms=found.forms, indicators=found.indicators),
            ]
        elif found.joins:
            at = formats.from_clock(found.made_at)
            words = [
                say("transfer.by_hand.in.joining", file=file, computer=found.computer, at=formats.moment(at)),
                say("transfer.by_hand.in.open"),
            ]
        else:
            words = [say("transfer.by_hand.in.asking", file=file, size=size), say("transfer.by_hand.in.sealed")]
        self.summary_words.setText("\n".join(words))
        takes = "take" if found.is_answer else "take_catalogue" if found.is_catalogue else "forward"
        self.go_on.setText(say(f"transfer.by_hand.in.{takes}"))
        self.summary.show()
        self.go_on.setFocus()

    @Slot()
    def _go_on(self) -> None:
        if self._chosen is None:
            return
        if self._chosen.found.is_answer or self._chosen.found.is_catalogue:
            self._take(self._chosen)
        else:
            self._forward(self._chosen)

    def _take(self, chosen: Chosen) -> None:
        tell, clock = self._feed.changed.emit, self._clock
        way = Way.CATALOGUE if chosen.found.is_catalogue else Way.TAKEN

        def work(store: Store) -> object:
            from sync.client import parcels

            def take() -> "tuple[Found, Noted]":
                found = parcels.take(store, chosen.carried, tell)
                return found, Noted(found.changes, found.records, down_bytes=found.bytes)

            return note(store, clock, way, chosen.path.name, take)

        self._have_done(work, "taken")

    def _forward(self, chosen: Chosen) -> None:
        path = chosen.path.with_name(f"{chosen.path.stem}-{say('transfer.by_hand.in.answer_name')}{SUFFIX}")
        clock = self._clock

        def work(store: Store) -> object:
            from sync.client import parcels
            from sync.client.http import hand_on
            from sync.protocol.parcel import write_file

            enrolment = store.enrolment()
            server = enrolment.server if enrolment else ""

            def forward() -> tuple[Path, Noted]:
                answer = parcels.forward(store, chosen.carried, lambda carried: hand_on(server, carried))
                try:
                    write_file(path, answer)
                except OSError as error:
                    # The centre holds it all; taken there once more, it gives the answer again.
                    raise EnvironmentFault("file_unwritable", file=str(path)) from error
                return path, Noted(up_bytes=len(chosen.carried), down_bytes=len(answer))

            return note(store, clock, Way.HANDED_ON, chosen.path.name, forward)

        self._have_done(work, "forwarded")

    @Slot(object)
    def _was_taken(self, found: "Found") -> None:
        self._rest()
        self._leave()
        if found.is_catalogue:
            return  # told by the window, which is built anew
        self.done_words.setText(say("transfer.by_hand.in.taken", changes=found.changes, records=found.records))
        self.done.show()

    @Slot(object)
    def _was_forwarded(self, path: Path) -> None:
        self._rest()
        self._leave()
        self.done_words.setText(say("transfer.by_hand.in.forwarded", file=str(path)))
        self.done.show()

    @Slot()
    def _leave(self) -> None:
        """Put the file that was chosen aside."""
        self._chosen = None
        self.summary.hide()
        self.done.hide()

    # On the sync's thread

    def _have_done(self, work: Callable[[Store], object], told: str) -> None:
        """Have `work` done; what it gives comes with the signal `told`."""
        self.failed.emit(None)
        for button in (self.make, self.choose, self.go_on):
            button.setEnabled(False)
        # Held here: the window may be built again before it is done.
        answer = self._answer
        self._between(work, lambda found: getattr(answer, told).emit(found), lambda fault: answer.failed.emit(fault))

    def _rest(self) -> None:
        self._slow.stop()
        self.progress.hide()
        self.stop.setEnabled(True)
        for button in (self.make, self.choose, self.go_on):
            button.setEnabled(True)

    @Slot(object)
    def _has_failed(self, fault: EnvironmentFault) -> None:
        self._rest()
        self.failed.emit(fault)


def _card(title: str, text: str) -> tuple[QFrame, QVBoxLayout]:
    card = QFrame()
    card.setProperty("look", "card")
    column = QVBoxLayout(card)
    column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(18))
    column.setSpacing(theme.px(10))
    words = theme.label(text, "muted")
    words.setWordWrap(True)
    column.addWidget(theme.label(title, "section"))
    column.addWidget(words)
    return card, column


def _note(look: str) -> tuple[QFrame, QLabel]:
    """A note that is hidden until there is something to say."""
    note = QFrame()
    note.setProperty("look", look)
    words = theme.label("")
    words.setWordWrap(True)
    words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    column = QVBoxLayout(note)
    column.setContentsMargins(theme.px(16), theme.px(10), theme.px(16), theme.px(12))
    column.setSpacing(theme.px(10))
    column.addWidget(words)
    note.hide()
    return note, words
