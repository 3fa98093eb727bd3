"""A PC with the application on it and a person in front: the real window in a process of its own, driven by keys.

Run as `python -m tests.end_to_end.pc DATA_DIR [SERVER]`. With a server, the first line of standard input is the code
to enrol with. Reads one order a line as JSON, `[name, arguments…]`, and answers each with one line of JSON. The process
may be killed at any moment: that is what it is for.
"""

import faulthandler
import json
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget

from desktop.app import App
from desktop.entry.room import EntryRoom
from desktop.entry.view import GridView
from desktop.settings.room import SettingsRoom
from desktop.shell.crash import CrashDialog
from desktop.shell.recovering import Recovering
from desktop.shell.sign_in import SignIn
from desktop.shell.single import Single
from desktop.shell.welcome import Welcome
from desktop.shell.window import Window
from desktop.tasks.room import TasksRoom
from desktop.widgets.fault import FaultPanel
from desktop.widgets.place import Place
from desktop.widgets.switch import Switch
from desktop.widgets.words import say
from sync.client.loop import Phase, Status
from sync.domain.keys import Key
from tests.end_to_end.taking_out import TakingOut

WAIT_S = 45.0
W = TypeVar("W", bound=QWidget)


class Person(TakingOut):
    """Does at the window what is asked for, by keys and by clicks on what is visible."""

    ordered = Signal(list)

    def __init__(self, app: App) -> None:
        super().__init__()
        self._app = app
        self._statuses: list[Status] = []
        app.feed.status.connect(self._heard)
        self.ordered.connect(self._do)

    @Slot(object)
    def _heard(self, status: Status) -> None:
        self._statuses.append(status)

    @Slot(list)
    def _do(self, order: list[Any]) -> None:
        name, *arguments = order
        work: Callable[..., Any] = getattr(self, name)
        answer = None
        try:
            answer = work(*arguments)
        except Exception:
            traceback.print_exc()  # in full, for whoever reads why a test failed
            raise
        finally:
            # Also of a failed order, whose trace is on stderr: nobody waits for an answer that does not come.
            print(json.dumps(answer), flush=True)

    def begin(self, name: str) -> bool:
        """On the welcome page, call the unit something and start typing."""
        page = self._in_front()
        assert isinstance(page, Welcome)
        called = say("shell.welcome.start.name")
        (field,) = (edit for edit in page.findChildren(QLineEdit) if edit.accessibleName() == called)
        self._awake(field)
        _write(field, name)
        QTest.keyClick(field, Qt.Key.Key_Return)
        return isinstance(self._app.window, Window)

    def protect(self, password: str) -> bool:
        """In the settings, set the first password under the name that stands there."""
        room = self._window().open_room("settings")
        assert isinstance(room, SettingsRoom)
        form = room.people.form
        assert form is not None
        for field in (form.new, form.again):
            self._awake(field)
            QTest.keyClicks(field, password)
        QTest.keyClick(form.again, Qt.Key.Key_Return)
        return self._wait(lambda: bool(self._app.store.person))

    def add_person(self, name: str, password: str) -> bool:
        """In the settings, give a colleague a password of their own."""
        room = self._window().open_room("settings")
        assert isinstance(room, SettingsRoom)
        (add,) = (one for one in room.people.findChildren(QPushButton) if one.text() == say("settings.people.add"))
        QTest.mouseClick(add, Qt.MouseButton.LeftButton)
        form = room.people.form
        assert form is not None
        self._awake(form.name)
        _write(form.name, name)
        for field in (form.new, form.again):
            self._awake(field)
            QTest.keyClicks(field, password)
        QTest.keyClick(form.again, Qt.Key.Key_Return)
        return self._wait(lambda: name in self._app.people.names())

    def lock(self) -> bool:
        """Press Ctrl+L; whether nothing but the sign-in page is to be seen."""
        QTest.keyClick(self._window(), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        shown = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
        return shown == [self._page()]

    def sign_in(self, name: str, password: str) -> str:
        """On the sign-in page, choose a name by arrows, type and press Enter: "" when in, else what is said."""
        page = self._page()
        self._awake(page.password)
        names = self._app.people.names()
        for _ in range(abs(names.index(name) - names.index(page.name))):
            down = names.index(name) > names.index(page.name)
            QTest.keyClick(page.password, Qt.Key.Key_Down if down else Qt.Key.Key_Up)
        QTest.keyClicks(page.password, password)
        QTest.keyClick(page.password, Qt.Key.Key_Return)
        self._wait(lambda: self._app.lock.page is not page or not page.password.isReadOnly())
        if self._app.lock.page is not page:
            return ""
        return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())

    def forget(self, file: str) -> bool:
        """Say that the password is forgotten, and save the file for the centre."""
        page = self._page()
        (forgotten,) = (b for b in page.findChildren(QPushButton) if b.text() == say("shell.sign_in.forgotten"))
        QTest.mouseClick(forgotten, Qt.MouseButton.LeftButton)
        recovering = page.findChild(Recovering)
        assert recovering is not None
        recovering.save_file(Path(file))
        return Path(file).exists()

    def take_reset(self, file: str, code: str, password: str) -> str:
        """Drop the centre's file on the page, type its code and a new password: "" when in, else what is said."""
        page = self._page()
        dropped = QMimeData()
        dropped.setUrls([QUrl.fromLocalFile(file)])
        action, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(page.viewport(), QDragEnterEvent(QPoint(20, 20), action, dropped, button, none))
        QApplication.sendEvent(page.viewport(), QDropEvent(QPointF(20, 20), action, dropped, button, none))
        recovering = page.findChild(Recovering)
        assert recovering is not None
        if recovering.code.isVisible():
            for field, typed in ((recovering.code, code), (recovering.new, password), (recovering.again, password)):
                self._awake(field)
                field.clear()
                QTest.keyClicks(field, typed)
            QTest.keyClick(recovering.again, Qt.Key.Key_Return)
            fault = recovering.findChild(FaultPanel)
            assert fault is not None
            self._wait(lambda: self._app.lock.page is not page or fault.isVisible())
        if self._app.lock.page is not page:
            return ""
        return "\n".join(label.text() for label in recovering.findChildren(QLabel) if label.isVisible())

    def who(self) -> str:
        """Whose name changes bear now."""
        return self._app.store.author()

    def break_down(self, words: str) -> bool:
        """Meet a bug of ours that says `words`, in the middle of everything and with the secrets at hand."""
        QTimer.singleShot(0, partial(self._fail, words))
        return True

    def _fail(self, words: str) -> None:
        key = self._app._presence.key  # noqa: F841 - a report that shows values would show this one
        raise LookupError(words)

    def has_broken(self) -> bool:
        """Whether the report of a bug is shown."""
        return self._wait(lambda: any(isinstance(one, CrashDialog) for one in QApplication.topLevelWidgets()))

    def _page(self) -> SignIn:
        page = self._app.lock.page
        assert page is not None
        return page

    def offline(self, chosen: bool) -> bool:
        """Set the switch in the status bar."""
        switch = self._only(Switch)
        if switch.isChecked() != chosen:
            QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
        return self._wait(lambda: self._statuses[-1:] and self._is_offline() == chosen)

    def sync(self) -> dict[str, Any]:
        """Press F5 and wait for the end of a sync."""
        self._statuses.clear()
        QTest.keyClick(self._window(), Qt.Key.Key_F5)
        ended = (Phase.ONLINE, Phase.FAILED)
        self._wait(lambda: bool(self._statuses) and self._statuses[-1].phase in ended)
        last = self._statuses[-1]
        summary = last.summary
        return {
            "phase": last.phase.value,
            "fault": last.fault.code if last.fault else "",
            "sent": summary.sent if summary else 0,
            "received": summary.received if summary else 0,
            "waiting": self._app.store.waiting(),
        }

    def go(self, form: str, period: str, unit: str, item: str) -> bool:
        """Put the cursor into a cell of the entry room."""
        self._window().show_place(Place("entry", unit, form, period, item))
        QTest.qWait(1)
        self._awake(self._grid())
        return True

    def type_down(self, entries: list[str]) -> bool:
        """Type a column: each entry is a number with Enter behind it, or the keys that say why there is none."""
        for entry in entries:
            if entry == "not collected":
                self._press(Qt.Key.Key_F7)
            else:
                for digit in entry:
                    self._press(Qt.Key(ord(digit)))
            self._press(Qt.Key.Key_Return)
        return True

    def take(self) -> str:
        """Take the villages' total into the current cell, by Alt+=; what the grid then shows there."""
        self._press(Qt.Key.Key_Equal, Qt.KeyboardModifier.AltModifier)
        return str(self._grid().currentIndex().data())

    def _press(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """A key goes to what has the focus at that moment, as on a keyboard."""
        QTest.keyClick(QApplication.focusWidget() or self._grid(), key, held)

    def cells(self, form: str, period: str, unit: str, items: list[str]) -> list[list[Any]]:
        """What the grid says of a unit's cells: text, state, how many rivals, and the sentence for a screen reader."""
        room = self._window().open_room("entry")
        assert isinstance(room, EntryRoom)
        self.go(form, period, unit, items[0])
        model = self._grid().grid()
        assert model is not None
        column = model.column_of(unit)
        assert column is not None
        found: list[list[Any]] = []
        for item in items:
            row = model.row_of(item)
            assert row is not None
            index = model.index(row, column)
            shown = self._app.store.shown(Key("value", unit, item, period))
            spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
            state = shown.state.name if shown else ""
            found.append([index.data(), state, len(shown.rivals) if shown else 0, spoken])
        return found

    def progress(self, task: str, percent: str, words: str) -> bool:
        """Choose a task by its text, type percent and words, and save with Ctrl+Enter."""
        room = self._tasks(task)
        form = room.page.form
        self._awake(form.percent)
        QTest.keyClicks(form.percent, percent)
        self._awake(form.words)
        _write(form.words, words)
        QTest.keyClick(form.words, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        return True

    def updates(self, task: str) -> list[list[str]]:
        """What the page of a task shows of its progress: the texts of each update."""
        room = self._tasks(task)
        return [[label.text() for label in update.findChildren(QLabel)] for update in room.page.updates]

    def picture(self, path: str) -> bool:
        return self._window().grab().save(path)

    def leave(self) -> bool:
        """Close the window, as a person does."""
        front = self._app._front()
        assert front is not None
        front.close()
        return True

    def _awake(self, widget: QWidget) -> None:
        """Give `widget` the focus, in a window that the system has made the active one."""
        window = widget.window()
        window.activateWindow()
        assert QTest.qWaitForWindowActive(window, round(WAIT_S * 1000))
        widget.setFocus()
        assert self._wait(widget.hasFocus)

    def _tasks(self, task: str) -> TasksRoom:
        window = self._window()
        window.show_place(Place("tasks", task=task))
        room = window.open_room("tasks")
        assert isinstance(room, TasksRoom)
        QTest.qWait(1)
        return room

    def _window(self) -> Window:
        window = self._in_front()
        assert isinstance(window, Window)
        return window

    def _in_front(self) -> QWidget:
        """The open window, made the active one: a system without a window manager does it late or not at all."""
        window = self._app.window
        assert window is not None
        window.activateWindow()
        assert self._wait(window.isActiveWindow)
        return window

    def _grid(self) -> GridView:
        return self._only(GridView)

    def _only(self, kind: type[W]) -> W:
        (found,) = self._window().findChildren(kind)
        return found

    def _is_offline(self) -> bool:
        return self._statuses[-1].phase == Phase.OFFLINE_BY_CHOICE

    def _wait(self, until: Callable[[], Any]) -> bool:
        """By the clock, which whoever waits for the answer goes by; a wait of Qt's own leaves other threads no turn."""
        began_s = time.monotonic()
        while time.monotonic() - began_s < WAIT_S:
            if until():
                return True
            QTest.qWait(10)
            time.sleep(0.01)
        return False


def _write(field: QWidget, words: str) -> None:
    """Vietnamese words, as an input method brings them."""
    typed = QInputMethodEvent()
    typed.setCommitString(words)
    QApplication.sendEvent(field, typed)


def main() -> None:
    faulthandler.enable()
    qt = QApplication(["soxa"])
    folder, *server = Path(sys.argv[1]), *sys.argv[2:]
    code = [sys.stdin.readline().strip()] if server else []
    folder.mkdir(exist_ok=True)
    single = Single(folder)
    assert single.is_first()
    app = App(folder, single)
    person = Person(app)
    qt.aboutToQuit.connect(app.stop)
    sys.excepthook = app.crashes.take
    app.start(*server, *code)

    def listen() -> None:
        for line in sys.stdin:
            person.ordered.emit(json.loads(line))

    threading.Thread(target=listen, daemon=True).start()
    print(json.dumps("ready"), flush=True)
    sys.exit(qt.exec())


if __name__ == "__main__":
    main()
