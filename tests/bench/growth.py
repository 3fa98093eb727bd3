"""One edit with few and with very many values stored on both sides: what it takes in bytes and in processor time."""

import sqlite3
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path

import structlog
from nacl.signing import SigningKey
from sqlalchemy import Table

from sync.central.centre import Centre, open_centre
from sync.central.database import FILE
from sync.central.desk import Desk
from sync.central.proofs import Bucket, add
from sync.central.tables import change, commit_token, record, stream
from sync.client.http import HttpRemote
from sync.client.remote import SealedRemote, ask_to_enrol
from sync.client.session import Session
from sync.domain.catalogue import Sensitivity
from sync.domain.heads import Outcome
from sync.domain.keys import VALUE, Key
from sync.exchange.catalogue import load
from sync.protocol.digests import Digest, heads_bytes, row_hash, versions_bytes
from sync.protocol.messages import Cursor, EnrolRequest, Head, Origin, Page, Record, Subscription, Version
from sync.protocol.remote import Remote
from sync.protocol.version import PROTOCOL
from sync.store import Enrolment, Store
from sync.store.receiving import take_page
from tests.bench.office import (
    COMMUNE,
    INDICATORS,
    NOON,
    PEOPLE,
    PROVINCE,
    SECRET,
    Edit,
    catalogues,
    commune_units,
    open_office,
    quarters,
    served,
    type_in,
)
from tests.bench.proxy import Proxy, Traffic

FEW, MANY = 10_000, 1_000_000
EDITS = 60
WARMING = 10
COMMIT = 5_000
"""Values of one commit, as of one push."""

