"""What is parked is taken back, by its own device alone: it never takes effect, and its text is kept."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync.central.centre import Centre
from sync.central.register import FILE
from sync.client.parcels import take
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import CLOSING, WITHDRAWAL, Key
from sync.domain.parking import NOT_YOURS_TO_DECIDE, PERIOD_CLOSED, WITHDRAWN
from sync.domain.values import CLEARED
from sync.domain.withdrawing import TAKEN_BACK, key_of
from sync.domain.workflow import CLOSED
from sync.store import CellState, sending
from sync.store.withdrawing import withdraw, withdrawn
from tests.sync.client.conftest import PC, open_the_centre, unheard
from tests.sync.client.test_parcels import answered, made
from tests.sync.client.test_session import shown
from tests.sync.store.conversation import AT, CELL, COMMUNE, VILLAGE, write

Make = Callable[..., PC]
CLOSED_PERIOD = Key(CLOSING, "48", "village_quarter", CELL.period)


def close(centre: Centre, content: str = CLOSED) -> None:
    centre.repository.decide([(CLOSED_PERIOD, content)], "admin")


@pytest.fixture
def parked(centre: Centre, pc: Make) -> PC:
    """A village that typed over a received figure after the period was closed."""
    village: PC = pc("village")
    write(village.store, "434")
    village.sync()
    close(centre)
    write(village.store, "440")
    village.sync()
    found = village.store.shown(CELL)
    assert found is not None
    assert (found.content, found.reason) == ("434", PERIOD_CLOSED)
    return village


def contents(pc: PC) -> list[str]:
    return [entry.content for entry in pc.store.history(CELL)]


def test_what_is_taken_back_shows_what_stands_and_never_takes_effect(centre: Centre, pc: Make, parked: PC) -> None:
    assert CELL in withdraw(parked.store, [CELL], "An", AT).keys
    assert shown(parked) == ("434", CellState.RECEIVED, [])
    assert not parked.store.undecided()
    (found,) = withdrawn(parked.store, 10)
    assert (found.key, found.entry.content, found.in_effect) == (CELL, "440", False)
    assert contents(parked) == ["440", "434"], "its text is kept"
    parked.sync()
    assert parked.store.waiting() == 0
    close(centre, CLEARED)
    parked.sync()
    commune = pc("commune", COMMUNE)
    commune.sync()
    for each in (parked, commune):
        assert shown(each) == ("434", CellState.RECEIVED, [])
    assert (withdrawn(parked.store, 10)[0].in_effect, parked.sync().received) == (False, 0)


def test_what_is_typed_afterwards_follows_what_stands(centre: Centre, pc: Make, parked: PC) -> None:
    withdraw(parked.store, [CELL], "An", AT)
    parked.sync()
    close(centre, CLEARED)
    write(parked.store, "441")
    parked.sync()
    assert shown(parked) == ("441", CellState.RECEIVED, [])
    commune = pc("commune", COMMUNE)
    commune.sync()
    assert shown(commune) == ("441", CellState.RECEIVED, [])


def test_what_took_effect_meanwhile_stays_and_is_told(centre: Centre, parked: PC) -> None:
    close(centre, CLEARED)
    withdraw(parked.store, [CELL], "An", AT)
    parked.sync()
    assert shown(parked) == ("440", CellState.RECEIVED, [])
    assert withdrawn(parked.store, 10)[0].in_effect
    assert parked.sync().received == 0


def test_a_cell_in_which_nothing_stands_shows_nothing(centre: Centre, pc: Make) -> None:
    village = pc("village")
    close(centre)
    write(village.store, "440")
    village.sync()
    withdraw(village.store, [CELL], "An", AT)
    assert village.store.shown(CELL) is None
    village.sync()
    close(centre, CLEARED)
    village.sync()
    assert village.store.shown(CELL) is None
    assert contents(village) == ["440"]


def test_several_of_one_cell_are_taken_back_together(parked: PC) -> None:
    write(parked.store, "441")
    parked.sync()
    withdraw(parked.store, [CELL], "An", AT)
    assert shown(parked) == ("434", CellState.RECEIVED, [])
    assert sorted(found.entry.content for found in withdrawn(parked.store, 10)) == ["440", "441"]


@pytest.fixture
def restore(centre: Centre, tmp_path: Path) -> Iterator[Callable[[Path], Centre]]:
    """Opens a copy of the centre's folder beside the register as it is now."""
    opened: list[Centre] = []

    def restored(copy: Path) -> Centre:
        shutil.copy(centre.folder / FILE, copy / FILE)
        opened.append(open_the_centre(copy))
        return opened[-1]

    yield restored
    for each in opened:
        each.close()


def copy_of(centre: Centre, name: str) -> Path:
    return Path(shutil.copytree(centre.folder, centre.folder.with_name(name)))


def test_a_centre_that_was_restored_does_not_bring_it_back(
    centre: Centre, parked: PC, restore: Callable[[Path], Centre]
) -> None:
    backup = copy_of(centre, "backup")
    withdraw(parked.store, [CELL], "An", AT)
    parked.sync()
    restored = restore(backup)
    for _ in range(3):
        parked.sync(restored.repository)
    assert shown(parked) == ("434", CellState.RECEIVED, [])
    restored.repository.decide([(CLOSED_PERIOD, CLEARED)], "admin")
    parked.sync(restored.repository)
    assert shown(parked) == ("434", CellState.RECEIVED, [])


