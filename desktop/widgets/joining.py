"""Enrolment by hand: a file that asks for it, and the centre's answer, with what it says before it is taken."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.widgets import formats, theme
from desktop.widgets.errand import Between
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.domain.local_time import VIETNAM
from sync.store import ChangeSet, Enrolment, Store
from sync.store.joining import waiting
from sync.store.journal import Noted, Way, note, refuse

if TYPE_CHECKING:  # loaded with the first file, on the sync's thread
    from sync.client.joining import Offer

SUFFIX: Final = ".soxa"
_FILTER: Final = f"Sổ Xã (*{SUFFIX})"
_EARLY: Final = timedelta(days=1)


class ByFile(NamedTuple):
    """What it takes: the store of the screen's thread, the sync's thread, who hears of changes, and the clock."""

    store: Store
    between: Between
    tell: Callable[[ChangeSet], None]
    clock: Callable[[], datetime]


class _Answer(QObject):
    """Brings what the sync's thread did to the screen's."""

    made = Signal(object)
    chosen = Signal(object)
    taken = Signal(object)
    failed = Signal(object)


class JoinByFile(QFrame):
    """`typed` gives the address and the code that stand in the form. `joined` is told once the PC belongs, `failed`
    carries the fault of what was not done; before each new try it is None."""

    joined = Signal()
    failed = Signal(object)

    def __init__(self, by_file: ByFile, typed: Callable[[], tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._between, self._tell, self._clock = by_file
        self._typed = typed
        self._name, self._carried = "", b""
        self._folder = Path.home()
        self._answer = _Answer()
        self.setAcceptDrops(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self.open = theme.button(say("widgets.joining.open"), "link")
        self.inside = QFrame()
        self.inside.setProperty("look", "note-calm")
        self._build_inside()
        column.addWidget(self.open, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.inside)
        self._connect()
        asked = waiting(self._store)
        self.inside.setVisible(asked is not None)
        self.open.setVisible(asked is None)
        if asked is not None:
            at = formats.moment(formats.from_clock(asked.made_at))
            self._say(say("widgets.joining.waiting", at=at))
        self.allow()

    def _build_inside(self) -> None:
        column = QVBoxLayout(self.inside)
        column.setContentsMargins(theme.px(14), theme.px(10), theme.px(14), theme.px(12))
        column.setSpacing(theme.px(8))
        self.words = theme.label(say("widgets.joining.text"), "muted")
        self.state = theme.label("")
        self.make, self.choose = theme.button(say("widgets.joining.make")), theme.button(say("widgets.joining.choose"))
        self.go_on = theme.button(say("widgets.joining.take"), "primary")
        self.leave = theme.button(say("widgets.joining.leave"))
        column.addWidget(self.words)
        column.addWidget(self.state)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.go_on)
        row.addWidget(self.leave)
        row.addStretch(1)
        column.addLayout(row)
        for button in (self.make, self.choose):
            # One below the other: with large text both are wide.
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        for label in (self.words, self.state):
            label.setWordWrap(True)
        self.state.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for widget in (self.state, self.go_on, self.leave):
            widget.hide()

    def _connect(self) -> None:
        self.open.clicked.connect(self.show_inside)
        self.make.clicked.connect(self._choose_where)
        self.choose.clicked.connect(self._choose_file)
        self.go_on.clicked.connect(self._take)
        self.leave.clicked.connect(self._leave)
        self._answer.made.connect(self._was_made)
        self._answer.chosen.connect(self._show_offer)
        self._answer.taken.connect(self._was_taken)
        self._answer.failed.connect(self._has_failed)

    @Slot()
    def show_inside(self) -> None:
        """Show how it goes by file."""
        self.open.hide()
        self.inside.show()
        (self.make if self.make.isEnabled() else self.choose).setFocus()

    @Slot()
    def allow(self) -> None:
        """A file can be asked with once there is a code."""
        self.make.setEnabled(bool(self._typed()[1]))

    # A file that asks

    @Slot()
    def _choose_where(self) -> None:
        at = self._clock().astimezone(VIETNAM)
        name = f"soxa-{say('widgets.joining.file_name')}-{at:%Y%m%d-%H%M}{SUFFIX}"
        title = say("widgets.joining.make")
        chosen, _ = QFileDialog.getSaveFileName(self, title, str(self._folder / name), _FILTER)
        if chosen:
            self.make_file(Path(chosen))

    def make_file(self, path: Path) -> None:
        """Write the file that asks, at `path`."""
        (server, code), clock = self._typed(), self._clock
        at = int(self._clock().timestamp())
        path = path if path.suffix else path.with_suffix(SUFFIX)
        self._folder = path.parent

        def work(store: Store) -> object:
            import platform

            from sync.client import joining
            from sync.protocol.parcel import write_file

            def ask() -> tuple[Path, Noted]:
                asked = joining.ask(store, code, server, platform.node(), at)
                try:
                    write_file(path, asked)
                except OSError as error:
                    raise EnvironmentFault("file_unwritable", file=str(path)) from error
                return path, Noted(up_bytes=len(asked))

            return note(store, clock, Way.ASKED, path.name, ask)

        self._have_done(work, "made")

    @Slot(object)
    def _was_made(self, path: Path) -> None:
        self._rest()
        self._say(say("widgets.joining.made", file=str(path)))

    # The answer

    @Slot()
    def _choose_file(self) -> None:
        title = say("widgets.joining.choose")
        chosen, _ = QFileDialog.getOpenFileName(self, title, str(self._folder), _FILTER)
        if chosen:
            self.look_at(Path(chosen))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if len(event.mimeData().urls()) == 1 and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.look_at(Path(event.mimeData().urls()[0].toLocalFile()))
        event.acceptProposedAction()

    def look_at(self, path: Path) -> None:
        """Say what the file at `path` brings; nothing is taken yet."""
        self._leave()
        self.show_inside()
        self._folder, clock = path.parent, self._clock

        def work(store: Store) -> object:
            from sync.client import joining
            from sync.protocol.parcel import read_file

            try:
                carried = read_file(path)
                return path.name, carried, joining.look(store, carried)
            except EnvironmentFault as fault:
                refuse(store, clock, path.name, fault)
                raise

        self._have_done(work, "chosen")

    @Slot(object)
    def _show_offer(self, chosen: "tuple[str, bytes, Offer]") -> None:
        self._rest()
        self._name, self._carried, offer = chosen
        at = formats.from_clock(offer.made_at)
        words = [
            say("widgets.joining.offer", person=offer.person, unit=offer.unit),
            say("widgets.joining.brings", at=formats.moment(at), records=offer.records),
        ]
        if at > self._clock() + _EARLY:
            words.append(say("widgets.joining.early"))
        self._say("\n".join(words))
        self._offer(True)
        self.go_on.setFocus()

    @Slot()
    def _take(self) -> None:
        name, carried, tell, clock = self._name, self._carried, self._tell, self._clock

        def work(store: Store) -> object:
            from sync.client import joining

            def take() -> tuple[Enrolment, Noted]:
                return joining.take(store, carried, tell), Noted(down_bytes=len(carried))

            return note(store, clock, Way.JOINED, name, take)

        self._have_done(work, "taken")

    @Slot(object)
    def _was_taken(self, _: object) -> None:
        self._rest()
        self._leave()
        self.joined.emit()

    @Slot()
    def _leave(self) -> None:
        """Put the file that was chosen aside."""
        self._carried = b""
        self._say("")
        self._offer(False)

    def _offer(self, is_there: bool) -> None:
        for button in (self.go_on, self.leave):
            button.setVisible(is_there)
        for button in (self.make, self.choose):
            button.setVisible(not is_there)

    def _say(self, words: str) -> None:
        self.state.setText(words)
        self.state.setVisible(bool(words))

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
        for button in (self.choose, self.go_on):
            button.setEnabled(True)
        self.allow()

    @Slot(object)
    def _has_failed(self, fault: EnvironmentFault) -> None:
        self._rest()
        self.failed.emit(fault)
