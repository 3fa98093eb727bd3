"""The store of one data folder: typing into it, and reading what the screens show.

Typing is one transaction and one fsync. What is shown is never stored twice: it is the centre's `record` overlaid
by the open rows of the `change` log (`cells.overlay`). One Store belongs to one thread; a folder may have several.
"""

import itertools
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self

import msgspec
from sqlcipher3 import dbapi2

from sync.domain.authors import among, id_of
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import OWN_UNIT, RIGHTS, UNIT, VALUE, Key, stream_of, stream_of_device
from sync.domain.rights import People, home, people_of
from sync.domain.units import Unit
from sync.domain.values import CLEARED, ContentError
from sync.protocol import chain
from sync.protocol.messages import MAX_CONTENT, MAX_INTEGER, MAX_NAME, Change, Link, Version
from sync.store import connection as file
from sync.store.cells import (
    CellState,
    ChangeSet,
    Entry,
    Held,
    Rival,
    Shown,
    moment,
    overlay,
)
from sync.store.enrolment import JOINING, Enrolment
from sync.store.held import CELL, KEY, STANDING, TYPED, held_in, held_of, held_where, seen_here, typed
from sync.store.standing import Standing, read_standing

UNNAMED: Final = -MAX_INTEGER
"""Changes without a place in the chain are numbered upwards from here, so that they lie in typed order too."""