@pytest.mark.parametrize("of", ["before it was typed", "before it was taken back"])
@pytest.mark.parametrize("at_once", [1, 2, 5_000])
@pytest.mark.parametrize("first", ["village", "copy"])
def test_nor_one_in_which_nothing_is_in_its_way_any_more(
    centre: Centre,
    pc: Make,
    restore: Callable[[Path], Centre],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    of: str,
    at_once: int,
    first: str,
) -> None:
    """The period was opened again; the copy of the folder has the change, and never heard that it was taken back."""
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "434")
    village.sync()
    backups = {"before it was typed": copy_of(centre, "early")}
    close(centre)
    write(village.store, "440")
    village.sync()
    backups["before it was taken back"] = copy_of(centre, "late")
    pcs = {"village": village, "copy": village.fork(tmp_path / "copy"), "commune": commune}
    withdraw(village.store, [CELL], "An", AT)
    village.sync()
    close(centre, CLEARED)
    village.sync()
    commune.sync()
    restored = restore(backups[of])
    monkeypatch.setattr(sending, "MAX_PUSH", at_once)
    for name in (first, *pcs, *pcs):
        pcs[name].sync(restored.repository)
    for each in pcs.values():
        assert shown(each) == ("434", CellState.RECEIVED, [])
        assert (each.store.undecided(), each.store.waiting()) == ({}, 0)
    assert not withdrawn(village.store, 10)[0].in_effect
    pcs["copy"].store.close()


def test_nor_one_to_which_it_comes_by_hand(
    centre: Centre, parked: PC, restore: Callable[[Path], Centre], tmp_path: Path
) -> None:
    backup = copy_of(centre, "backup")
    copy = parked.fork(tmp_path / "copy")
    withdraw(parked.store, [CELL], "An", AT)
    parked.sync()
    close(centre, CLEARED)
    restored = restore(backup)
    for each in (copy, parked, copy, parked):
        take(each.store, answered(restored, made(each)), unheard)
    assert shown(parked) == shown(copy) == ("434", CellState.RECEIVED, [])
    copy.store.close()


def test_what_was_in_effect_when_it_was_taken_back_is_in_effect_again(
    centre: Centre, parked: PC, restore: Callable[[Path], Centre]
) -> None:
    backup = copy_of(centre, "backup")
    close(centre, CLEARED)
    withdraw(parked.store, [CELL], "An", AT)
    parked.sync()
    assert withdrawn(parked.store, 10)[0].in_effect
    restored = restore(backup)
    parked.sync(restored.repository)
    assert shown(parked) == ("440", CellState.RECEIVED, [])


def test_it_is_handed_over_to_another_unit_in_one_step(centre: Centre, pc: Make) -> None:
    commune = pc("commune", COMMUNE)
    gone = CELL._replace(unit="48.29999.001")
    commune.store.record_changes([(gone, "7")], "Hoa", AT)
    commune.sync()
    assert commune.store.undecided()
    withdraw(commune.store, [gone], "Hoa", AT, [(CELL, "7")])
    assert not commune.store.undecided()
    commune.sync()
    assert shown(commune) == ("7", CellState.RECEIVED, [])
    assert commune.store.shown(gone) is None


def test_nobody_takes_back_what_another_device_typed(centre: Centre, pc: Make, parked: PC) -> None:
    branch, n = parked.store.db.execute("SELECT branch, n FROM change WHERE content = '440'").fetchone()
    stranger = pc("stranger", COMMUNE)
    stranger.store.record_changes([(key_of(branch, n), TAKEN_BACK)], "Bí", AT)
    own = Key(WITHDRAWAL, f"@{stranger.store.device}", branch, part=str(n))
    stranger.store.record_changes([(own, TAKEN_BACK)], "Bí", AT)
    stranger.sync()
    outcomes = stranger.store.db.execute("SELECT outcome, reason FROM change WHERE kind = 'withdrawal'").fetchall()
    assert outcomes[0] == ("parked", NOT_YOURS_TO_DECIDE)
    assert outcomes[1][0] == "parked"
    close(centre, CLEARED)
    parked.sync()
    assert shown(parked) == ("440", CellState.RECEIVED, [])


def test_the_centre_says_that_it_was_taken_back(parked: PC) -> None:
    withdraw(parked.store, [CELL], "An", AT)
    parked.sync()
    parked.store.db.execute("UPDATE meta SET value = '0' WHERE name = 'agreed_n'")
    parked.sync()
    row = parked.store.db.execute("SELECT outcome, reason FROM change WHERE content = '440'").fetchone()
    assert row == ("parked", WITHDRAWN)
    assert shown(parked) == ("434", CellState.RECEIVED, [])


def test_a_full_disk_leaves_everything_as_it_was(parked: PC, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise EnvironmentFault("disk_full")

    monkeypatch.setattr(parked.store, "record_in", full)
    with pytest.raises(EnvironmentFault, match="disk_full"):
        withdraw(parked.store, [CELL], "An", AT)
    assert list(parked.store.undecided()) == [CELL]
    assert VILLAGE in CELL.unit


@pytest.mark.parametrize("parked_first", [True, False])
def test_what_a_copy_of_the_folder_took_back_is_taken_back_here_too(
    centre: Centre, pc: Make, tmp_path: Path, parked_first: bool
) -> None:
    village: PC = pc("village")
    write(village.store, "434")
    village.sync()
    close(centre)
    write(village.store, "440")
    copy = village.fork(tmp_path / "copy") if not parked_first else None
    village.sync()
    copy = copy or village.fork(tmp_path / "copy")
    withdraw(village.store, [CELL], "An", AT)
    village.sync()
    copy.sync()
    assert shown(copy) == ("434", CellState.RECEIVED, [])
    assert not copy.store.undecided()
    copy.store.close()
