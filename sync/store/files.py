"""The files of one data folder: a second encrypted database beside the store, in which each file lies once, in pieces.

    soxa-files.db    file: one row for each SHA-256, with how far it has come     piece: its bytes, PIECE_BYTES each

It opens with the store's own key, which no password ever changes. It is apart so that large files never stand in the
way of a person who types: another lock, another log. One Files belongs to one thread; a folder may have several.
"""

import io
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, Self

from sqlcipher3 import dbapi2

from sync.domain.errors import EnvironmentFault
from sync.domain.evidence import MAX_BYTES
from sync.domain.media import Media, media_of
from sync.store import connection as file
from sync.store.files_database import open_files
from sync.store.pieces import PIECE_BYTES, Pieces, pieces_of

_AT_ONCE: Final = 16
"""Pieces in one transaction: a megabyte, for which whoever else writes waits."""

_PAGES_AT_ONCE: Final = 4_000
"""Pages of 4 kB that are given back to the disk in one go."""

_turn: Final = threading.Lock()

_COLUMNS: Final = "id, sha256, size, here, whole, sent, at_centre, asked, paused, fault"


class Kept(NamedTuple):
    """A file that lies here whole."""

    sha256: str
    size: int
    media: Media


class File(NamedTuple):
    """How far a file has come. `here` bytes of its `size` lie here, `sent` the centre said that it holds.

    `asked`: somebody here wants to have it. `fault` is why it does not move, a code for the translations.
    """

    id: int
    sha256: str
    size: int
    here: int
    whole: bool
    sent: int
    at_centre: bool
    asked: bool
    paused: bool
    fault: str


@cache
def _process() -> str:
    """This process, as no other one ever: what one that died was reading in is nobody's."""
    return os.urandom(8).hex()


def _untold(_done: int) -> None:
    """Nobody waits so long that they would be told."""


