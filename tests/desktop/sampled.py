"""A store that received the sample commune from the centre, as an officer's PC has it after its first sync."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings

from desktop.tasks.proving import Means
from desktop.widgets.preferences import Preferences
from desktop.widgets.resources import ROOT
from sync.domain.catalogue import Catalogue
from sync.domain.heads import Outcome
from sync.domain.keys import BROADCAST, RIGHTS, UNIT, Key, stream_of_device
from sync.domain.rights import People, people_content
from sync.domain.units import Unit, UnitKind
from sync.exchange import catalogue as catalogues
from sync.exchange.samples import read_samples
from sync.protocol.messages import Cursor, Head, Origin, Page, Record, Result, Subscription, SyncAnswer, Version
from sync.store import ChangeSet, Enrolment, Store
from sync.store.files import Files
from sync.store.receiving import cursors, take_page
from sync.store.sending import chain_end, mark_sent, outbox, take_receipts

COMMUNE: Final = Unit("48.20308", UnitKind.COMMUNE, "Xã Bà Nà", "20308")
NOW: Final = datetime(2026, 11, 21, 2, 15, tzinfo=UTC)
"""A Saturday, 09:15 in Việt Nam: the sample tasks are due around it."""

OTHER_PC: Final = "b" * 20 + "5eed0001"
"""The branch of another PC."""

PERSON: Final = "Nguyễn Thị Hoa"


def clock(start: datetime = NOW) -> Callable[[], datetime]:
    """A clock that moves a second at every look."""
    ticks = iter(range(1_000_000))
    return lambda: start + timedelta(seconds=next(ticks))


def catalogue() -> Catalogue:
    """The shipped one."""
    return catalogues.load(ROOT / "catalogues")


def means(settings: QSettings) -> Means:
    """What the evidence of tasks needs, of the data folder beside the window's settings."""
    beside = Path(settings.fileName()).parent
    folder = beside if (beside / "soxa.db").exists() else beside / "data"
    return Means(lambda: Files.open(folder, bytes(32)), Preferences(folder), lambda: None)


def enrol(store: Store, unit: str = COMMUNE.key) -> None:
    """Belong to a unit."""
    store.keep_enrolment(Enrolment("http://127.0.0.1", "centre", bytes(32), "48", unit, PERSON))


def fill(store: Store) -> None:
    """Receive the commune, its villages, a quarter, deadlines and tasks."""
    cells = {Key(UNIT, COMMUNE.key): COMMUNE.content()} | read_samples(ROOT / "samples", COMMUNE, catalogue())
    receive(store, [(key, [content]) for key, content in cells.items()])


def receive(
    store: Store, found: Sequence[tuple[Key, Sequence[str]]], author: str = "Thôn trưởng", stream: str = BROADCAST
) -> frozenset[Key]:
    """Take a page in which another PC's contents stand for each key; more than one is a conflict."""
    at = int(NOW.timestamp()) - 86_400
    records = []
    for number, (key, contents) in enumerate(found, 1):
        heads = [
            Head(Version(OTHER_PC, number * 10 + place), content, author, at, at + 60)
            for place, content in enumerate(contents)
        ]
        records.append(Record(key, tuple(heads)))
    page = Page(Subscription(COMMUNE.key, stream), Origin.AS_SENT, records, Cursor(1, "t"), False)
    return take_page(store, page, cursors(store)).keys


def push(store: Store, parked: str = "") -> None:
    """Let the centre receive all that waits; with a reason, it parks the last of it."""
    sent = outbox(store)
    assert sent.changes
    at = int(NOW.timestamp()) + 60
    mark_sent(store, sent, at)
    last = sent.changes[-1].n
    results = [Result(last, Outcome.PARKED, parked)] if parked else []
    take_receipts(store, sent, SyncAnswer(at, chain_end(store, sent), [], results, b"m" * 16))


def say_people(store: Store, people: People) -> ChangeSet:
    """The centre says who uses this PC, and what each holds."""
    own = stream_of_device(store.device)
    return ChangeSet(receive(store, [(Key(RIGHTS, own), [people_content(people)])], stream=own))


def unopened() -> Store:
    """Where so few things are read that no thread needs a connection of its own."""
    raise AssertionError("read on a thread")