BRANCH = "b" * 28
PERIODS = quarters(2006, 84)
VILLAGES_OF_MANY = -(-MANY // (len(INDICATORS) * len(PERIODS)))
FOLLOWED = Subscription(COMMUNE, COMMUNE)


def stored(count: int) -> Iterator[Record]:
    """`count` values that another device typed, village by village."""
    for place in range(count):
        form, indicator = divmod(place, len(INDICATORS))
        head = Head(Version(BRANCH, place + 1), str(place * 7 % 5_000), PEOPLE[0], NOON + place * 7, NOON + place * 8)
        yield Record(key_of(form, indicator), (head,))


def key_of(form: int, indicator: int) -> Key:
    village, period = divmod(form, len(PERIODS))
    return Key(VALUE, f"{COMMUNE}.{village + 1:03}", INDICATORS[indicator], PERIODS[period])


def cursor_at(count: int) -> Cursor:
    """The commit that ends with the `count`-th value."""
    return Cursor(count // COMMIT, f"token{count // COMMIT:03}")


class Office:
    """A centre and an enrolled desktop that hold the same `count` values."""

    def __init__(self, folder: Path, made: Path, count: int) -> None:
        self.folder, self.made, self.count = folder, made, count
        folder.mkdir()
        villages = [f"{COMMUNE}.{number:03}" for number in range(1, VILLAGES_OF_MANY + 1)]
        centre = open_office(self.centre_folder, made, commune_units(villages))
        with closing(self.store()) as store:
            key = SigningKey(store.signing_seed())
            code = centre.enrolment.make_code(COMMUNE, PEOPLE[0], 7)
            request = EnrolRequest(PROTOCOL, code, bytes(key.verify_key), "PC")
            answer = ask_to_enrol(lambda sealed: Desk(centre, time.time).enrol(sealed, ""), request, key)
            store.keep_enrolment(
                Enrolment("", answer.centre, answer.centre_key, answer.province, answer.unit, answer.person)
            )
        centre.close()

    @property
    def centre_folder(self) -> Path:
        return self.folder / "centre"

    def store(self) -> Store:
        found = Store.open(self.folder / "desktop", SECRET, load(self.made).version)
        # What is measured here is processor time, not the disk's patience with a fsync.
        found.db.execute("PRAGMA synchronous = OFF")
        return found

    def centre(self) -> Centre:
        return open_centre(self.centre_folder, load(self.made), time.time)


def fill_desktop(office: Office) -> None:
    """Receive all values, in pages of a commit each."""
    with closing(office.store()) as store:
        before: dict[Subscription, Cursor] = {}
        page: list[Record] = []
        for place, found in enumerate(stored(office.count), 1):
            page.append(found)
            if place % COMMIT == 0:
                after = cursor_at(place)
                take_page(store, Page(FOLLOWED, Origin.AS_SENT, page, after, True), before)
                before, page = {FOLLOWED: after}, []
        store.checkpoint()


def fill_centre(office: Office) -> None:
    """Hold all values, their log and their sums, as if they had been pushed; far faster than by pushing."""
    sums: dict[Bucket, Digest] = defaultdict(Digest)
    with closing(sqlite3.connect(office.centre_folder / FILE, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        records = f"INSERT INTO record ({names(record)}) VALUES ({', '.join('?' * len(record.c))})"
        database.executemany(records, record_rows(office.count, sums))
        changes = f"INSERT INTO change ({names(change)}) VALUES ({', '.join('?' * len(change.c))})"
        database.executemany(changes, change_rows(office.count))
        for end in range(COMMIT, office.count + 1, COMMIT):
            row = (PROVINCE, COMMUNE, *cursor_at(end))
            database.execute(f"INSERT INTO {commit_token.name} VALUES (?, ?, ?, ?, ?)", (*row, NOON))
        database.execute(
            f"INSERT INTO {stream.name} VALUES (?, ?, ?, ?)", (PROVINCE, COMMUNE, *cursor_at(office.count))
        )
        database.execute("COMMIT")
    with closing(office.centre()) as centre, centre.database.writing() as connection:
        add(connection, PROVINCE, sums)


def names(table: Table) -> str:
    return ", ".join(column.name for column in table.c)


def record_rows(count: int, sums: dict[Bucket, Digest]) -> Iterator[tuple[object, ...]]:
    for place, found in enumerate(stored(count)):
        (head,) = found.heads
        hashed = row_hash(found.key, heads_bytes(found.heads), versions_bytes(found.prev))
        bucket = (COMMUNE, found.key.unit, Sensitivity.PUBLIC.value)
        sums[bucket] = sums[bucket].with_row(hashed)
        said = (head.content, head.author, head.typed_at, head.received_at, b"", b"", b"")
        yield (PROVINCE, COMMUNE, *found.key, place // COMMIT + 1, Sensitivity.PUBLIC.value, *head.version, *said)


def change_rows(count: int) -> Iterator[tuple[object, ...]]:
    for place, found in enumerate(stored(count), 1):
        (head,) = found.heads
        said = (head.content, b"", head.author, head.typed_at, "", head.received_at, b"", Outcome.APPLIED.value, "")
        yield (PROVINCE, head.version.device, place, BRANCH, place.to_bytes(16), *found.key, *said)


def sync(store: Store, remote: Remote) -> None:
    Session(store, remote, lambda: int(time.time()), lambda changes: None).run()
    assert store.waiting() == 0


def edit(number: int) -> Edit:
    """A new value for one of the cells that are stored in either case."""
    return Edit(key_of(number * 37 % 250, number % len(INDICATORS)), str(6_000 + number), PEOPLE[1], NOON + number)


def times_s(office: Office, remote: Remote, store: Store, numbers: range) -> list[float]:
    """Processor time of both ends, in this process and without HTTP, of syncing each of the edits."""
    taken: list[float] = []
    for number in numbers:
        type_in(store, [edit(number)])
        start = time.process_time()
        sync(store, remote)
        taken.append(time.process_time() - start)
    return taken


def bytes_of(office: Office) -> tuple[int, Traffic]:
    """What syncing a few edits takes through a served centre, on average, and the last of them."""
    with closing(office.store()) as store, served(office.centre_folder, office.made) as port:
        enrolment = store.enrolment()
        assert enrolment is not None
        proxy = Proxy(port)
        remote = HttpRemote(proxy.address, SigningKey(store.signing_seed()), enrolment.centre_key)
        sync(store, remote)
        total = 0
        for number in range(WARMING):
            proxy.take()
            type_in(store, [edit(1_000 + number)])
            sync(store, remote)
            passed = proxy.take()
            assert passed.requests == 1
            total += passed.up + passed.down
        remote.close()
        proxy.close()
    return total // WARMING, passed


def growth(scratch: Path) -> tuple[list[tuple[str, str]], dict[str, float]]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    made = catalogues(scratch)
    offices = {count: Office(scratch / str(count), made, count) for count in (FEW, MANY)}
    with ProcessPoolExecutor(2) as pool:
        fillings = [pool.submit(fill, office) for office in offices.values() for fill in (fill_desktop, fill_centre)]
        for filling in fillings:
            filling.result()
    traffic = {count: bytes_of(office) for count, office in offices.items()}
    centres = {count: office.centre() for count, office in offices.items()}
    stores = {count: office.store() for count, office in offices.items()}
    taken: dict[int, list[float]] = {count: [] for count in offices}
    for start in range(0, EDITS + WARMING, WARMING):
        # They take turns, so that what else the machine does falls on both.
        for count, office in offices.items():
            store, centre = stores[count], centres[count]
            remote = SealedRemote(
                Desk(centre, time.time).sync, SigningKey(store.signing_seed()), bytes(centre.key.verify_key)
            )
            found = times_s(office, remote, store, range(start, start + WARMING))
            taken[count] += found if start else []
    for count in offices:
        stores[count].close()
        centres[count].close()
    middle = {count: statistics.median(found) for count, found in taken.items()}
    rows = [
        (
            f"1 edit, {count:,} values stored on both sides",
            f"{traffic[count][0]} B up and down; {middle[count] * 1e3:.2f} ms of processor time at both ends",
        )
        for count in offices
    ]
    return rows, {
        "growth_bytes_ratio": traffic[MANY][0] / traffic[FEW][0],
        "growth_cpu_ratio": middle[MANY] / middle[FEW],
    }
