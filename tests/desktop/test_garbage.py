"""Garbage that refers to itself: looked for in between, set aside while it is much, all of it while nobody looks."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop import garbage
from desktop.garbage import Garbage


class Ring:
    """Refers to itself, so only a look finds that nobody else does."""

    def __init__(self) -> None:
        self.itself = self


def dropped() -> "weakref.ref[Ring]":
    return weakref.ref(Ring())


@pytest.fixture
def looking(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Garbage]:
    monkeypatch.setattr(garbage, "_EVERY_MS", 1)
    looking = Garbage()
    yield looking
    looking.stop()


def test_it_is_looked_for_in_between(looking: Garbage) -> None:
    ring = dropped()
    kept = [[n] for n in range(garbage._SOME + 5_000)]
    QTest.qWait(20)
    assert kept
    assert ring() is None


def test_nobody_waits_while_it_is_much_and_it_is_found_once_nobody_looks(looking: Garbage) -> None:
    kept = [[n] for n in range(garbage._MUCH + 5_000)]
    ring = dropped()
    QTest.qWait(20)
    assert kept
    assert ring() is not None
    QGuiApplication.instance().applicationStateChanged.emit(Qt.ApplicationState.ApplicationInactive)  # type: ignore[union-attr]
    assert ring() is not None, "whoever tells of it is still at work"
    QApplication.processEvents()
    assert ring() is None


def test_nobody_waits_either_while_as_much_goes_as_comes(looking: Garbage) -> None:
    old = [[n] for n in range(garbage._MUCH)]
    gc.freeze()
    kept = [[n] for n in range(garbage._MUCH + garbage._SOME + 5_000)]
    old.clear()
    assert garbage._SOME < gc.get_count()[0] < garbage._MUCH
    ring = dropped()
    QTest.qWait(20)
    assert kept
    assert ring() is not None


def test_it_is_left_to_python_at_the_end(qapp: QApplication) -> None:
    looking = Garbage()
    assert not gc.isenabled()
    looking.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