class Files:
    """See the module. `damaged` is where a database that could not be read was put aside; a new one was begun then."""

    def __init__(self, db: dbapi2.Connection, damaged: Path | None = None) -> None:
        self.db = db
        self.damaged = damaged
        # Pieces are read once, one after another.
        db.execute("PRAGMA cache_size = -2000")
        # Whoever opens it in the window waits for nobody who writes, unless a process died.
        with self._reading():
            left = db.execute("SELECT 1 FROM file WHERE sha256 IS NULL AND reader != ?", (_process(),)).fetchone()
        if left:
            with self._writing():
                self._forget("sha256 IS NULL AND reader != ?", _process())

    @classmethod
    def open(cls, folder: Path, key: bytes) -> Self:
        """Open or make the files in `folder` with the store's raw 32-byte key.

        Raises `EnvironmentFault`: store_newer, store_folder_unwritable, disk_full.
        """
        db, aside = open_files(folder, key)
        try:
            return cls(db, aside)
        except BaseException:
            db.close()
            raise

    def close(self) -> None:
        self.db.close()

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file, and give the disk back what was let go."""
        (free,) = self.db.execute("PRAGMA freelist_count").fetchone()
        if free:
            with self._writing():
                self.db.execute(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})").fetchall()
        file.checkpoint(self.db)

    # Reading in

    def keep(self, source: BinaryIO, report: Callable[[int], None] = _untold) -> Kept:
        """Read `source` to its end and keep it, once. Nobody else waits for longer than one megabyte takes.

        `report` is told the bytes that were read. Raises `EnvironmentFault` evidence_empty, evidence_too_large,
        evidence_kind, evidence_unreadable, disk_full, and whatever `report` raises to give up; then nothing is kept.
        """
        with self.reading_in(source, report) as kept:
            return kept

    @contextmanager
    def reading_in(self, source: BinaryIO, report: Callable[[int], None] = _untold) -> Iterator[Kept]:
        """As `keep`; whoever finds while this is open that what was read is not sound raises, and nothing is kept."""
        with self._writing():
            number = self.db.execute("INSERT INTO file (reader) VALUES (?)", (_process(),)).lastrowid
        assert number is not None
        try:
            hashed, size = self._pour(number, source, report)
            with self._seekable(number, size) as whole:
                media = media_of(whole)
            if media is None:
                raise EnvironmentFault("evidence_kind")
            yield Kept(hashed, size, media)
            self._name(number, hashed, size)
        except BaseException:
            # On a full disk even this may fail: the next process does it.
            with suppress(EnvironmentFault), self._writing():
                self._forget("id = ?", number)
            raise

    def _pour(self, number: int, source: BinaryIO, report: Callable[[int], None]) -> tuple[str, int]:
        total, size, pieces = sha256(), 0, pieces_of(source, _AT_ONCE)
        while pieces:
            rows: list[tuple[int, int, bytes]] = []
            for piece in pieces:
                total.update(piece)
                rows.append((number, size // PIECE_BYTES + len(rows), piece))
            size += sum(map(len, pieces))
            if size > MAX_BYTES:
                raise EnvironmentFault("evidence_too_large")
            with self._writing():
                self.db.executemany("INSERT INTO piece VALUES (?, ?, ?)", rows)
            report(size)
            # Behind a short piece may stand what another program has written since: not of this file.
            pieces = pieces_of(source, _AT_ONCE) if len(pieces[-1]) == PIECE_BYTES else []
        if not size:
            raise EnvironmentFault("evidence_empty")
        return total.hexdigest(), size

    def _name(self, number: int, hashed: str, size: int) -> None:
        with self._writing():
            before = self._found(hashed)
            if before and before.whole:
                self._forget("id = ?", number)
                return
            if before:
                # Some of it was fetched already: how it stands with the centre goes on with the whole one.
                self._forget("id = ?", before.id)
            self.db.execute(
                "UPDATE file SET sha256 = ?, reader = '', size = ?, here = ?, whole = 1, at_centre = ? WHERE id = ?",
                (hashed, size, size, int(before is not None and before.at_centre), number),
            )

    def let_go(self, hashed: str) -> None:
        """Keep a file here no longer."""
        with self._writing():
            self._forget("sha256 = ?", hashed)

    def spoilt(self, hashed: str) -> None:
        """The bytes of a whole file cannot be read any more: it shall come from the centre again, if that has it."""
        with self._writing():
            # To touch damaged pieces would fail again: they stay, and are nobody's.
            (free,) = self.db.execute("SELECT max(id) + 1 FROM file").fetchone()
            self.db.execute(
                "UPDATE file SET id = ?, here = 0, whole = 0, sent = 0, fault = '' WHERE sha256 = ? AND at_centre",
                (free, hashed),
            )
            self.db.execute(
                "UPDATE file SET fault = 'evidence_damaged' WHERE sha256 = ? AND NOT at_centre AND whole", (hashed,)
            )

    # Reading

    def find(self, hashed: str) -> File | None:
        """What is known of the file with this SHA-256."""
        with self._reading():
            return self._found(hashed)

    def finds(self, hashes: Sequence[str]) -> dict[str, File]:
        """The same of several, by their hashes: those of which anything is known."""
        marks = ", ".join("?" for _ in hashes)
        with self._reading():
            rows = self.db.execute(f"SELECT {_COLUMNS} FROM file WHERE sha256 IN ({marks})", tuple(hashes)).fetchall()
        return {found.sha256: found for found in map(_file, rows)}

    def read(self, hashed: str, offset: int, length: int) -> bytes:
        """Bytes of a file that lies here; fewer at its end, none of what is not here."""
        found = self.find(hashed)
        if found is None:
            return b""
        with self._reading():
            return self._read(found.id, offset, min(length, found.here - offset))

    @contextmanager
    def opened(self, hashed: str) -> Iterator[BinaryIO]:
        """A whole file, to be read and sought in. Raises KeyError for one that is not here."""
        found = self.find(hashed)
        if found is None or not found.whole:
            raise KeyError(hashed)
        with self._seekable(found.id, found.size) as whole:
            yield whole

    def write_to(self, hashed: str, path: Path, report: Callable[[int], None] = _untold) -> None:
        """Write a whole file out, unencrypted, under a name that somebody chose: all of it or nothing.

        Raises KeyError, and `EnvironmentFault` file_unwritable.
        """
        unfinished = path.with_name(path.name + ".part")
        with self.opened(hashed) as whole:
            try:
                with unfinished.open("wb") as out:
                    done = 0
                    while data := whole.read(PIECE_BYTES):
                        out.write(data)
                        report(done := done + len(data))
                    out.flush()
                    os.fsync(out.fileno())
                unfinished.replace(path)
            except OSError as error:
                raise EnvironmentFault("file_unwritable", file=path.name) from error
            finally:
                with suppress(OSError):
                    unfinished.unlink(missing_ok=True)

    def _seekable(self, number: int, size: int) -> BinaryIO:
        def read(offset: int, length: int) -> bytes:
            with self._reading():
                return self._read(number, offset, length)

        return io.BufferedReader(Pieces(read, size), PIECE_BYTES)

    def _read(self, number: int, offset: int, length: int) -> bytes:
        if length <= 0:
            return b""
        first, last = offset // PIECE_BYTES, (offset + length - 1) // PIECE_BYTES
        rows = self.db.execute(
            "SELECT data FROM piece WHERE file = ? AND n BETWEEN ? AND ? ORDER BY n", (number, first, last)
        )
        begin = offset - first * PIECE_BYTES
        return b"".join(data for (data,) in rows)[begin : begin + length]

    # Moving

    def whole(self) -> list[File]:
        """The files that lie here whole."""
        with self._reading():
            return [_file(row) for row in self.db.execute(f"SELECT {_COLUMNS} FROM file WHERE whole ORDER BY id")]

    def known(self) -> list[File]:
        """The files that lie here, whole or as far as they were fetched, and those that shall be."""
        with self._reading():
            rows = self.db.execute(f"SELECT {_COLUMNS} FROM file WHERE sha256 IS NOT NULL ORDER BY id")
            return [_file(row) for row in rows]

    def moving(self) -> list[File]:
        """The files that shall come from the centre or go there, in the order in which they came."""
        with self._reading():
            rows = self.db.execute(
                f"SELECT {_COLUMNS} FROM file WHERE asked OR (whole AND NOT at_centre) ORDER BY asked DESC, id"
            )
            return [_file(row) for row in rows]

    def ask_for(self, hashed: str, size: int) -> None:
        """Have a file fetched that does not lie here; also try again what did not succeed."""
        with self._writing():
            self.db.execute(
                "INSERT INTO file (sha256, size, asked) VALUES (?, ?, 1) ON CONFLICT (sha256)"
                " DO UPDATE SET asked = NOT whole, paused = 0, fault = ''",
                (hashed, size),
            )

    def pause(self, hashed: str, paused: bool) -> None:
        """Let a file wait, or go on."""
        with self._writing():
            self.db.execute("UPDATE file SET paused = ? WHERE sha256 = ?", (int(paused), hashed))

    def try_again(self, hashed: str) -> None:
        """Forget why a file does not move."""
        with self._writing():
            self.db.execute("UPDATE file SET fault = '' WHERE sha256 = ?", (hashed,))

    def was_sent(self, hashed: str, sent: int, *, at_centre: bool) -> None:
        """The centre says that it holds `sent` bytes of a file, or all of them."""
        with self._writing():
            self.db.execute(
                "UPDATE file SET sent = ?, at_centre = ?, fault = '' WHERE sha256 = ?", (sent, int(at_centre), hashed)
            )

    def was_refused(self, hashed: str, code: str) -> None:
        """A file does not move, for a reason in the translations."""
        with self._writing():
            self.db.execute("UPDATE file SET fault = ? WHERE sha256 = ?", (code, hashed))

    def add(self, hashed: str, offset: int, data: bytes) -> int:
        """Put fetched bytes behind those that are here; anything else is left out. How many bytes are here now.

        At the end of the file it is looked at: what has another hash is thrown away. Raises `EnvironmentFault`
        evidence_came_wrong and disk_full.
        """
        with self._writing():
            found = self._found(hashed)
            if found is None or found.whole or offset != found.here or not data or offset + len(data) > found.size:
                return found.here if found else 0
            n, beside = divmod(offset, PIECE_BYTES)
            if beside:
                data = self._read(found.id, n * PIECE_BYTES, beside) + data
            starts = range(0, len(data), PIECE_BYTES)
            rows = [(found.id, n + at // PIECE_BYTES, data[at : at + PIECE_BYTES]) for at in starts]
            self.db.executemany("INSERT OR REPLACE INTO piece VALUES (?, ?, ?)", rows)
            here = n * PIECE_BYTES + len(data)
            self.db.execute("UPDATE file SET here = ? WHERE id = ?", (here, found.id))
        if here == found.size:
            self._end(found)
        return here

    def _end(self, found: File) -> None:
        if self.is_sound(found):
            with self._writing():
                self.db.execute(
                    "UPDATE file SET whole = 1, asked = 0, at_centre = 1, sent = size, fault = '' WHERE id = ?",
                    (found.id,),
                )
            return
        with self._writing():
            self.db.execute("DELETE FROM piece WHERE file = ?", (found.id,))
            self.db.execute("UPDATE file SET here = 0, fault = 'evidence_came_wrong' WHERE id = ?", (found.id,))
        raise EnvironmentFault("evidence_came_wrong")

    def is_sound(self, found: File) -> bool:
        """Whether the bytes that lie here are those of the hash; piece by piece."""
        total = sha256()
        with self._seekable(found.id, found.size) as whole:
            while data := whole.read(PIECE_BYTES):
                total.update(data)
        return total.hexdigest() == found.sha256

    # What a day took

    def moved_on(self, day: date) -> int:
        """Bytes that were moved on this day. Another day than the last, also one before it, begins with none."""
        with self._reading():
            kept = dict(self.db.execute("SELECT name, value FROM meta WHERE name IN ('day', 'moved')").fetchall())
        return int(kept["moved"]) if kept.get("day") == day.isoformat() else 0

    def add_moved(self, day: date, moved: int) -> None:
        """Count bytes of this day."""
        before = self.moved_on(day)
        with self._writing():
            rows = [("day", day.isoformat()), ("moved", str(before + moved))]
            self.db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    # Inside

    def _found(self, hashed: str) -> File | None:
        row = self.db.execute(f"SELECT {_COLUMNS} FROM file WHERE sha256 = ?", (hashed,)).fetchone()
        return _file(row) if row else None

    def _forget(self, where: str, argument: object) -> None:
        self.db.execute(f"DELETE FROM piece WHERE file IN (SELECT id FROM file WHERE {where})", (argument,))
        self.db.execute(f"DELETE FROM file WHERE {where}", (argument,))

    def _writing(self) -> AbstractContextManager[object]:
        return file.writing(self.db, _turn)

    def _reading(self) -> AbstractContextManager[object]:
        return file.reading(self.db)


def _file(row: Sequence[Any]) -> File:
    number, hashed, size, here, whole, sent, at_centre, asked, paused, fault = row
    return File(number, hashed, size, here, bool(whole), sent, bool(at_centre), bool(asked), bool(paused), fault)
