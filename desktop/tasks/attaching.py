"""Files on their way from a folder or the clipboard into a task's evidence, one after another on another thread."""

import io
import os
import stat
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import Signal

from desktop.tasks.sources import Manner, Source
from desktop.widgets.work import Work
from sync.domain.errors import EnvironmentFault
from sync.domain.evidence import Evidence
from sync.domain.keys import Key
from sync.domain.media import Media
from sync.domain.tasks import Task
from sync.exchange.sheets import Cancelled
from sync.store import ChangeSet, Store
from sync.store.evidence import attach, attach_file
from sync.store.files import Files

if TYPE_CHECKING:  # loaded with the first picture
    from desktop.widgets.pictures import Prepared

_MOST_READ: Final = 200 << 20
"""Bytes of a picture before it is made smaller."""

_HEAD: Final = 16
_NOT_KEPT: Final = (b"GIF8", b"BM")
"""Pictures of kinds that are no evidence as they are: they are made into another even where originals are kept."""


class Wanted(NamedTuple):
    """What shall be attached to which task, and how."""

    task: Task
    source: Source
    manner: Manner


class Attaching(Work):
    """Attaches what is `wanted`, and what is put behind it while it works.

    `begun` tells the name of each and how many are left with it, `attached` carries the change set of each that was
    taken, `refused` the name and the EnvironmentFault of each that was not, `unread` the name of a picture that was
    taken as it is because nothing here reads it.
    """

    begun = Signal(str, int)
    attached = Signal(object)
    refused = Signal(str, object)
    unread = Signal(str)

    def __init__(
        self,
        wanted: Iterable[Wanted],
        open_store: Callable[[], Store],
        open_files: Callable[[], Files],
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(self._attach_all)
        self.waiting = deque(wanted)
        """What is not attached yet, what is under way first."""
        self._open_store, self._open_files, self._clock = open_store, open_files, clock

    def _attach_all(self, cancelled: Callable[[], bool]) -> None:
        with closing(self._open_store()) as store, closing(self._open_files()) as files:
            while self.waiting and not cancelled():
                wanted = self.waiting[0]
                self.begun.emit(wanted.source.name, len(self.waiting))
                try:
                    changes = _attached(store, files, wanted, self._clock(), cancelled)
                except EnvironmentFault as fault:
                    self.waiting.popleft()
                    self.refused.emit(wanted.source.name, fault)
                else:
                    self.waiting.popleft()
                    self.attached.emit(changes)
                    if any(_media(store, key) is Media.HEIC for key in changes.keys):
                        self.unread.emit(wanted.source.name)


def _attached(store: Store, files: Files, wanted: Wanted, at: datetime, cancelled: Callable[[], bool]) -> ChangeSet:
    def report(_done: int) -> None:
        if cancelled():
            raise Cancelled

    task, source, manner = wanted
    made = _prepared(source, manner)
    report(0)
    if made is not None:
        return attach(store, files, task.unit, task.item, made.name, io.BytesIO(made.data), at, report)
    assert source.path is not None
    return attach_file(store, files, task.unit, task.item, source.path, at, report)


def _media(store: Store, key: Key) -> Media | None:
    shown = store.shown(key)
    return Evidence.of(shown.content).media if shown else None


def _prepared(source: Source, manner: Manner) -> "Prepared | None":
    """The picture as it is kept; None for what is kept as it is. Raises EnvironmentFault."""
    from desktop.widgets import pictures

    if source.image is not None:
        return pictures.prepare_pasted(source.name, source.image, manner.most_side)
    assert source.path is not None
    data = _picture_in(source.path)
    if data is None:
        return None
    if manner.keep_originals and not data.startswith(_NOT_KEPT):
        pictures.check(source.name, data)
        return None
    return pictures.prepare(source.name, data, manner.most_side)


def _picture_in(path: Path) -> bytes | None:
    """The bytes of a file that is a picture by its first ones; None for every other. Raises EnvironmentFault."""
    from desktop.widgets import pictures

    try:
        # A pipe would wait for ever when it is opened.
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb") as source:
            if not pictures.is_picture(source.read(_HEAD)):
                return None
            before = os.fstat(source.fileno())
            source.seek(0)
            data = source.read(_MOST_READ + 1)
            after = os.fstat(source.fileno())
    except OSError as error:
        raise EnvironmentFault("evidence_unreadable", file=path.name) from error
    if len(data) > _MOST_READ:
        raise EnvironmentFault("picture_huge", file=path.name)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != before.st_size:
        raise EnvironmentFault("evidence_changed", file=path.name)
    return data
