"""The system's own notifications: each thing once, several together as one, none while people are at home or
whoever is here has locked."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, Protocol

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon

from desktop.widgets.place import Place
from desktop.widgets.reminder import Reminder
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.domain.local_time import VIETNAM
from sync.store import Store

QUIET_FROM, QUIET_TO = 20, 7
"""Hours of the day between which nobody is disturbed."""

_ASIDE: Final = "reminded"
_MOST_TOKENS: Final = 400
_MOST_LINES: Final = 3
_LOOK_AGAIN_MS: Final = 60_000


class Tray(Protocol):
    """Where notifications are shown."""

    def show_message(self, title: str, text: str) -> bool:
        """Show one; False where the system has no place for it."""


class SystemTray(QObject):
    """The system's tray, made with the first message. `clicked` when a person clicks a message."""

    clicked = Signal()

    def __init__(self, icon: Callable[[], QIcon], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._shown: QSystemTrayIcon | None = None

    def show_message(self, title: str, text: str) -> bool:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return False
        if self._shown is None:
            self._shown = QSystemTrayIcon(self._icon(), self)
            self._shown.messageClicked.connect(self.clicked)
            self._shown.activated.connect(self.clicked)
            self._shown.show()
        self._shown.showMessage(title, text, QSystemTrayIcon.MessageIcon.Information)
        return True


class Notifier(QObject):
    """Takes what should be told and tells what was not told yet; `opened` carries the Place of what was clicked.

    While it `is_shut`, whoever sits there is not who it concerns: all waits until they are back.
    """

    opened = Signal(object)

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        tray: Tray,
        is_shut: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._clock, self._tray, self._is_shut = store, clock, tray, is_shut
        self._waiting: Sequence[Reminder] = ()
        self._last: Place | None = None
        self._again = QTimer(self)
        self._again.setInterval(_LOOK_AGAIN_MS)
        self._again.timeout.connect(self.tell)

    @Slot(object)
    def take(self, reminders: Sequence[Reminder]) -> None:
        """What there is to tell now, in place of what there was."""
        self._waiting = reminders
        self.tell()

    @Slot()
    def open_last(self) -> None:
        """Somebody clicked what was told last."""
        if self._last is not None:
            self.opened.emit(self._last)

    @Slot()
    def tell(self) -> None:
        """Tell what waits and may be told now."""
        if self._is_shut():
            return
        told = self._told()
        fresh = [reminder for reminder in self._waiting if reminder.token not in told]
        if fresh and is_quiet(self._clock()):
            self._again.start()
            return
        self._again.stop()
        if not fresh:
            return
        first = fresh[0]
        title, text = first.title, first.text
        if len(fresh) > 1:
            title = say("shell.remind.several", count=len(fresh))
            text = "\n".join(reminder.title for reminder in fresh[:_MOST_LINES])
        if not self._tray.show_message(title, text):
            return  # the desk tells it all the same
        self._last = first.place if len(fresh) == 1 else Place("today")
        kept = [*told, *(reminder.token for reminder in fresh)][-_MOST_TOKENS:]
        # On a full disk it is told again some time.
        with suppress(EnvironmentFault):
            self._store.keep_aside(_ASIDE, json.dumps(kept))

    def _told(self) -> list[str]:
        return [str(token) for token in json.loads(self._store.aside(_ASIDE) or "[]")]


def is_quiet(now: datetime) -> bool:
    """Whether nobody is to be disturbed at this hour."""
    hour = now.astimezone(VIETNAM).hour
    return hour >= QUIET_FROM or hour < QUIET_TO