_encode = msgspec.msgpack.Encoder().encode
_INSERT: Final = (
    f"INSERT INTO change (n, hash, {KEY}, stream, content, seen, branch, author, typed_at, catalogue)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_NOTHING_SEEN: Final = bytearray(_encode(()))
_RUN_BYTES: Final = 4
_REPORT_EVERY: Final = 1_000
_NO_RIVALS: Final[Mapping[Key, Collection[Rival]]] = MappingProxyType({})


def random_run() -> str:
    """A name for one opening of a store: 8 hexadecimal digits."""
    return os.urandom(_RUN_BYTES).hex()


def _untold(_done: int) -> None:
    """Nobody waits so long that they would be told."""


class Store:
    """See the module. `catalogue` is the version under which what is typed here is typed."""

    def __init__(self, db: dbapi2.Connection, catalogue: str, new_run: Callable[[], str]) -> None:
        self.db = db
        self.catalogue = catalogue
        self.device = self._device()
        # Whoever copies the folder opens the copy anew: what is typed there has other names.
        self.new_run = new_run
        self._branch = self.device + new_run()
        self.edition = 0
        """Of the catalogue whose version that is."""
        self.person = ""
        """Who signed in on this PC; nobody where nobody has a password."""
        self.sees: Callable[[Key], bool] | None = None
        """Which cells whoever is here may see, where not all that is here: of the others they see what they typed."""

    @classmethod
    def open(cls, folder: Path, key: bytes, catalogue: str = "", new_run: Callable[[], str] = random_run) -> Self:
        """Open or make the store in `folder` with its raw 32-byte key. Raises `EnvironmentFault`."""
        db = file.connect(folder, key)
        try:
            return cls(db, catalogue, new_run)
        except BaseException:
            db.close()
            raise

    def close(self) -> None:
        self.db.close()

    # Typing

    def record_changes(
        self,
        edits: Sequence[tuple[Key, str]],
        author: str,
        at: datetime,
        over: Mapping[Key, Collection[Rival]] = _NO_RIVALS,
        report: Callable[[int], None] = _untold,
    ) -> ChangeSet:
        """Keep what a person typed: all of it in one transaction, durable on return.

        `edits` are keys with canonical contents; one that says what the cell already says, with no rival, is no
        edit. `over` are the rivals that the person had before them in a cell and decides over: others, that have
        come since, stay. `report` is told now and then how many edits are done. Raises `EnvironmentFault`,
        ContentError for what no message could carry, and whatever `report` raises to give up; then nothing was kept.
        """
        with file.writing(self.db):
            return self.record_in(edits, author, at, over, report)

    def record_in(
        self,
        edits: Sequence[tuple[Key, str]],
        author: str,
        at: datetime,
        over: Mapping[Key, Collection[Rival]] = _NO_RIVALS,
        report: Callable[[int], None] = _untold,
    ) -> ChangeSet:
        """As `record_changes`, inside a transaction."""
        _check(edits, author)
        # One that comes to a cell again has seen what the first did there.
        are_apart = len({key for key, _ in edits}) == len(edits)
        kept: list[Key] = []
        for run in [edits] if are_apart else [[edit] for edit in edits]:
            held = held_in(self.db, [key for key, _ in run], author)
            kept += self._append(run, held, author, at, over, report)
        return ChangeSet(frozenset(kept))

    def record_made(
        self,
        keys: Collection[Key],
        make: Callable[[Mapping[Key, Shown]], Sequence[tuple[Key, str]]],
        author: str,
        at: datetime,
        report: Callable[[int], None] = _untold,
    ) -> list[Key]:
        """Keep what `make` makes of what `keys` show: each is read once, in the transaction that writes it.

        Its edits are each of another one of the keys, and decide over all rivals that are shown. Whatever `make` raises
        gives it up. Which keys were written, in their order; else as `record_changes`.
        """
        _check((), author)
        with file.writing(self.db):
            held = held_in(self.db, keys, author)
            shown = {key: cell for key, one in held.items() if (cell := self._overlaid(key, one))}
            over = {key: cell.rivals for key, cell in shown.items() if cell.rivals}
            edits = make(shown)
            _check(edits, author)
            return self._append(edits, held, author, at, over, report)

    def adopt(self, unit: str) -> ChangeSet:
        """Give what was typed before its unit was known its true `unit`, and a place in the chain, in typed order.

        Nothing of it was ever sent, so completing its address renames nothing that anyone has seen.
        """
        touched: list[Key] = []
        with file.writing(self.db) as db:
            last_link = self.last_link()
            rows = db.execute(
                f"SELECT n, {KEY}, content, author, typed_at, catalogue FROM change WHERE n < 0 ORDER BY n"
            ).fetchall()
            for unnamed, *address, content, author, typed_at, catalogue in rows:
                provisional = Key(*address)
                key = provisional._replace(unit=unit)
                # Whoever typed this had not seen what the centre holds: it may become a rival, never overwrite.
                seen = held_in(db, [key], author)[key]._replace(record=None).seen()
                last_link = chain.link(
                    last_link, Change(last_link.n + 1, self._branch, key, content, seen, author, typed_at, catalogue)
                )
                db.execute(
                    "UPDATE change SET n = ?, branch = ?, hash = ?, unit = ?, stream = ?, seen = ? WHERE n = ?",
                    (last_link.n, self._branch, last_link.hash, unit, stream_of(key), _encode(seen), unnamed),
                )
                touched += [provisional, key]
        return ChangeSet(frozenset(touched))

    # Reading

    def shown(self, key: Key) -> Shown | None:
        """What one cell shows; None if nobody ever typed it."""
        with file.reading(self.db):
            return self._overlaid(key, held_of(self.db, key))

    def cells(self, kind: str, unit: str, period: str | None = None) -> dict[Key, Shown]:
        """Every cell of exactly this unit, and of one period if given."""
        if period is None:
            return self._shown("kind = ? AND unit = ?", (kind, unit))
        return self._shown("kind = ? AND unit = ? AND period = ?", (kind, unit, period))

    def of_units(self, kind: str, units: Collection[str]) -> dict[Key, Shown]:
        """Every cell of exactly these units."""
        return self._shown(f"kind = ? AND unit IN ({', '.join('?' for _ in units)})", (kind, *units))

    def sheet(self, units: Collection[str], periods: Collection[str], items: Collection[str]) -> dict[Key, Shown]:
        """The values of these items, units and periods, as a grid needs them: in one look, not one for each unit."""
        unit, period, item = (", ".join("?" for _ in names) for names in (units, periods, items))
        where = f"kind = ? AND unit IN ({unit}) AND period IN ({period}) AND item IN ({item})"
        return self._shown(where, (VALUE, *units, *periods, *items))

    def cells_of(
        self,
        kind: str,
        units: Collection[str],
        periods: Collection[str],
        item: str | None = None,
        part: str | None = None,
    ) -> dict[Key, Shown]:
        """The cells of a kind of these units and periods, and of one item or one part if given."""
        unit, period = (", ".join("?" for _ in names) for names in (units, periods))
        where, named = f"kind = ? AND unit IN ({unit}) AND period IN ({period})", [kind, *units, *periods]
        for column, name in (("item", item), ("part", part)):
            if name is not None:
                where, named = f"{where} AND {column} = ?", [*named, name]
        return self._shown(where, named)

    def select(self, kind: str, within: str, period: str | None = None) -> dict[Key, Shown]:
        """Every cell of this unit and all below it, and of one period if given."""
        # "/" follows "." in the alphabet: from 48.20308 up to 48.20308/ lies that commune with its villages.
        where = "kind = ? AND unit >= ? AND unit < ?"
        below = (kind, within, within + "/")
        if period is None:
            return self._shown(where, below)
        found: dict[Key, Shown] = {}
        for unit in self._units_with(where, below):
            found |= self.cells(kind, unit, period)
        return found

    def has_more(self, kind: str, within: str, than: int) -> bool:
        """Whether the centre served more cells of this unit and all below it, or more were typed here."""
        where, below = "kind = ? AND unit >= ? AND unit < ?", (kind, within, within + "/")
        found = self._one(
            f"SELECT (SELECT count(*) FROM (SELECT 1 FROM record WHERE {where} LIMIT ?))"
            f" + (SELECT count(*) FROM (SELECT 1 FROM change WHERE {where} AND open LIMIT ?))",
            *below,
            than + 1,
            *below,
            than + 1,
        )
        return int(found) > than

    def contents(self, kind: str, within: str) -> tuple[dict[Key, str], dict[Key, Shown]]:
        """What the cells of this unit and all below it say, as hundreds of thousands are read at once.

        Of those that are open here or contested, what they show stands in the second: there is more to tell of them.
        """
        where, below = "kind = ? AND unit >= ? AND unit < ?", (kind, within, within + "/")
        with file.reading(self.db):
            records = self.db.execute(f"SELECT {KEY}, content FROM record WHERE {where}", below)
            found = {Key(*row[:5]): row[5] for row in records}
            special = self.db.execute(
                f"SELECT {KEY} FROM record WHERE {where} AND contested"
                f" UNION SELECT {KEY} FROM change WHERE {where} AND open",
                (*below, *below),
            ).fetchall()
        open_ones = {key: shown for key in (Key(*row) for row in special) if (shown := self.shown(key)) is not None}
        return found | {key: shown.content for key, shown in open_ones.items()}, open_ones

    def undecided(self) -> dict[Key, Shown]:
        """Cells in conflict and cells whose last change was parked."""
        with file.reading(self.db):
            parked = self.db.execute(f"SELECT DISTINCT {KEY} FROM change WHERE open AND outcome = 'parked'")
            keys = {Key(*row) for row in parked}
            contested = self.db.execute(f"SELECT {KEY} FROM record WHERE contested")
            keys |= {Key(*row) for row in contested}
        shown = {key: self.shown(key) for key in keys}
        return {key: cell for key, cell in shown.items() if cell and (cell.rivals or cell.reason)}

    def history(self, key: Key) -> list[Entry]:
        """What was typed into this cell here, newest first, then what stands at the centre from elsewhere."""
        with file.reading(self.db):
            rows = self.db.execute(
                f"SELECT * FROM (SELECT {TYPED} FROM change WHERE {CELL} AND open"
                f" UNION ALL SELECT {TYPED} FROM change WHERE {CELL} AND NOT open) ORDER BY n DESC",
                (*key, *key),
            ).fetchall()
            record = self._record(key)
        changes = [typed(row) for row in rows]
        if self.sees and not self.sees(key):
            me, record = self.author(), None
            changes = [change for change in changes if id_of(change.author) == id_of(me)]
        entries = [change.entry() for change in changes]
        for head in record.heads if record else ():
            if head.version.device != self.device:
                at, received_at = moment(head.typed_at), moment(head.received_at)
                entries.append(Entry(head.content, head.author, at, received_at, CellState.RECEIVED))
        return entries

    def units(self, within: str | None = None, level: int | None = None) -> list[Unit]:
        """The units known here, in key order; those at or below `within` if given, and no deeper than `level` points
        in their keys."""
        if within is None:
            known = self._shown("kind = ?", (UNIT,))
        elif level is None:
            known = self.select(UNIT, within)
        else:
            above = "kind = ? AND unit >= ? AND unit < ? AND length(unit) - length(replace(unit, '.', '')) <= ?"
            known = self._shown(above, (UNIT, within, within + "/", level))
        units: list[Unit] = []
        for key, cell in sorted(known.items()):
            # One that was withdrawn, or that a newer version wrote, leaves the others readable.
            with suppress(ContentError):
                units.append(Unit.of(key.unit, cell.content))
        return units

    def waiting(self) -> int:
        """How many changes the centre has not confirmed that it received."""
        return int(self._one("SELECT count(*) FROM change WHERE n > ? OR n < 0", self.agreed_n()))

    def last_receipt(self) -> datetime | None:
        """The centre's time of the last receipt."""
        kept = self.meta("last_receipt")
        return None if kept is None else moment(int(kept))

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file, as far as nobody reads it; the worker does this between syncs."""
        file.checkpoint(self.db)

    # Who this folder is

    def enrolment(self) -> Enrolment | None:
        """Whom the folder works for; `unit` is that of who is here, where the centre said who its people are."""
        kept = self.meta("enrolment")
        if kept is None:
            return None
        found = msgspec.json.decode(kept, type=Enrolment)
        people = self.people()
        unit = home(people.get(self.person or found.person, ()), found.unit) if people else found.unit
        return found if unit == found.unit else msgspec.structs.replace(found, unit=unit)

    def people(self) -> People | None:
        """Who uses this PC and what each holds, as the centre last said; None while it has said nothing."""
        key = Key(RIGHTS, stream_of_device(self.device))
        with file.faults(self.db):
            row = self.db.execute(f"SELECT content FROM record WHERE {CELL} AND heads != x''", key).fetchone()
        return None if row is None else people_of(row[0])

    def keep_enrolment(self, enrolment: Enrolment) -> None:
        """Belong to a centre. Raises `EnvironmentFault` answer_foreign if the folder belongs to another one."""
        before = self.enrolment()
        if before and before.centre_key != enrolment.centre_key:
            raise EnvironmentFault("answer_foreign", centre=before.centre)
        with file.writing(self.db):
            self.keep_meta("enrolment", msgspec.json.encode(enrolment).decode())
            self.db.execute("DELETE FROM meta WHERE name = ?", (JOINING,))

    def author(self) -> str:
        """Whose change it is: of who signed in, else of whom the centre took this folder in for, else nobody's.

        Who that is among those who use this PC the centre says, which may have corrected a name since.
        """
        enrolment = self.enrolment()
        name = self.person or (enrolment.person if enrolment else "")
        people = self.people()
        return among(people, name) if people else name

    def signing_seed(self) -> bytes:
        """The device's Ed25519 seed, 32 bytes. It never leaves the encrypted store."""
        seed = self.meta("signing_seed")
        assert seed is not None, "made together with the device's name"
        return bytes.fromhex(seed)

    def kept_edition(self) -> int:
        """The edition of the catalogue that the centre sent (`store.catalogue`); 0 for none."""
        return int(self.meta("catalogue.edition") or 0)

    def meta(self, name: str) -> str | None:
        with file.faults(self.db):
            row = self.db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def keep_meta(self, name: str, value: str) -> None:
        """Inside a transaction."""
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def aside(self, name: str) -> str:
        """What a screen has set aside under `name` for who is here; "" without any. It is never synced."""
        return self.meta(f"aside.{name}{self._whose()}") or ""

    def keep_aside(self, name: str, text: str) -> None:
        """Keep what is not finished, encrypted as all else. Raises EnvironmentFault."""
        with file.writing(self.db):
            self.keep_meta(f"aside.{name}{self._whose()}", text)

    def sign_in(self, person: str) -> None:
        """Work for `person` from now on. What nobody in particular set aside is given to the first who comes."""
        self.person = person
        with file.writing(self.db) as db:
            db.execute(
                "UPDATE OR IGNORE meta SET name = name || ? WHERE name LIKE 'aside.%' AND name NOT LIKE 'aside.%.%'",
                (self._whose(),),
            )

    def _whose(self) -> str:
        return f".{self.person}" if self.person else ""

    def last_link(self) -> Link:
        """The newest named change; the chain's root before the first."""
        with file.faults(self.db):
            row = self.db.execute("SELECT n, hash FROM change WHERE n > 0 ORDER BY n DESC LIMIT 1").fetchone()
        return Link(*row) if row else chain.root(self.device)

    def agreed_n(self) -> int:
        """Number of the newest change that the centre said it holds."""
        return int(self.meta("agreed_n") or 0)

    # Inside

    def _append(
        self,
        edits: Sequence[tuple[Key, str]],
        held: Mapping[Key, Held],
        author: str,
        at: datetime,
        over: Mapping[Key, Collection[Rival]],
        report: Callable[[int], None],
    ) -> list[Key]:
        """Write those of these edits, each of another cell, that say anything new; of which cells."""
        kept: list[Key] = []
        self.db.executemany(_INSERT, self._rows(edits, held, author, int(at.timestamp()), over, report, kept))
        return kept

    def _rows(
        self,
        edits: Sequence[tuple[Key, str]],
        held: Mapping[Key, Held],
        author: str,
        typed_at: int,
        over: Mapping[Key, Collection[Rival]],
        report: Callable[[int], None],
        kept: list[Key],
    ) -> Iterator[tuple[object, ...]]:
        """Rows for the log, of edits each of another cell: those that say anything new; their keys come into `kept`."""
        (n, hashed), unnamed = self.last_link(), 0
        branch, catalogue = self._branch, self.catalogue
        said = branch, author, typed_at, catalogue
        hash_after, streams = chain.hash_after, dict[str, dict[str, str]]()
        for done, (key, content) in enumerate(edits):
            if done % _REPORT_EVERY == 0:
                report(done)
            cell = held.get(key)
            if content == CLEARED if cell is None else self._says(key, content, cell):
                continue
            kept.append(key)
            seen: tuple[Version, ...] = ()
            written = _NOTHING_SEEN
            if cell or over:
                versions = (version for rival in over.get(key, ()) for version in rival.versions)
                seen = tuple(dict.fromkeys((*(self._seen(key, cell) if cell else ()), *versions)))
                written = bytearray(_encode(seen))
            # There may be very many: what all of a unit share is worked out once, and each column is named.
            kind, unit, item, period, part = key
            of_unit = streams.get(kind) or streams.setdefault(kind, {})
            stream = of_unit.get(unit) or of_unit.setdefault(unit, stream_of(key))
            if unit == OWN_UNIT:
                unnamed = (unnamed or self._last_unnamed()) + 1
                yield (unnamed, None, *key, stream, content, written, "", author, typed_at, catalogue)
            else:
                n += 1
                hashed = hash_after(hashed, n, branch, key, content, seen, author, typed_at, catalogue)
                # As bytearrays: for bytes the driver would look, in every row, for somebody who adapts them.
                row = n, bytearray(hashed), kind, unit, item, period, part, stream, content, written
                yield row + said

    def _seen(self, key: Key, cell: Held) -> tuple[Version, ...]:
        """What whoever types had before them: of a cell that they may not see, what they typed there last and no more.

        What a colleague at this PC typed there they neither know nor put anything in the place of.
        """
        is_seen = self.sees is None or self.sees(key)
        return (cell if is_seen else Held(own=cell.own)).seen()

    def _device(self) -> str:
        name = self.meta("device")
        if name is not None:
            return name
        # Only for a new folder: an ordinary start does not pay for the import.
        from nacl.signing import SigningKey

        key = SigningKey.generate()
        name = chain.device_id(bytes(key.verify_key))
        with file.writing(self.db):
            self.keep_meta("signing_seed", bytes(key).hex())
            self.keep_meta("device", name)
        return name

    def _last_unnamed(self) -> int:
        row = self.db.execute("SELECT n FROM change WHERE n < 0 ORDER BY n DESC LIMIT 1").fetchone()
        return int(row[0]) if row else UNNAMED

    def _record(self, key: Key) -> Standing | None:
        row = self.db.execute(f"SELECT {STANDING} FROM record WHERE {CELL}", key).fetchone()
        return read_standing(*row) if row else None

    def _overlaid(self, key: Key, held: Held) -> Shown | None:
        if self.sees and not self.sees(key):
            me = id_of(self.author())
            if held.last is None or id_of(held.last.author) != me:
                return None
            pending = held.pending if held.pending and id_of(held.pending.author) == me else None
            held = held._replace(record=None, pending=pending, beside=())
        return overlay(key, held, partial(seen_here, self.db, key))

    def _says(self, key: Key, content: str, cell: Held) -> bool:
        """Whether the cell, of which so much is held, shows `content` already and nothing speaks against it."""
        if cell.pending and cell.pending.content != content:
            return False  # nearly always
        shown = self._overlaid(key, cell)
        if shown is None:
            return content == CLEARED
        return shown.content == content and not shown.rivals and not shown.reason

    def _units_with(self, where: str, below: tuple[str, str, str]) -> set[str]:
        """The units that have cells of a kind: by leaps through the key, since their cells of all periods are many."""
        with file.reading(self.db):
            leaps = self.db.execute(
                f"WITH RECURSIVE leap(unit) AS (SELECT min(unit) FROM record WHERE {where} UNION ALL"
                " SELECT (SELECT min(unit) FROM record WHERE kind = ? AND unit > leap.unit AND unit < ?)"
                " FROM leap WHERE unit NOT NULL) SELECT unit FROM leap WHERE unit NOT NULL",
                (*below, below[0], below[2]),
            ).fetchall()
            typed = self.db.execute(f"SELECT DISTINCT unit FROM change WHERE {where} AND open", below).fetchall()
        return {unit for (unit,) in (*leaps, *typed)}

    def _shown(self, where: str, arguments: Iterable[Any]) -> dict[Key, Shown]:
        with file.reading(self.db):
            held = held_where(self.db, where, tuple(arguments))
            return {key: shown for key, one in held.items() if (shown := self._overlaid(key, one))}

    def _one(self, statement: str, *arguments: object) -> Any:
        with file.faults(self.db):
            return self.db.execute(statement, arguments).fetchone()[0]


def _check(edits: Sequence[tuple[Key, str]], author: str) -> None:
    """One change that the centre cannot read would hold up all that are typed after it."""
    names = {author, *itertools.chain.from_iterable(key for key, _ in edits)}
    if _fit(names, [content for _, content in edits]):
        return
    for key, content in edits:
        if not _fit((*key, author), (content,)):
            raise ContentError(content[:80])
    raise ContentError(author[:80])


def _fit(names: Collection[str], contents: Collection[str]) -> bool:
    """Whether a message can carry them."""
    text = "".join((*names, *contents))
    if max(map(len, names)) > MAX_NAME or max(map(len, contents), default=0) > MAX_CONTENT or "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
