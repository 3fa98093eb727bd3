"""Small pictures are made off the window's thread, once each, and only so many are kept."""

from threading import Event, current_thread, main_thread

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from desktop.widgets import theme, thumbnails
from desktop.widgets.thumbnails import SIDE, Thumbnails
from sync.domain.errors import EnvironmentFault
from sync.domain.media import Media
from tests.desktop.drawn import encoded, pdf, photo, png_that_claims

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
        assert kept.of("a", Media.JPG) is None
        assert kept.of("a", Media.JPG) is None
    found = kept.of("a", Media.JPG)
    assert found is not None
    assert (found.width(), found.height()) == (SIDE, SIDE * 3 // 4)
    assert asked == ["a"]


def test_of_a_pdf_the_first_page_is_shown_with_an_edge(qtbot: QtBot) -> None:
    owner = QObject()
    kept = Thumbnails(lambda _: pdf([(595, 842), (842, 595)]), owner)
    with qtbot.waitSignal(kept.made, timeout=30_000):
        assert kept.of("a", Media.PDF) is None
    found = kept.of("a", Media.PDF)
    assert found is not None
    assert found.height() == SIDE
    assert 0.6 < found.width() / found.height() < 0.8, "upright, as its first page is"
    assert found.toImage().pixelColor(0, 0) == QColor(theme.roles().line)


@pytest.mark.parametrize("data", [b"%PDF-1.7 and nothing", pdf([(595, 842)], password="x"), pdf([])])
def test_a_pdf_that_cannot_be_read_has_no_picture(qtbot: QtBot, data: bytes) -> None:
    owner = QObject()
    kept = Thumbnails(lambda _: data, owner)
    with qtbot.waitSignal(kept.made, timeout=30_000):
        kept.of("a", Media.PDF)
    assert kept.of("a", Media.PDF) is None


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
        kept.of("a", Media.JPG)
    assert kept.of("a", Media.JPG) is None
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
        kept.of(hashed, Media.JPG)
    qtbot.waitUntil(lambda: len(asked) == 4 and kept.of("d", Media.JPG) is not None)
    assert kept.of("b", Media.JPG) is not None
    assert kept.of("a", Media.JPG) is None
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
    kept.of("a", Media.JPG)
    kept.of("b", Media.JPG)
    qtbot.waitUntil(lambda: asked == ["a"])
    kept.stop()
    gate.set()
    qtbot.wait(50)
    assert asked == ["a"]
