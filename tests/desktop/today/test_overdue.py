"""What is overdue stays on the desk of a PC with a real centre: through restarts, months, and another catalogue."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from nacl.signing import SigningKey
from PySide6.QtCore import QCoreApplication, QEvent

from desktop.today.room import TodayRoom
from desktop.widgets.resources import ROOT
from sync.central.administration import Administration
from sync.central.centre import catalogue_file, make_centre, open_centre
from sync.central.repository import CENTRE
from sync.client import catalogues
from sync.client.session import Session
from sync.domain.keys import TASK, UNIT, Key
from sync.domain.tasks import content_of
from sync.domain.units import Unit, UnitKind
from sync.exchange.catalogue import read, texts
from sync.protocol.messages import EnrolRequest
from sync.protocol.version import PROTOCOL
from sync.store import Enrolment, Store
from sync.store.catalogue import kept
from tests.desktop.sampled import COMMUNE, NOW, catalogue
from tests.desktop.today.test_steps import build as build
from tests.desktop.today.test_steps import rows

VILLAGE = f"{COMMUNE.key}.001"
FORM = ("form", "village_quarter", "A2026Q2")
TASK_ITEM = "01a199c5-3280-7ad1-ad56-464d0a41f7ef"


def now_s() -> int:
    return int(NOW.timestamp())


@pytest.fixture
def opened() -> Iterator[list[Store]]:
    """Every opening of the PC's folder; they end when the desks are gone that show them."""
    found: list[Store] = []
    yield found
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for store in found:
        store.close()


def test_it_stays_until_it_is_done(opened: list[Store], build: Callable[..., TodayRoom], tmp_path: Path) -> None:
    make_centre(tmp_path / "centre", "48", now_s)
    known = catalogue()
    with closing(open_centre(tmp_path / "centre", known, now_s)) as centre:
        units = (Unit("48", UnitKind.PROVINCE, "Đà Nẵng"), COMMUNE, Unit(VILLAGE, UnitKind.VILLAGE, "Thôn Một"))
        centre.repository.decide([(Key(UNIT, unit.key), unit.content()) for unit in units], CENTRE)
        due = NOW - timedelta(days=100)
        Administration(centre).set_deadline(COMMUNE.key, "village_quarter", "A2026Q2", due)
        fields: dict[str, str | date] = {"content": "Kiện toàn tổ (mẫu)", "due_date": due.date()}
        task = [(Key(TASK, VILLAGE, TASK_ITEM, part=name), content_of(value)) for name, value in fields.items()]
        centre.repository.decide(task, CENTRE)

        def start() -> Store:
            """The village's PC, started once more under what it was given."""
            store = Store.open(tmp_path / "pc", bytes(32), known.version)
            store.edition = known.edition
            opened.append(store)
            return store

        store = start()
        key = SigningKey(store.signing_seed())
        code = centre.enrolment.make_code(VILLAGE, "An", 1)
        told = centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(key.verify_key), "máy thôn"))
        store.keep_enrolment(Enrolment("", told.centre, told.centre_key, "48", told.unit, told.person))
        Session(store, centre.repository, now_s, lambda changes: None).run()
        found = rows(build(store, known, NOW))
        assert found[FORM].pill == "Quá hạn 100 ngày"
        assert found["task", TASK_ITEM].pill == "Quá hạn 100 ngày"
        # A newer catalogue, in which the form is called otherwise and others have gone.
        files = {name: raw for name, raw in texts(ROOT / "catalogues").items() if isinstance(raw, bytes)}
        gone = {
            name: b"".join(one for one in raw.splitlines(True) if b"group_month" not in one)
            for name, raw in files.items()
        }
        gone["edition.csv"] = b"number\n2\n"
        gone["forms.csv"] = gone["forms.csv"].replace("Biểu thôn".encode(), "Biểu của thôn".encode())
        sent = catalogue_file(read(gone), gone, centre.key, now_s)
        catalogues.take(start(), sent, lambda changes: None)
        for months in (1, 6, 26):
            now: datetime = NOW + timedelta(days=30 * months)
            store = start()
            held = kept(store)
            assert held is not None
            newer = read(held.files)
            assert "group_month" not in newer.forms
            Session(store, centre.repository, now_s, lambda changes: None).run()
            found = rows(build(store, newer, now))
            days = f"{100 + 30 * months}"
            assert found[FORM].pill == f"Quá hạn {days} ngày"
            assert found[FORM].title.startswith("Biểu của thôn")
            assert found[FORM].look == "bad"
            assert found["task", TASK_ITEM].look == "bad"
