"""The review as an officer has it open, in an active window."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.review.room import ReviewRoom
from sync.store import Store
from tests.desktop.sampled import catalogue, clock


@pytest.fixture(autouse=True)
def swept(qapp: QCoreApplication) -> None:
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def build(qtbot: QtBot, feed: Feed) -> Callable[[Store], ReviewRoom]:
    def made(store: Store) -> ReviewRoom:
        room = ReviewRoom(store, catalogue(), feed, clock())
        qtbot.addWidget(room)
        qtbot.addWidget(room.header)
        room.resize(1282, 682)
        room.show()
        room.activateWindow()
        qtbot.waitUntil(room.isActiveWindow)
        QCoreApplication.processEvents()
        return room

    return made
