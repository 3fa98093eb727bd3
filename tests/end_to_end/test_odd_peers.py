"""Peers that no drawing of two PCs and a centre shows: shared people, copied folders, a centre that moved."""

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from nacl.signing import SigningKey

from sync.client.enrol import enrol, move
from sync.client.http import HttpRemote
from sync.client.session import Session
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE, Key
from sync.store import CellState, Store
from tests.end_to_end.places import COMMUNE, Centre, centre_in

VILLAGE: Final = f"{COMMUNE}.001"
SECRET: Final = bytes(range(32))


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with centre_in(tmp_path_factory.mktemp("odd") / "centre") as opened:
        yield opened


def cell(indicator: str, period: str = "A2026Q2") -> Key:
    return Key(VALUE, VILLAGE, indicator, period)


def typed(store: Store, person: str, key: Key, content: str) -> None:
    assert store.record_changes([(key, content)], person, datetime.now(UTC))


def synced(store: Store) -> None:
    enrolment = store.enrolment()
    assert enrolment is not None
    remote = HttpRemote(enrolment.server, SigningKey(store.signing_seed()), enrolment.centre_key)
    try:
        Session(store, remote, lambda: int(time.time()), lambda changes: None).run()
    finally:
        remote.close()


def said(store: Store, key: Key) -> tuple[str, CellState, list[str]]:
    shown = store.shown(key)
    assert shown is not None
    return shown.content, shown.state, [rival.content for rival in shown.rivals]


def test_one_person_at_two_pcs(centre: Centre, tmp_path: Path) -> None:
    """What they typed at one PC they see at the other; what they typed at both without a line is theirs to decide."""
    stores = [Store.open(tmp_path / name, SECRET) for name in ("office", "home")]
    for store in stores:
        enrol(store, centre.address, centre.code(VILLAGE, "Chị Hoa"), "máy")
    office, home = stores
    typed(office, "Chị Hoa", cell("village_ct01"), "434")
    synced(office)
    synced(home)
    assert said(home, cell("village_ct01")) == ("434", CellState.RECEIVED, [])
    typed(home, "Chị Hoa", cell("village_ct01"), "435")
    synced(home)
    synced(office)
    assert said(office, cell("village_ct01")) == ("435", CellState.RECEIVED, [])

    typed(office, "Chị Hoa", cell("village_ct02"), "10")
    typed(home, "Chị Hoa", cell("village_ct02"), "11")
    for store in (office, home, office):
        synced(store)
    assert said(office, cell("village_ct02")) == said(home, cell("village_ct02")) == ("10", CellState.RECEIVED, ["11"])
    shown = home.shown(cell("village_ct02"))
    assert shown is not None
    home.record_changes(
        [(cell("village_ct02"), "11")], "Chị Hoa", datetime.now(UTC), {cell("village_ct02"): shown.rivals}
    )
    synced(home)
    synced(office)
    assert said(office, cell("village_ct02")) == said(home, cell("village_ct02")) == ("11", CellState.RECEIVED, [])
    for store in stores:
        store.close()


def test_a_folder_copied_to_a_second_pc(centre: Centre, tmp_path: Path) -> None:
    """Both go on, everything of both is kept once, and the administrator sees that there are two."""
    first = Store.open(tmp_path / "first", SECRET)
    enrol(first, centre.address, centre.code(VILLAGE, "Anh Nam"), "máy")
    typed(first, "Anh Nam", cell("village_ct03"), "1")
    synced(first)
    typed(first, "Anh Nam", cell("village_ct04"), "4")
    first.close()
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    first = Store.open(tmp_path / "first", SECRET)
    second = Store.open(tmp_path / "second", SECRET)
    typed(first, "Anh Nam", cell("village_ct05"), "5")
    typed(second, "Anh Nam", cell("village_ct06"), "6")
    typed(first, "Anh Nam", cell("village_ct03"), "2")
    typed(second, "Anh Nam", cell("village_ct03"), "3")
    for store in (first, second, first, second):
        synced(store)
    for store in (first, second):
        assert said(store, cell("village_ct05"))[:2] == ("5", CellState.RECEIVED)
        assert said(store, cell("village_ct06"))[:2] == ("6", CellState.RECEIVED)
        assert said(store, cell("village_ct03")) == ("2", CellState.RECEIVED, ["3"])
        assert store.waiting() == 0
    rows = centre.rows("SELECT item, content FROM change WHERE device = ? ORDER BY item, content", first.device)
    assert [content for _, content in rows] == ["1", "2", "3", "4", "5", "6"]
    assert centre.rows("SELECT forks FROM device WHERE device = ?", first.device) == [(1,)]
    first.close()
    second.close()


def test_a_centre_that_moved_to_another_address(tmp_path: Path) -> None:
    """Its PCs follow it without a code; they know it by its key, and another centre at the new address is refused."""
    with centre_in(tmp_path / "centre") as centre:
        store = Store.open(tmp_path / "pc", SECRET)
        enrol(store, centre.address, centre.code(VILLAGE, "Cô Lan"), "máy")
        typed(store, "Cô Lan", cell("village_ct01"), "7")
        centre.stop()
        centre.start()
        with pytest.raises(EnvironmentFault, match="server_unreachable"):
            synced(store)
        with centre_in(tmp_path / "other") as other, pytest.raises(EnvironmentFault, match="answer_foreign"):
            move(store, other.address, lambda: int(time.time()))
        assert move(store, centre.address, lambda: int(time.time())).server == centre.address
        synced(store)
        assert said(store, cell("village_ct01")) == ("7", CellState.RECEIVED, [])
        store.close()
