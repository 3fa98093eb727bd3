"""The evidence of tasks on this PC: attaching files, taking them away, and where each file is.

    attach, attach_file     keep a file, then say what it is evidence of: one change, valid before the file is sent
    detach                  take a piece of evidence away; `restore` is what undoes it
    of_task                 the evidence of a task, with where each file is and how far it has come
    fetch                   have a file brought that lies at the centre only; `Files.opened` reads it when it is here
    Files.pause, try_again  let a file wait, go on, or try again what did not succeed

What is said of a file travels as every other change; the bytes follow it, when nothing else waits (`client.evidence`).
"""

import os
import re
import stat
import threading
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from sync.domain.errors import EnvironmentFault
from sync.domain.evidence import MAX_BYTES, Evidence, clean_name, key_of
from sync.domain.identifiers import uuid7
from sync.domain.keys import EVIDENCE, Key
from sync.domain.values import CLEARED, ContentError
from sync.store import connection as file
from sync.store.cells import ChangeSet, Shown
from sync.store.files import File, Files, Kept
from sync.store.parked import said_in
from sync.store.store import Store

_SHORT: Final = 8
_NAMED: Final = re.compile('"sha256":"([0-9a-f]{64})"')
_ALL_NAMED: Final = re.compile(_NAMED.pattern.encode())

UNDONE_WITHIN: Final = timedelta(days=7)
"""For so long the file of what was taken away here stays: that may be undone."""

# A file that is kept, and not said to be evidence of anything yet, is not let go of in between.
_saying: Final = threading.Lock()


class Where(StrEnum):
    """Where the file of a piece of evidence is.

    HERE        on this PC only, not yet on its way       SENDING   some of it is at the centre
    BOTH        here and at the centre                    THERE     at the centre, as far as is known, and not here
    COMING      somebody here wants it: it is fetched     REFUSED   it does not move; `fault` says why
    """

    HERE = "here"
    SENDING = "sending"
    BOTH = "both"
    THERE = "there"
    COMING = "coming"
    REFUSED = "refused"


class Attached(NamedTuple):
    """A piece of evidence that stands, the cell that says so (who, when), and where its file is.

    A parked cell is what was attached here and is not in effect, or, where something stands in it, what was taken away
    here and is not gone. `done` of the file's bytes have come where they go; one that `is_here` can be opened on this
    PC. `fault` is a code for the translations, "" nearly always.
    """

    evidence: Evidence
    cell: Shown
    where: Where
    done: int = 0
    is_here: bool = False
    paused: bool = False
    fault: str = ""


def _untold(_done: int) -> None:
    """Nobody waits so long that they would be told."""


def attach(
    store: Store,
    files: Files,
    unit: str,
    task: str,
    name: str,
    source: BinaryIO,
    at: datetime,
    report: Callable[[int], None] = _untold,
) -> ChangeSet:
    """Attach what `source` gives, under `name`, to a task of `unit`: durable on return, or nothing happened.

    `report` is told the bytes that were read, and may raise to give up. Raises `EnvironmentFault` as `Files.keep`.
    """
    with _saying:
        return _say(store, unit, task, name, files.keep(source, report), at)


def attach_file(
    store: Store,
    files: Files,
    unit: str,
    task: str,
    path: Path,
    at: datetime,
    report: Callable[[int], None] = _untold,
) -> ChangeSet:
    """Attach a file of this PC. Raises `EnvironmentFault` as `attach`, and evidence_changed for one that is written to
    while it is read."""
    try:
        # A pipe would wait for ever when it is opened.
        if not stat.S_ISREG(path.stat().st_mode):
            raise EnvironmentFault("evidence_unreadable", file=path.name)
        with _saying, path.open("rb") as source:
            before = _state(source)
            if before[0] > MAX_BYTES:
                raise EnvironmentFault("evidence_too_large", file=path.name)
            with files.reading_in(source, report) as kept:
                if _state(source) != before or kept.size != before[0]:
                    raise EnvironmentFault("evidence_changed", file=path.name)
            return _say(store, unit, task, path.name, kept, at)
    except OSError as error:
        raise EnvironmentFault("evidence_unreadable", file=path.name) from error


def _state(source: BinaryIO) -> tuple[int, int]:
    found = os.fstat(source.fileno())
    return found.st_size, found.st_mtime_ns


def _say(store: Store, unit: str, task: str, name: str, kept: Kept, at: datetime) -> ChangeSet:
    cleaned = clean_name(name, kept.media, otherwise=kept.sha256[:_SHORT])
    evidence = Evidence(cleaned, kept.sha256, kept.size, kept.media)
    return store.record_changes([(key_of(unit, task, uuid7(at)), evidence.content())], store.author(), at)


