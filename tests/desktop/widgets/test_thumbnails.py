"""Small pictures are made off the window's thread, once each, and only so many are kept."""

from threading import Event, current_thread, main_thread

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop.widgets import thumbnails
from desktop.widgets.thumbnails import SIDE, Thumbnails
from sync.domain.errors import EnvironmentFault
from tests.desktop.drawn import encoded, photo, png_that_claims

PICTURE = encoded(photo(400, 300), "jpeg")


def test_a_picture_is_made_once_and_on_another_thread(qtbot: QtBot) -> None:
    asked = []

    def read(hashed: str) -> bytes:
        assert current_thread() is not main_thread()
        asked.append(hashed)
        return PICTURE

    owner = QObject()
    kept = Thumbnails(read, owner)
    with qtbot.waitSignal(kept.made):
        assert kept.of("a") is None
        assert kept.of("a") is None
    found = kept.of("a")
    assert found is not None
    assert (found.width(), found.height()) == (SIDE, SIDE * 3 // 4)
    assert asked == ["a"]


@pytest.mark.parametrize("data", [b"", png_that_claims(60_000, 60_000), PICTURE[:500]])
def test_what_cannot_be_shown_is_asked_for_once(qtbot: QtBot, data: bytes) -> None:
    asked = []

    def read(hashed: str) -> bytes:
        asked.append(hashed)
        if not data:
            raise EnvironmentFault("evidence_absent")
        return data

    owner = QObject()
    kept = Thumbnails(read, owner)
    with qtbot.waitSignal(kept.made):
        kept.of("a")
    assert kept.of("a") is None
    assert asked == ["a"]


def test_only_so_many_are_kept_the_last_used_first(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "MOST_KEPT", 3)
    asked: list[str] = []

    def read(hashed: str) -> bytes:
        asked.append(hashed)
        return PICTURE

    owner = QObject()
    kept = Thumbnails(read, owner)
    for hashed in "abcd":
        kept.of(hashed)
    qtbot.waitUntil(lambda: len(asked) == 4 and kept.of("d") is not None)
    assert kept.of("b") is not None
    assert kept.of("a") is None
    qtbot.waitUntil(lambda: len(asked) == 5)
    kept.stop()


def test_stopped_it_makes_no_more(qtbot: QtBot) -> None:
    gate, asked = Event(), []

    def read(hashed: str) -> bytes:
        asked.append(hashed)
        gate.wait(5)
        return PICTURE

    owner = QObject()
    kept = Thumbnails(read, owner)
    kept.of("a")
    kept.of("b")
    qtbot.waitUntil(lambda: asked == ["a"])
    kept.stop()
    gate.set()
    qtbot.wait(50)
    assert asked == ["a"]
