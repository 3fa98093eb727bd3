"""The files of evidence on their way: which waits for what, how far each has come, and what lets it wait or go on."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.feed import Feed
from desktop.widgets import formats, theme
from desktop.widgets.empty import EmptyPage
from desktop.widgets.naming import Names
from desktop.widgets.rows import Row, RowsView
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.domain.evidence import Evidence
from sync.domain.keys import EVIDENCE, Key
from sync.domain.local_time import day_at
from sync.domain.values import ContentError
from sync.store import Store
from sync.store.files import File, Files

if TYPE_CHECKING:  # the sync loads it, after the first paint
    from sync.client.evidence import Limits

_MOST_ROWS: Final = 300
_SOON_MS: Final = 250
"""A fast line tells of many pieces in a second: they are shown together."""


class Moving(NamedTuple):
    """What is shown of files that move, and who moves them: the files, what limits them now, and how they are told."""

    open_files: Callable[[], Files]
    limits: "Callable[[], Limits]"
    wake: Callable[[], None]


class FilesPage(QWidget):
    """A button at each file lets it wait, go on or be tried again. `failed` carries the fault of what was not done."""

    failed = Signal(object)

    def __init__(
        self,
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        moving: Moving,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._clock, self._moving = store, clock, moving
        self._files: Files | None = None
        self._names: Names | None = None
        self._unit = ""
        self._known: dict[str, tuple[Key, Evidence] | None] = {}
        self.words = theme.label("", "muted")
        self.words.setWordWrap(True)
        self.list = RowsView(say("transfer.tab.files"))
        empty = EmptyPage()
        empty.say(say("transfer.empty.files.title"), say("transfer.empty.files.text"))
        self.setFocusProxy(self.list)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(10))
        column.addWidget(self.words)
        column.addWidget(self._stack, 1)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._show)
        feed.file_moved.connect(self._moved)
        self.list.opened.connect(self._act)

    def show_files(self, names: Names, unit: str) -> None:
        """List what moves, or waits to."""
        self._names, self._unit = names, unit
        self._known.clear()
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._soon.stop()
        if self._files is not None:
            self._files.close()
            self._files = None

    @Slot()
    def _moved(self) -> None:
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    @Slot()
    def _show(self) -> None:
        if self._names is None or not self.isVisible():
            return
        try:
            files = self._here()
            moving = files.moving()
            moved = files.moved_on(day_at(self._clock()))
        except EnvironmentFault as fault:
            self.failed.emit(fault)
            return
        self.words.setText(_in_words(moving, moved, self._moving.limits()))
        said = self._said({file.sha256 for file in moving})
        self.list.show_rows([_row(file, said.get(file.sha256), self._names) for file in moving[:_MOST_ROWS]])
        self._stack.setCurrentIndex(0 if moving else 1)

    def _here(self) -> Files:
        if self._files is None:
            self._files = self._moving.open_files()
        return self._files

    def _said(self, hashes: set[str]) -> Mapping[str, tuple[Key, Evidence] | None]:
        """What is said of these files, by their hash: of one that is evidence of several, any of it.

        It is read for the first of them, and not again while they move.
        """
        if hashes - self._known.keys():
            self._known = dict.fromkeys(hashes)
            contents, _ = self._store.contents(EVIDENCE, self._unit)
            for key, content in contents.items():
                with suppress(ContentError):
                    evidence = Evidence.of(content)
                    if evidence.sha256 in hashes:
                        self._known[evidence.sha256] = key, evidence
        return self._known

    @Slot(object)
    def _act(self, hashed: str) -> None:
        """Let the file wait, go on, or be tried again."""
        try:
            file = self._here().find(hashed)
            if file is None:
                return
            if file.fault:
                self._here().try_again(hashed)
            else:
                self._here().pause(hashed, not file.paused)
        except EnvironmentFault as fault:
            self.failed.emit(fault)
            return
        self._moving.wake()
        self._show()


def _in_words(moving: Iterable[File], moved: int, limits: "Limits") -> str:
    """How much waits, how much was moved today, and what keeps files from being sent."""
    up = [file for file in moving if file.whole]
    left = sum(file.size - file.sent for file in up)
    told = [say("transfer.files.waiting", count=len(up), size=formats.size(left))] if up else []
    day = None if limits.day_bytes is None else formats.size(limits.day_bytes)
    if day is None:
        told.append(say("transfer.files.moved", size=formats.size(moved)))
    else:
        told.append(say("transfer.files.moved_of", size=formats.size(moved), most=day))
    if up and limits.metered:
        told.append(say("transfer.files.metered"))
    elif up and limits.day_bytes is not None and moved >= limits.day_bytes:
        told.append(say("transfer.files.spent"))
    return " ".join(told)


def _row(file: File, said: tuple[Key, Evidence] | None, names: Names) -> Row:
    done = file.sent if file.whole else file.here
    way = "up" if file.whole else "down"
    details = [say(f"transfer.files.{way}", done=formats.size(done), size=formats.size(file.size))]
    if said is not None:
        details.insert(0, names.task(said[0]))
    if file.fault:
        details.append(say(f"errors.{file.fault}.title"))
    percent = done * 100 // file.size if file.size else 0
    state, action, look = "moving", "pause", "accent"
    if file.fault:
        state, action, look = "refused", "again", "warning"
    elif file.paused:
        state, action, look = "paused", "resume", ""
    return Row(
        file.sha256,
        "image" if said is not None and said[1].media.is_picture else "file-text",
        said[1].name if said is not None else say("transfer.files.unknown"),
        " · ".join(details),
        say(f"transfer.files.state.{state}", percent=percent),
        look,
        say(f"transfer.files.{action}"),
    )
