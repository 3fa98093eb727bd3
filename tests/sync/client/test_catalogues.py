"""A newer catalogue reaches a PC in a file of its own or with an answer: whole, of its centre, newer, or not at all."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from sync.central.carrying import take as take_at_centre
from sync.central.centre import Centre, catalogue_file, make_centre, open_centre
from sync.central.desk import Desk
from sync.client import catalogues, parcels
from sync.client.parcels import Found
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE, Key
from sync.domain.parking import UNKNOWN_INDICATOR
from sync.exchange.catalogue import read, texts
from sync.protocol import parcel
from sync.protocol.parcel import Direction
from sync.store import CATALOGUE_ARRIVED, ChangeSet, Store
from sync.store.catalogue import kept
from tests.sync.client.conftest import CATALOGUES, PC, clock, unheard
from tests.sync.client.test_parcels import fault
from tests.sync.store.conversation import CELL, NOON, SECRET, VILLAGE, write

Files = dict[str, bytes]
DROPPED = "village_ct14"


def shipped(edition: int = 1) -> Files:
    """The program's own catalogue, under a number."""
    files = {name: raw for name, raw in texts(CATALOGUES).items() if isinstance(raw, bytes)}
    return files | {"edition.csv": f"number\n{edition}\n".encode()}


def without(files: Files, indicator: str) -> Files:
    """That catalogue when an indicator has gone from it."""
    lines = {name: raw.decode().splitlines(keepends=True) for name, raw in files.items()}
    return {name: "".join(line for line in found if indicator not in line).encode() for name, found in lines.items()}


def carried(centre: Centre, files: Files) -> bytes:
    return catalogue_file(read(files), files, centre.key, clock)


@pytest.fixture
def pc(pc: Callable[..., PC]) -> PC:
    """A village's PC that works under the program's own catalogue."""
    found = pc("village")
    found.store.edition = 1
    return found


@pytest.fixture
def newer(centre: Centre, tmp_path: Path) -> Iterator[Centre]:
    """The same centre under the second edition, which has one indicator less."""
    files = without(shipped(2), DROPPED)
    centre.close()
    with closing(open_centre(tmp_path / "centre", read(files), clock, files=files)) as opened:
        yield opened


def everything(store: Store) -> list[object]:
    return [store.db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in ("change", "meta")]


def test_a_file_is_told_of_then_taken_and_kept(centre: Centre, pc: PC) -> None:
    files = without(shipped(2), DROPPED)
    sent = carried(centre, files)
    found = parcels.look(pc.store, sent)
    catalogue = read(files)
    assert found == Found(
        Direction.CATALOGUE, len(sent), clock(), 0, 0, "", 2, len(catalogue.forms), len(catalogue.indicators)
    )
    assert (pc.store.edition, pc.store.kept_edition(), kept(pc.store)) == (1, 0, None)
    heard: list[ChangeSet] = []
    assert parcels.take(pc.store, sent, heard.append) == found
    assert heard == [ChangeSet(frozenset({CATALOGUE_ARRIVED}))]
    assert (pc.store.edition, pc.store.catalogue) == (2, catalogue.version)
    pc.restart()
    assert pc.store.kept_edition() == 2
    again = kept(pc.store)
    assert again is not None
    assert read(again.files) == catalogue
    assert DROPPED not in catalogue.indicators


def test_an_older_one_and_the_same_once_more_are_left(centre: Centre, pc: PC) -> None:
    first, second = carried(centre, shipped(1)), carried(centre, shipped(2))
    assert fault(lambda: parcels.look(pc.store, first)) == "catalogue_old"
    parcels.take(pc.store, second, unheard)
    before = everything(pc.store)
    for one in (first, second):
        assert fault(partial(parcels.take, pc.store, one, unheard)) == "catalogue_old"
    assert everything(pc.store) == before


def test_damage_another_centre_and_nobody_s_pc_change_nothing(centre: Centre, pc: PC, tmp_path: Path) -> None:
    sent = carried(centre, shipped(2))
    before = everything(pc.store)
    for place in range(0, len(sent), 97):
        with pytest.raises(EnvironmentFault):
            parcels.take(pc.store, sent[:place] + bytes([sent[place] ^ 1]) + sent[place + 1 :], unheard)
        with pytest.raises(EnvironmentFault):
            parcels.take(pc.store, sent[:place], unheard)
    make_centre(tmp_path / "other", "48", clock)
    with closing(open_centre(tmp_path / "other", centre.catalogue, clock)) as other:
        foreign = carried(other, shipped(2))
    assert fault(lambda: parcels.take(pc.store, foreign, unheard)) == "parcel_other_centre"
    # Signed by a centre, but under the name of ours.
    forged = parcel.MAGIC + foreign[8:10] + bytes.fromhex(parcel.label_of(sent).recipient) + foreign[20:-16]
    forged += parcel._check(forged)
    assert fault(lambda: parcels.take(pc.store, forged, unheard)) == "parcel_damaged"
    assert everything(pc.store) == before
    with closing(Store.open(tmp_path / "nobody", SECRET)) as nobody:
        assert fault(lambda: parcels.take(nobody, sent, unheard)) == "parcel_unenrolled"


