"""Old workbooks (.xls), read in a process of their own: a damaged one can ask for all memory, and end its reader."""

import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from sync.domain.errors import EnvironmentFault
from sync.exchange.sheets import Sheet, sheets_in

_LOOK_EVERY_S: Final = 0.05
_MAX_MEMORY: Final = 3 << 30
"""Bytes that the process may take, where the system can be told so."""


def sheets_read_apart(path: Path, check: Callable[[], None]) -> list[Sheet]:
    """The sheets of a workbook, calling `check` while they are read. Raises as `sheets_in`."""
    from multiprocessing import get_context

    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    reader = context.Process(target=_answer, args=(path, theirs), daemon=True)
    reader.start()
    theirs.close()
    try:
        check()
        while not ours.poll(_LOOK_EVERY_S):
            check()
        answer: list[Sheet] | str = ours.recv()
    except EOFError as error:  # it ended without a word
        raise EnvironmentFault("file_damaged", file=path.name) from error
    finally:
        reader.kill()
        reader.join()
        ours.close()
    if isinstance(answer, str):
        raise EnvironmentFault(answer, file=path.name)
    return answer


def _answer(path: Path, to: Connection) -> None:
    """Read in the other process, and send the sheets or the code of a fault."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    try:
        to.send(sheets_in(path, path.read_bytes(), _go_on))
    except EnvironmentFault as fault:
        to.send(fault.code)


def _go_on() -> None:
    """Who gives up ends this process."""
