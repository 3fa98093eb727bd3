"""`bench review`: the matrix of a province (168 communes, 20 forms, 3,000 villages below) until it is painted, against
the one SQL query that counts it."""

import statistics
import tempfile
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Final

from PySide6.QtWidgets import QApplication
from shiboken6 import delete

from desktop.feed import Feed
from desktop.garbage import Garbage
from desktop.review.room import ReviewRoom
from desktop.widgets import theme
from sync.domain.catalogue import (
    Aggregation,
    Catalogue,
    Form,
    Indicator,
    Label,
    Row,
    Scheme,
    SchemeStatus,
    Section,
    Sensitivity,
    UnitOfMeasure,
    ValueType,
)
from sync.domain.keys import BROADCAST, STATUS, UNIT, VALUE, Key
from sync.domain.periods import Frequency, Regime
from sync.domain.units import Unit, UnitKind
from sync.domain.workflow import State, Status, content_digest
from sync.protocol.messages import Cursor, Head, Origin, Page, Record, Subscription, Version
from sync.store import Enrolment, Store
from sync.store.receiving import cursors, take_page
from tests.bench.figures import NOON, show

COMMUNES, FORMS, ROWS, VILLAGES = 168, 20, 10, 3_000
PROVINCE, PERIOD, VILLAGE_FORM = "48", "A2026Q4", 14
NOW: Final = datetime(2026, 9, 21, 2, 15, tzinfo=UTC)
TIMES = 7

# How many figures and which step each form of each commune has.
COUNT: Final = (
    "SELECT v.unit, f.form, count(*), (SELECT s.content FROM record AS s WHERE s.kind = 'status' AND s.unit = v.unit"
    " AND s.period = v.period AND s.item = f.form AND s.part = '')"
    " FROM record AS v JOIN form_row AS f ON f.indicator = v.item"
    " WHERE v.kind = 'value' AND v.period = ? AND v.unit IN (SELECT unit FROM commune)"
    " GROUP BY v.unit, f.form"
)


def catalogue() -> Catalogue:
    """Twenty forms of communes with ten figures each, and one of villages."""
    label = Label("Biểu", "Form")
    scheme = Scheme("bench", label, "", "", None, "1", SchemeStatus.SAMPLE, "")
    indicators: dict[str, Indicator] = {}
    forms: dict[str, Form] = {}
    for number in range(FORMS + 1):
        kinds = frozenset({UnitKind.COMMUNE if number < FORMS else UnitKind.VILLAGE})
        keys = [f"f{number:02}_ct{row:02}" for row in range(ROWS if number < FORMS else VILLAGE_FORM)]
        indicators |= {key: _indicator(key, scheme, kinds) for key in keys}
        section = Section("", label, tuple(Row(key.upper(), key) for key in keys))
        name = Label(f"Biểu tổng hợp số {number}", f"Form {number}")
        forms[f"f{number:02}"] = Form(
            f"f{number:02}", name, scheme, Frequency.QUARTER, Regime.ADMINISTRATIVE, kinds, (section,), ""
        )
    return Catalogue("1", {"bench": scheme}, {}, indicators, forms, {})


def _indicator(key: str, scheme: Scheme, kinds: frozenset[UnitKind]) -> Indicator:
    return Indicator(
        key=key,
        code="",
        scheme=scheme,
        name=Label(key, key),
        definition=Label("", ""),
        unit_of_measure=UnitOfMeasure("household", Label("hộ", "household")),
        type=ValueType.INTEGER,
        decimals=0,
        minimum=Decimal(0),
        numerator="",
        denominator="",
        scale=1,
        choices=(),
        frequency=Frequency.QUARTER,
        regime=Regime.ADMINISTRATIVE,
        unit_kinds=kinds,
        sensitivity=Sensitivity.PUBLIC,
        aggregation=Aggregation.SUM,
        source="",
        confidence="",
    )


