"""The baselines that the benches' ratios refer to, all in one place, each as bare as it can be."""

import struct
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import msgspec
import zstandard
from nacl.pwhash import argon2id
from nacl.utils import random as random_bytes
from python_calamine import CalamineWorkbook
from sqlcipher3 import dbapi2

from sync.protocol import codec
from sync.protocol.dictionaries import LEVEL
from sync.protocol.locked import COST
from sync.protocol.messages import SyncAnswer

if TYPE_CHECKING:  # only one bench has a window
    from PySide6.QtWidgets import QTableView


def bare_database(path: Path) -> dbapi2.Connection:
    """An encrypted database with one table of values, set as the store sets its own."""
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA key = \"x'" + "01" * 32 + "'\"")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE bare (kind, unit, item, period, part, content, author, typed_at, received_at)")
    return connection


def bare_insert(connection: dbapi2.Connection, row: tuple[Any, ...]) -> None:
    """One value, committed."""
    connection.execute("BEGIN")
    connection.execute("INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    connection.execute("COMMIT")


def bare_pull(connection: dbapi2.Connection, bodies: list[bytes]) -> None:
    """Decode all answers and put their values away with one executemany."""
    found = [codec.decode(body) for body in bodies]
    records = [record for m in found if isinstance(m, SyncAnswer) for page in m.pages for record in page.records]
    rows = [
        (*r.key, r.heads[0].content, r.heads[0].author, r.heads[0].typed_at, r.heads[0].received_at) for r in records
    ]
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.execute("COMMIT")


def bare_paste(connection: dbapi2.Connection, rows: list[tuple[Any, ...]]) -> float:
    """Wall time in which one executemany of these rows, ready made, is durable in a table that has as many columns and
    nothing else: no key, no index, no condition."""
    width = len(rows[0])
    connection.execute(f"CREATE TABLE pasted ({', '.join(f'column_{place}' for place in range(width))})")
    start = perf_counter()
    connection.execute("BEGIN")
    connection.executemany(f"INSERT INTO pasted VALUES ({', '.join('?' * width)})", rows)
    connection.execute("COMMIT")
    return perf_counter() - start


def bare_table(texts: list[list[str]]) -> "QTableView":
    """The same table with Qt's own delegate over an array of texts, which are asked for all at once."""
    from PySide6.QtCore import QAbstractTableModel
    from PySide6.QtWidgets import QTableView

    class Array(QAbstractTableModel):
        def rowCount(self, parent: Any = None) -> int:
            return len(texts)

        def columnCount(self, parent: Any = None) -> int:
            return len(texts[0])

        def multiData(self, index: Any, span: Any) -> None:
            for one in span:
                one.setData(texts[index.row()][index.column()]) if one.role() == 0 else one.clearData()

    view = QTableView()
    view.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
    view.verticalHeader().setDefaultSectionSize(34)
    view.horizontalHeader().setDefaultSectionSize(124)
    view.setModel(Array(view))
    return view


def bound_bytes(rows: Sequence[tuple[str | int, ...]]) -> int:
    """The fewest bytes found for these rows, and nothing else: columns under zstd -19, each in its smallest form, in
    the order of their keys or in that in which they were typed, whichever is smaller."""
    orders = (sorted(rows), sorted(rows, key=lambda row: row[-1]))
    return min(
        _packed_bytes(b"".join(min(_forms(column), key=_packed_bytes) for column in zip(*rows, strict=True)))
        for rows in orders
    )


def _forms(column: Sequence[str | int]) -> Iterator[bytes]:
    """A column as lines of text and, where all or nearly all are whole numbers, as bytes of numbers or distances."""
    yield "\n".join(map(str, column)).encode()
    numbers = [int(value) for value in column if isinstance(value, int) or value.isdecimal()]
    if len(numbers) < 0.9 * len(column):
        return
    others = [
        (row, str(value)) for row, value in enumerate(column) if not (isinstance(value, int) or value.isdecimal())
    ]
    rest = "\n".join(f"{row} {value}" for row, value in others).encode()
    for found in (numbers, [after - before for before, after in pairwise([0, *numbers])]):
        raw = struct.pack(f"<{len(found)}q", *found)
        yield b"".join(raw[place::8] for place in range(8)) + rest


def _packed_bytes(written: bytes) -> int:
    return len(zstandard.ZstdCompressor(level=19).compress(written))


def bare_hashes(changes: Sequence[tuple[Any, ...]], records: Sequence[tuple[Any, ...]]) -> None:
    """At both ends a chain of hashes over all that each change says, and a hash of all that each record says."""
    pack = msgspec.msgpack.Encoder().encode
    for _ in ("device", "centre"):
        link = b""
        for change in changes:
            link = blake2b(link + pack(change), digest_size=16).digest()
        for record in records:
            blake2b(pack(record), digest_size=32).digest()


def bare_packing(bodies: Sequence[bytes]) -> None:
    """The very bodies that are sent, up and down, through zstd and back."""
    for body in bodies:
        packed = zstandard.ZstdCompressor(level=LEVEL).compress(body)
        zstandard.ZstdDecompressor().decompress(packed)


def bare_read(workbook: Path) -> list[list[Any]]:
    """All rows of a workbook's first sheet, as its reader gives them."""
    return CalamineWorkbook.from_path(workbook).get_sheet_by_index(0).to_python()


def bare_derivation() -> float:
    """Seconds for the one Argon2id derivation that a password costs, and nothing else."""
    salt = random_bytes(argon2id.SALTBYTES)
    start = perf_counter()
    argon2id.kdf(32, b"con trau di truoc", salt, opslimit=COST.ops, memlimit=COST.memory_mb << 20)
    return perf_counter() - start
