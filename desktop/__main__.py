"""`python -m desktop`, the same as the command `soxa`."""

import builtins
import gc
import sys


def main() -> int:
    """Start the program and return its exit status."""
    if getattr(sys, "frozen", False):
        # A process that reads a file beside this one starts the same program, and must become that process: no window.
        import multiprocessing

        multiprocessing.freeze_support()
    hasten()
    from desktop.opening import main as open_window

    return open_window()


def hasten() -> None:
    """Leave out what costs a start a third of its time; called before anything else is loaded."""
    # A start makes much and drops nothing, so there is no garbage to look for; the window turns it on again.
    gc.disable()
    from desktop.widgets.kept import kept_compiled

    with kept_compiled():
        import PySide6.QtCore  # noqa: F401

    # PySide's own import function, loaded just now, reads the source of every module loaded after it, to see whether
    # that module may switch Qt's names to another style. None of ours does.
    builtins.__import__ = builtins.__orig_import__  # type: ignore[attr-defined]
    # Newer typing for older Pythons, in which msgspec looks first: ours has all that it takes from there.
    if "typing_extensions" not in sys.modules:
        sys.modules["typing_extensions"] = None  # type: ignore[assignment]
        import msgspec  # noqa: F401

        del sys.modules["typing_extensions"]


if __name__ == "__main__":
    sys.exit(main())
