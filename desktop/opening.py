"""The start of the program: what the command line says, which folder is opened, and what is asked where none can be."""

import sys
import threading
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from desktop.app import App, program
from desktop.folders import choose_next_folder, folder_to_open
from desktop.shell.single import Single
from desktop.widgets import theme
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault

_LONGEST_CODE: Final = 200


def main(arguments: Sequence[str] | None = None) -> int:
    """Open a data folder's window and return the exit status. 0 also when another window of the folder was raised."""
    parser = ArgumentParser("soxa")
    parser.add_argument("--data", type=Path, help=say("shell.argument.data"))
    parser.add_argument("--server", default="", help=say("shell.argument.server"))
    parser.add_argument("--read-code", action="store_true", help=say("shell.argument.read_code"))
    given = parser.parse_args(arguments)
    leave_no_core()
    code = _read_code() if given.read_code else ""
    qt = program()
    app = open_folder(given.data)
    if app is None:
        return 0
    sys.excepthook = app.crashes.take
    threading.excepthook = app.crashes.take_of_thread
    sys.unraisablehook = app.crashes.take_unraised
    qt.aboutToQuit.connect(app.stop)
    app.start(given.server, code)
    return qt.exec()


def leave_no_core() -> None:
    """Have no picture of the memory kept when a library breaks: keys, passwords and figures stand in it in the open."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read_code() -> str:
    """The first line of standard input: a command line and an environment are there for others on the PC to read."""
    if not sys.stdin:
        return ""  # a program with windows alone has none on Windows, where nobody gave it one
    # A code is of plain letters. In whatever way a shell writes others, they are no code, and no reason not to start.
    return sys.stdin.buffer.readline(_LONGEST_CODE).decode("ascii", "replace").strip()


def open_folder(given: Path | None) -> App | None:
    """The app of the folder, or None when another start has it, or the person gave up on what is in the way."""
    while True:
        folder = folder_to_open(given)
        single = Single(folder)
        fault: EnvironmentFault
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if single.is_first():
                return App(folder, single)
            if single.is_taken() and single.knock():
                return None
            fault = EnvironmentFault("window_silent" if single.is_taken() else "store_folder_unwritable", folder=folder)
        except OSError:
            fault = EnvironmentFault("store_folder_unwritable", folder=folder)
        except EnvironmentFault as found:
            fault = found
        single.release()
        from desktop.shell.unopened import Unopened

        theme.apply(program(), theme.SYSTEM, 100)
        asking = Unopened(fault, folder)
        if not asking.exec():
            return None
        if asking.folder != folder:
            choose_next_folder(asking.folder)
            given = asking.folder
