"""What is made of a file that ships with the program, kept from one start to the next as Python keeps what it compiles.

It lies in `__pycache__`, where Python's own lies, with the source that it was made of: of another source it is made
anew.
"""

import builtins
import marshal
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any, Final

_WRITES_STUBS: Final = "shibokensupport/signature/lib/pyi_generator.py"
"""Of use to who makes PySide, never to a program: it is left out, with the modules and patterns that it loads."""


def kept(name: str, source: bytes, make: Callable[[bytes], Any]) -> Any:
    """`make(source)`, which is something that `marshal` can write, under a `name` of its own."""
    place = Path(cache_from_source(str(Path(__file__).with_name(f"{name}.py")))).with_suffix(".kept")
    try:
        made_of, made = marshal.loads(place.read_bytes())
    except (OSError, EOFError, ValueError, TypeError):  # none yet, or half of one
        made_of = None
    if made_of != source:
        made = make(source)
        _keep(place, marshal.dumps((source, made)))
    return made


def _keep(place: Path, written: bytes) -> None:
    """Whole or not at all, as others start too; where nothing may be written, every start makes it anew."""
    half = place.with_suffix(f".{os.getpid()}")
    try:
        place.parent.mkdir(exist_ok=True)
        half.write_bytes(written)
        half.replace(place)
    except OSError:
        return


@contextmanager
def kept_compiled() -> Iterator[None]:
    """Keep what PySide compiles: it carries modules as text, and compiles thirteen of them at every start."""
    plain = builtins.compile

    def compile_once(source: Any, filename: Any, mode: str, *others: Any, **more: Any) -> Any:
        if not isinstance(source, bytes) or mode != "exec" or others or more:
            return plain(source, filename, mode, *others, **more)
        if filename == _WRITES_STUBS:
            source = b""
        return kept(filename.replace("/", "."), source, lambda text: plain(text, filename, mode))

    builtins.compile = compile_once
    try:
        yield
    finally:
        builtins.compile = plain