def cells(known: Catalogue) -> dict[str, dict[Key, str]]:
    """What the province's PC has received, by stream: half of the forms are approved, a quarter submitted."""
    random = Random(1)
    streams: dict[str, dict[Key, str]] = {BROADCAST: {Key(UNIT, PROVINCE): _unit(PROVINCE, UnitKind.PROVINCE)}}
    for commune in range(COMMUNES):
        unit = f"{PROVINCE}.{20_000 + commune}"
        streams[BROADCAST][Key(UNIT, unit)] = _unit(unit, UnitKind.COMMUNE)
        own = streams[unit] = {}
        for form in list(known.forms)[:FORMS]:
            told = {
                Key(VALUE, unit, row.indicator, PERIOD): str(random.randrange(5_000))
                for row in known.forms[form].rows[: random.choice((ROWS, ROWS, ROWS, 4))]
            }
            own |= told
            step = random.random()
            if step < 0.75:
                digest = content_digest({key: [content] for key, content in told.items()})
                status = Status(State.APPROVED, digest) if step < 0.5 else Status(State.SUBMITTED)
                own[Key(STATUS, unit, form, PERIOD)] = status.content()
        for village in range(VILLAGES // COMMUNES + (commune < VILLAGES % COMMUNES)):
            below = f"{unit}.{village + 1:03}"
            streams[BROADCAST][Key(UNIT, below)] = _unit(below, UnitKind.VILLAGE)
            own |= {
                Key(VALUE, below, row.indicator, PERIOD): str(random.randrange(500))
                for row in known.forms[f"f{FORMS:02}"].rows
            }
    return streams


def _unit(key: str, kind: UnitKind) -> str:
    return Unit(key, kind, f"Đơn vị {key[3:]}").content()


def fill(store: Store, streams: dict[str, dict[Key, str]]) -> int:
    """Receive it all; how many records."""
    store.keep_enrolment(Enrolment("http://127.0.0.1", "centre", bytes(32), PROVINCE, PROVINCE, "Người tỉnh"))
    n = 0
    for stream, found in streams.items():
        records = []
        for key, content in found.items():
            n += 1
            records.append(Record(key, (Head(Version("b" * 28, n), content, "An", NOON, NOON),)))
        subscription = Subscription(stream if stream == BROADCAST else PROVINCE, stream)
        take_page(store, Page(subscription, Origin.START, records, Cursor(1, "t"), more=False), cursors(store))
    return n


def ours_s(store: Store, known: Catalogue, *, counted: bool = False) -> float:
    """Until the matrix is there and painted; or until every form is `counted`, which is done a little at a time."""
    start = time.perf_counter()
    room = ReviewRoom(store, known, Feed(), lambda: NOW)
    room.resize(1282, 682)
    room.show()
    room.grab()
    taken = time.perf_counter() - start
    assert room.table.model().rowCount() == COMMUNES
    if counted:
        told: list[int] = []
        room.badge.connect(told.append)
        while not told:
            QApplication.processEvents()
        assert told[-1] > 0
        taken = time.perf_counter() - start
    # At once: a room that is left counts on.
    delete(room)
    return taken


def bare_s(store: Store) -> float:
    """The one query."""
    start = time.perf_counter()
    rows = store.db.execute(COUNT, (PERIOD,)).fetchall()
    taken = time.perf_counter() - start
    assert len(rows) == COMMUNES * FORMS
    return taken


def main() -> None:
    qt = QApplication(["soxa"])
    theme.apply(qt, "light", 100)
    # As the program does: Python looks for garbage in between.
    garbage = Garbage()
    known = catalogue()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        store = Store.open(Path(scratch), bytes(32))
        count = fill(store, cells(known))
        store.db.execute("CREATE TEMP TABLE form_row (indicator TEXT PRIMARY KEY, form TEXT)")
        rows = [(row.indicator, form.key) for form in known.forms.values() for row in form.rows]
        store.db.executemany("INSERT INTO form_row VALUES (?, ?)", rows)
        store.db.execute("CREATE TEMP TABLE commune (unit TEXT PRIMARY KEY)")
        communes = [(f"{PROVINCE}.{20_000 + number}",) for number in range(COMMUNES)]
        store.db.executemany("INSERT INTO commune VALUES (?)", communes)
        ours, bare = [], []
        for _ in range(TIMES):
            bare.append(bare_s(store))
            ours.append(ours_s(store, known))
        whole = ours_s(store, known, counted=True)
        store.close()
    garbage.stop()
    show(
        [
            ("records in the store", f"{count:,}"),
            ("the matrix on the screen", f"{statistics.median(ours) * 1000:.0f} ms"),
            ("every form judged and counted, behind it", f"{whole * 1000:.0f} ms"),
            ("one SQL query", f"{statistics.median(bare) * 1000:.0f} ms"),
        ],
        {"matrix_ratio": statistics.median(ours) / statistics.median(bare)},
    )


if __name__ == "__main__":
    main()
