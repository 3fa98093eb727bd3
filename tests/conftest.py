"""Every test runs without a screen, without the keyring and folders of whoever runs it, and without a word from Qt."""

import os
import sys
import tempfile
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest
from pytestqt.qtbot import QtBot

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_OWN = pytest.StashKey[tempfile.TemporaryDirectory[str]]()
_OF_NO_SCREEN = "This plugin does not support propagateSizeHints"
_FOLDERS = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "APPDATA", "LOCALAPPDATA")


def pytest_configure(config: pytest.Config) -> None:
    own = config.stash[_OWN] = tempfile.TemporaryDirectory(prefix="soxa-tests-", ignore_cleanup_errors=True)
    os.environ.update(dict.fromkeys(_FOLDERS, own.name))
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_OWN].cleanup()
    if "PySide6.QtGui" in sys.modules:
        from PySide6.QtGui import QGuiApplication

        # Without a screen what we left in the clipboard outlives the interpreter that made it, and ends in a crash.
        if QGuiApplication.instance() is not None:
            QGuiApplication.clipboard().clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    """Fail a test whose windows and threads make Qt complain as they end; until then pytest-qt listens."""
    if "PySide6.QtCore" not in sys.modules:
        return (yield)
    from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

    heard: list[str] = []

    def hear(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and _OF_NO_SCREEN not in message:
            heard.append(message)

    before = qInstallMessageHandler(hear)
    try:
        done = yield
    finally:
        qInstallMessageHandler(before)
    assert not heard, f"Qt complained while the test ended: {heard}"
    return done


@pytest.fixture
def qtbot(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> QtBot:
    """Holds the widgets of a test for as long as it lasts.

    Otherwise a child that is to be deleted may be the last to hold its parent, by what it is connected to: it would
    take the parent with it, and that the child once more.
    """
    held: list[QWidget] = []
    add = qtbot.addWidget

    def hold(widget: "QWidget", **more: Any) -> None:
        held.append(widget)
        add(widget, **more)

    monkeypatch.setattr(qtbot, "addWidget", hold)
    return qtbot