def detach(store: Store, keys: Iterable[Key], at: datetime) -> ChangeSet:
    """Take pieces of evidence away. Their files stay for as long as something else names them, or this is undone."""
    return store.record_changes([(key, CLEARED) for key in keys], store.author(), at)


def restore(store: Store, pieces: Iterable[Attached], at: datetime) -> ChangeSet:
    """Undo `detach`: say again of the same files what was said."""
    edits = [(one.cell.key, one.evidence.content()) for one in pieces]
    return store.record_changes(edits, store.author(), at)


def of_task(store: Store, files: Files, unit: str, task: str) -> list[Attached]:
    """The evidence of a task, in the order in which it was attached."""
    cells = store.cells_of(EVIDENCE, [unit], [""], task)
    found = [
        (said, cells[key]) for key in sorted(cells, key=lambda key: key.part) if (said := _said(store, cells[key]))
    ]
    known = files.finds([said.sha256 for said, _ in found])
    return [_attached(said, cell, known.get(said.sha256)) for said, cell in found]


def count_of_task(store: Store, unit: str, task: str) -> int:
    """How many pieces of evidence a task has, whether or not any file is here."""
    return sum(_said(store, cell) is not None for cell in store.cells_of(EVIDENCE, [unit], [""], task).values())


def fetch(files: Files, evidence: Evidence) -> None:
    """Have a file brought that is not here; once more if it did not come."""
    files.ask_for(evidence.sha256, evidence.size)


def _said(store: Store, cell: Shown) -> Evidence | None:
    """What a cell says; None for what was taken away, or what a newer version wrote."""
    with suppress(ContentError):
        return Evidence.of(said_in(store, cell))
    return None


def _attached(said: Evidence, cell: Shown, found: File | None) -> Attached:
    if found is None:
        return Attached(said, cell, Where.THERE)
    done = found.sent if found.whole else found.here
    if found.fault:
        where = Where.REFUSED
    elif found.whole:
        where = Where.BOTH if found.at_centre else Where.SENDING if found.sent else Where.HERE
    else:
        where = Where.COMING if found.asked else Where.THERE
    return Attached(said, cell, where, done, found.whole, found.paused, found.fault)


# For moving files, and letting go of them


def accepted(store: Store, hashes: Collection[str]) -> set[str]:
    """Those of these files that the centre has accepted as evidence of something, as far as is known here.

    In a conflict that are all: whoever decides it wants to look at each.
    """
    if not hashes:
        return set()
    with file.reading(store.db):
        rows = store.db.execute("SELECT heads FROM record WHERE kind = ? AND heads != x''", (EVIDENCE,))
        return {hashed for (heads,) in rows for hashed in _hashes_in(heads) if hashed in hashes}


def drop_unnamed(store: Store, files: Files, now: datetime) -> int:
    """Let go of files that are evidence of nothing any more. How many those were.

    A whole one that the centre does not have goes only if whoever attached it here took it away: who may not see a
    task for a while shall find its files again. What was taken away here lately stays, at the centre or not. Of what
    was to be fetched only the beginning is here: it goes at once, and is wanted no more.
    """
    with _saying:
        with file.reading(store.db):
            records = store.db.execute("SELECT heads, lost FROM record WHERE kind = ?", (EVIDENCE,)).fetchall()
            typed = store.db.execute(
                "SELECT unit, item, part, content, open, typed_at FROM change WHERE kind = ? ORDER BY n", (EVIDENCE,)
            ).fetchall()
        named = {hashed for heads in records for written in heads for hashed in _hashes_in(written)}
        named |= {_hash_in(content) for *_, content, is_open, _ in typed if is_open}
        last = {tuple(address): (content, typed_at) for *address, content, _, typed_at in typed}
        early = (now - UNDONE_WITHIN).timestamp()
        here, kept = set(), set()
        for *address, content, _, _ in typed:
            hashed, (stands, typed_at) = _hash_in(content), last[tuple(address)]
            here.add(hashed)
            if stands != CLEARED:
                kept.add(hashed)
            elif typed_at > early:
                named.add(hashed)
        unnamed = [found for found in files.known() if found.sha256 not in named]
        dropped = [
            found
            for found in unnamed
            if not found.whole or found.at_centre or (found.sha256 in here and found.sha256 not in kept)
        ]
        for found in dropped:
            try:
                files.let_go(found.sha256)
            except EnvironmentFault as fault:
                if fault.code != "evidence_damaged":
                    raise
                # One that lies in a damaged place of the disk keeps no other from moving.
    return len(dropped)


def _hash_in(content: str) -> str:
    """The hash that a cell names, without a look at all that it says: there may be many thousands."""
    found = _NAMED.search(content)
    return found[1] if found else ""


def _hashes_in(heads: bytes) -> list[str]:
    """The hashes that the heads of a record name, in its column."""
    return [found.decode() for found in _ALL_NAMED.findall(heads)]
