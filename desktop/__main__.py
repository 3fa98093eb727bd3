"""`python -m desktop`, the same as the command `soxa`."""

import gc
import sys


def main() -> int:
    """Start the program and return its exit status."""
    # A start makes much and drops nothing: looking for garbage took a tenth of it. The window turns it on again.
    gc.disable()
    from desktop.app import main as open_window

    return open_window()


if __name__ == "__main__":
    sys.exit(main())
