"""An errand ends on the thread that asked for it, also when nobody holds it any more."""

import gc
import threading
import weakref

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from desktop.widgets import errand
from desktop.widgets.errand import Errand
from sync.domain.errors import EnvironmentFault


class Asker:
    """Lets go of its errand in the middle of the answer, as a form does that closes itself."""

    def __init__(self) -> None:
        self.errand: Errand | None = Errand()
        self.found: list[object] = []
        self.errand.done.connect(self.take)
        self.errand.failed.connect(self.take)

    def take(self, found: object) -> None:
        self.found.append(found)
        self.errand = None


def refused() -> object:
    raise EnvironmentFault("disk_full")


@pytest.mark.parametrize("work", [lambda: 7, refused])
def test_it_is_taken_apart_on_the_thread_that_asked(qtbot: QtBot, work: object) -> None:
    asker = Asker()
    assert asker.errand is not None
    ended_in: list[str] = []
    weakref.finalize(asker.errand, lambda: ended_in.append(threading.current_thread().name))
    asker.errand.run(work)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: not errand._under_way)
    assert len(asker.found) == 1
    asker.found.clear()  # a fault knows where it was raised
    gc.collect()
    assert ended_in == [threading.main_thread().name]
    assert "errand" not in [thread.name for thread in threading.enumerate()]


def test_a_bug_in_the_work_ends_it_too(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda hook: raised.append(hook.exc_type))
    asked = Errand()
    asked.run(lambda: 1 // 0)
    qtbot.waitUntil(lambda: not errand._under_way)
    assert raised == [ZeroDivisionError]


def test_an_answer_to_a_widget_that_has_gone_is_let_go_of(qtbot: QtBot) -> None:
    widget, may_end = QWidget(), threading.Event()
    asked = Errand(widget)
    asked.run(lambda: may_end.wait(5))
    delete(widget)
    may_end.set()
    qtbot.waitUntil(lambda: not errand._under_way)