def test_one_that_the_program_cannot_read_is_told_with_all_that_is_wrong(centre: Centre, pc: PC) -> None:
    """As a newer program writes it: with a column, and a kind of value, that this one does not know."""
    files = shipped(2)
    broken = files | {
        "schemes.csv": files["schemes.csv"].replace(b"status", b"standing"),
        "rules.csv": files["rules.csv"].replace(b"severity", b"weight"),
    }
    said = parcel.Catalogued(clock(), 2, "of a newer program", parcel.pack(broken))
    sent = parcel.write(said, centre.key, bytes(centre.key.verify_key))
    before = everything(pc.store)
    with pytest.raises(EnvironmentFault) as caught:
        parcels.take(pc.store, sent, unheard)
    assert caught.value.code == "catalogue_unfit"
    errors = caught.value.details["errors"]
    assert isinstance(errors, tuple)
    assert {wrong.file for wrong in errors} >= {"schemes.csv", "rules.csv"}
    assert "schemes.csv" in str(caught.value.details["found"])
    # What it says of itself is not what it holds.
    lying = parcel.Catalogued(clock(), 3, read(files).version, parcel.pack(files))
    sent = parcel.write(lying, centre.key, bytes(centre.key.verify_key))
    assert fault(lambda: parcels.take(pc.store, sent, unheard)) == "parcel_damaged"
    # And what would fill the memory is not unpacked.
    bomb = parcel.Catalogued(clock(), 3, "", parcel.pack({"rules.csv": bytes(parcel.MAX_CATALOGUE)}))
    sent = parcel.write(bomb, centre.key, bytes(centre.key.verify_key))
    assert len(sent) < 10_000
    assert fault(lambda: parcels.take(pc.store, sent, unheard)) == "parcel_damaged"
    assert everything(pc.store) == before


def test_it_comes_with_an_answer_by_hand_and_no_change_of_it_loses_what_waits(pc: PC, newer: Centre) -> None:
    """I13: what was typed for an indicator that has gone is kept, sent, and held back with a reason."""
    dropped = Key(VALUE, VILLAGE, DROPPED, CELL.period)
    write(pc.store, "434")
    write(pc.store, "5", dropped)
    under = pc.store.catalogue
    desk = Desk(newer, clock)
    answer = take_at_centre(newer, parcels.make(pc.store, NOON, unheard).parcel, desk.sync, clock)
    assert (answer.changes, answer.parked) == (2, 1)
    write(pc.store, "6", dropped)
    heard: list[ChangeSet] = []
    parcels.take(pc.store, answer.answer, heard.append)
    assert ChangeSet(frozenset({CATALOGUE_ARRIVED})) in heard
    assert pc.store.edition == 2
    assert pc.store.waiting() == 1
    waits = pc.store.shown(dropped)
    assert waits is not None
    assert waits.content == "6"
    # What was typed before says under which it was typed, and so does what comes after.
    write(pc.store, "435", CELL)
    typed = pc.store.db.execute("SELECT DISTINCT catalogue FROM change ORDER BY n").fetchall()
    assert [one for (one,) in typed] == [under, newer.catalogue.version]
    answer = take_at_centre(newer, parcels.make(pc.store, NOON, unheard).parcel, desk.sync, clock)
    parcels.take(pc.store, answer.answer, unheard)
    held = pc.store.undecided()[dropped]
    assert held.reason == UNKNOWN_INDICATOR
    assert pc.store.waiting() == 0
    # Under the same one it is not sent again.
    assert len(answer.answer) < 1_500


def test_what_a_newer_edition_brings_back_takes_effect_by_itself(pc: PC, newer: Centre, tmp_path: Path) -> None:
    dropped = Key(VALUE, VILLAGE, DROPPED, CELL.period)
    write(pc.store, "5", dropped)
    pc.remote = newer.repository
    pc.sync()
    assert pc.store.undecided()[dropped].reason == UNKNOWN_INDICATOR
    newer.close()
    files = shipped(3)
    with closing(open_centre(tmp_path / "centre", read(files), clock, files=files)) as third:
        pc.remote = third.repository
        pc.sync()
    assert dropped not in pc.store.undecided()
    found = pc.store.shown(dropped)
    assert found is not None
    assert found.content == "5"


def test_a_pc_whose_program_is_newer_than_the_centre_keeps_its_own(pc: PC, newer: Centre) -> None:
    pc.store.edition = 3
    answer = take_at_centre(newer, parcels.make(pc.store, NOON, unheard).parcel, Desk(newer, clock).sync, clock)
    parcels.take(pc.store, answer.answer, unheard)
    assert (pc.store.edition, pc.store.kept_edition()) == (3, 0)


def test_an_answer_is_taken_also_where_its_catalogue_cannot_be_read(
    pc: PC, newer: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(pc.store, "434")
    answer = take_at_centre(newer, parcels.make(pc.store, NOON, unheard).parcel, Desk(newer, clock).sync, clock)

    def unread(files: object) -> Catalogue:
        raise EnvironmentFault("catalogue_invalid", errors=("indicators.csv",))

    monkeypatch.setattr(catalogues, "read", unread)
    assert fault(lambda: parcels.take(pc.store, answer.answer, unheard)) == "catalogue_unfit"
    assert pc.store.waiting() == 0
    assert pc.store.edition == 1


def test_a_revoked_device_gets_none(pc: PC, newer: Centre) -> None:
    write(pc.store, "434")
    newer.enrolment.revoke(pc.store.device)
    taken = take_at_centre(newer, parcels.make(pc.store, NOON, unheard).parcel, Desk(newer, clock).sync, clock)
    assert len(taken.answer) < 1_500


def test_the_shipped_catalogue_changes_with_its_number() -> None:
    """Whoever changes the catalogue counts `edition.csv` on, or no PC would take it for newer."""
    found = read(shipped())
    assert (found.edition, found.version) == (1, "3091c97493c1a318"), (
        "the catalogue's content changed: raise the number in resources/catalogues/edition.csv, and write both here"
    )
