"""What a person does with the evidence of the open task: attach, look at, take away and bring back, have it fetched."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from PySide6.QtCore import QMimeData, QObject, QSettings, QStandardPaths, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.feed import Feed
from desktop.tasks.evidence import EvidencePanel, shortened
from desktop.tasks.sources import MOST_AT_ONCE, Manner, Source, sources_in
from desktop.widgets import pictures
from desktop.widgets.preferences import Preferences
from desktop.widgets.thumbnails import Thumbnails
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.domain.evidence import refusal
from sync.domain.keys import EVIDENCE, Key
from sync.domain.local_time import VIETNAM
from sync.domain.tasks import Task
from sync.store import ChangeSet, Store

if TYPE_CHECKING:  # loaded with the first file that is shown or attached
    from desktop.tasks.attaching import Attaching, Wanted
    from sync.store.evidence import Attached
    from sync.store.files import Files

_FOLDER: Final = "tasks/evidence_folder"
_SOON_MS: Final = 250
"""A fast line tells of many pieces in a second: they are shown together."""


class Means(NamedTuple):
    """What the evidence needs besides the store: its files, how pictures are taken, and who moves files when asked."""

    open_files: "Callable[[], Files]"
    preferences: Preferences
    wake: Callable[[], None]


class Proving(QObject):
    """The evidence panel of one task after another. `failed` carries a fault of the disk."""

    failed = Signal(object)

    def __init__(
        self,
        store: Store,
        open_store: Callable[[], Store],
        means: Means,
        feed: Feed,
        clock: Callable[[], datetime],
        settings: QSettings,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._store, self._open_store, self._means, self._feed = store, open_store, means, feed
        self._clock, self._settings, self._room = clock, settings, parent
        self._files: Files | None = None
        self._task: Task | None = None
        self._may_add = False
        self._work: Attaching | None = None
        self._of = 0
        self._gone: list[Attached] = []
        pictures.get_ready()
        self.thumbnails = Thumbnails(partial(_read, means.open_files), self)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self.panel = EvidencePanel(self.thumbnails.of)
        self.panel.originals.setChecked(means.preferences.keep_originals)
        self._connect()

    def _connect(self) -> None:
        panel = self.panel
        self.thumbnails.made.connect(panel.list.viewport().update)
        panel.choose.connect(self.choose)
        panel.paste.connect(self.paste)
        panel.opened.connect(self._open)
        panel.again.connect(self._try_again)
        panel.removed.connect(self._remove)
        panel.restored.connect(self.undo)
        panel.cancelled.connect(self._cancel)
        self._soon.timeout.connect(self.refresh)
        self._feed.file_moved.connect(self._moved)

    # What is shown

    def show_task(self, task: Task, *, may_add: bool) -> None:
        """Show the evidence of `task`, to which whoever is here may add something or not."""
        if self._task is None or task.item != self._task.item:
            self._gone = []
            self.panel.say_back()
        self._task, self._may_add = task, may_add
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the evidence of the open task once more."""
        if self._task is None or not self._room.isVisible():
            return
        unit, item = self._task.unit, self._task.item
        found: list[Attached] = []
        try:
            # Without any, what reads files is not even loaded.
            if self._files is not None or self._store.cells_of(EVIDENCE, [unit], [""], item):
                from sync.store.evidence import of_task

                found = of_task(self._store, self._here(), unit, item)
        except EnvironmentFault as fault:
            self.failed.emit(fault)
            return
        may_add = self._may_add and not refusal(self._task)
        self.panel.show_evidence(found, self._store.author(), self._clock(), may_add=may_add)

    def _here(self) -> "Files":
        """The room's own connection, opened with the first file that is shown: to read through it waits for nobody."""
        if self._files is None:
            self._files = self._means.open_files()
        return self._files

    def leave(self) -> None:
        """The room is left. What is being attached goes on through a connection of its own."""
        self.thumbnails.stop()
        if self._files is not None:
            self._files.close()
            self._files = None

    @Slot()
    def _moved(self) -> None:
        if self._room.isVisible() and not self._soon.isActive():
            self._soon.start()

    # Attaching

    @Slot()
    def choose(self) -> None:
        """Ask for files of this PC."""
        if not self._may_now():
            return
        home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        folder = str(self._settings.value(_FOLDER, home))
        names, _ = QFileDialog.getOpenFileNames(
            self._room, say("tasks.evidence.add"), folder, say("tasks.evidence.kinds")
        )
        if names:
            self._settings.setValue(_FOLDER, str(Path(names[0]).parent))
            self.attach([Source(Path(name).name, Path(name)) for name in names])

    @Slot()
    def paste(self) -> None:
        """Attach what was copied: files, or a picture."""
        self.take(QGuiApplication.clipboard().mimeData())

    def take(self, dragged: QMimeData) -> None:
        """Attach what was dropped or copied."""
        if not self._may_now():
            return
        at = self._clock().astimezone(VIETNAM)
        sources = sources_in(dragged, say("tasks.evidence.pasted", day=f"{at:%d-%m-%Y}", time=f"{at:%H.%M.%S}"))
        if sources:
            self.attach(sources)
        else:
            self.panel.say_refused(say("tasks.evidence.nothing_copied"))

    def attach(self, sources: Sequence[Source]) -> None:
        """Attach these to the open task, behind what is being attached already."""
        if self._task is None:
            return
        if len(sources) > MOST_AT_ONCE:
            self.panel.say_refused(say("tasks.evidence.too_many", count=len(sources), most=MOST_AT_ONCE))
            return
        from desktop.tasks.attaching import Wanted

        manner = Manner(self._means.preferences.picture_side, self.panel.originals.isChecked())
        wanted = [Wanted(self._task, source, manner) for source in sources]
        self._of += len(wanted)
        if self._work is None:
            self._begin(wanted)
        else:
            self._work.waiting.extend(wanted)

    def _begin(self, wanted: "Iterable[Wanted]") -> None:
        from desktop.tasks.attaching import Attaching

        self._work = Attaching(wanted, self._open_store, self._means.open_files, self._clock)
        # The feed outlives the window, which may be built again before all is attached.
        self._work.attached.connect(self._feed.changed)
        self._work.begun.connect(self._say_begun)
        self._work.refused.connect(self._say_refused)
        self._work.unread.connect(self._say_unread)
        self._work.done.connect(self._rest)
        self._work.failed.connect(self._fail)
        self._work.start()

    def waiting(self) -> int:
        """How many files are not attached yet, with the one that is under way."""
        return 0 if self._work is None else len(self._work.waiting)

    def _may_now(self) -> bool:
        """Whether the evidence may be changed now; where it may not, it is said why."""
        if self._task is None:
            return False
        why = refusal(self._task) or ("" if self._may_add else "no_right")
        if why:
            self.panel.say_refused(say(f"tasks.evidence.not_now.{why}"))
        return not why

    @Slot(str, int)
    def _say_begun(self, name: str, left: int) -> None:
        self.panel.say_under_way(name, left, self._of)

    @Slot(str, object)
    def _say_refused(self, name: str, fault: EnvironmentFault) -> None:
        self.panel.say_not_taken(name, fault)

    @Slot(str)
    def _say_unread(self, name: str) -> None:
        self.panel.say_refused(say("tasks.evidence.unread", name=shortened(name)))

    @Slot(object)
    def _rest(self) -> None:
        ended, self._work = self._work, None
        if ended is not None and ended.waiting:  # put there as it ended
            self._begin(ended.waiting)
            return
        self._of = 0
        self.panel.say_rest()

    @Slot(object)
    def _fail(self, fault: EnvironmentFault) -> None:
        self._work, self._of = None, 0
        self.panel.say_rest()
        self.failed.emit(fault)

    @Slot()
    def _cancel(self) -> None:
        if self._work is not None:
            left = self.waiting()
            self._work.cancel()
            self._work, self._of = None, 0
            self.panel.say_rest()
            self.panel.say_refused(say("tasks.evidence.stopped", count=left))

    # What is there

    @Slot(object)
    def _open(self, key: Key) -> None:
        """Look at a file; one that is not here is fetched."""
        one = self.panel.found(key)
        if one is None:
            return
        if not one.is_here:
            from sync.store.evidence import fetch

            self._move(partial(fetch, self._here(), one.evidence))
            return
        from desktop.widgets.preview import Doors, Preview, Viewed

        here = [each for each in self.panel.all() if each.is_here]
        viewed = [Viewed(e.sha256, e.name, e.media, e.size) for e in (each.evidence for each in here)]
        open_files = self._means.open_files
        doors = Doors(partial(_read, open_files), partial(_write, open_files))
        preview = Preview(viewed, here.index(one), doors, self._room)
        # Of one that could not be read any more it is said now where it is.
        preview.finished.connect(self.refresh)
        preview.open()

    @Slot(object)
    def _try_again(self, key: Key) -> None:
        one = self.panel.found(key)
        if one is not None:
            self._move(partial(self._here().try_again, one.evidence.sha256))

    def _move(self, say_so: Callable[[], None]) -> None:
        """Have a file moved, and show that it is under way."""
        try:
            say_so()
        except EnvironmentFault as fault:
            self.failed.emit(fault)
            return
        self._means.wake()
        self.refresh()

    @Slot(object)
    def _remove(self, key: Key) -> None:
        from sync.store.evidence import detach

        one = self.panel.found(key)
        if one is not None and self._may_now() and self._change(lambda: detach(self._store, [key], self._clock())):
            self._gone.append(one)
            self.panel.say_gone(one.evidence.name)

    @Slot()
    def undo(self) -> None:
        """Bring back what was taken away last."""
        if not self._gone or not self._may_now():
            return
        from sync.store.evidence import restore

        one = self._gone[-1]
        if self._change(lambda: restore(self._store, [one], self._clock())):
            self._gone.pop()
            self.panel.say_back()
            if self._gone:
                self.panel.say_gone(self._gone[-1].evidence.name)

    def _change(self, record: Callable[[], ChangeSet]) -> bool:
        """Whether the store took it."""
        try:
            changes = record()
        except EnvironmentFault as fault:
            self.failed.emit(fault)
            return False
        self._feed.changed.emit(changes)
        self.refresh()
        return True


def _read(open_files: "Callable[[], Files]", hashed: str) -> bytes:
    """All bytes of a file, on any thread. Raises EnvironmentFault."""
    with closing(open_files()) as files, _whole(files, hashed) as whole:
        return whole.read()


def _write(open_files: "Callable[[], Files]", hashed: str, path: Path) -> None:
    """A copy of a file, on any thread. Raises EnvironmentFault."""
    with closing(open_files()) as files, _whole(files, hashed):
        files.write_to(hashed, path)


@contextmanager
def _whole(files: "Files", hashed: str) -> Iterator[BinaryIO]:
    """A file that is here; what cannot be read any more is fetched anew when it is asked for."""
    try:
        with files.opened(hashed) as whole:
            yield whole
    except KeyError as error:
        raise EnvironmentFault("evidence_absent") from error
    except EnvironmentFault as fault:
        if fault.code == "evidence_damaged":
            files.spoilt(hashed)
        raise
