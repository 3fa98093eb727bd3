"""Drills with real stores, sessions and a real centre: a revoked laptop, and an officer who changes posts."""

from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy, copytree

import pytest
from nacl.signing import SigningKey
from sqlalchemy import select

from sync.central.centre import Centre, open_centre
from sync.central.proofs import Bucket, bucket_of, hashes_of
from sync.central.standing import COLUMN_NAMES, record_of
from sync.central.tables import digest, record
from sync.client import session
from sync.client.session import Session
from sync.domain.catalogue import Catalogue, Sensitivity
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import COMMENT, UNIT, VALUE, Key
from sync.domain.parking import DEVICE_REVOKED, NOT_YOUR_UNIT
from sync.domain.rights import Role
from sync.domain.units import Unit, UnitKind
from sync.protocol.digests import Digest
from sync.protocol.messages import EnrolRequest
from sync.protocol.version import PROTOCOL
from sync.store import CellState, Enrolment
from sync.store.healing import checks
from sync.store.rights import Rights
from sync.store.scope import scope
from tests.sync.client.conftest import PC
from tests.sync.store.conversation import COMMUNE, VILLAGE

Make = Callable[..., PC]
OTHER = "48.20308"
AT = datetime(2026, 6, 20, 9, tzinfo=UTC)
PERIODS = [f"A{year}Q{quarter}" for year in range(2020, 2028) for quarter in range(1, 5)]
SECRET = "village_ct14"
_SUMS = select(*(digest.c[name] for name in ("stream", "unit", "sensitivity", "count", "total")))


def cells(count: int, unit: str = VILLAGE) -> list[Key]:
    """As many cells of the village's form."""
    items = [f"village_ct{number:02}" for number in range(1, 15)]
    return [Key(VALUE, unit, item, period) for period in PERIODS for item in items][:count]


def join(centre: Centre, pc: PC, person: str, unit: str) -> None:
    """Enrol a PC for a person who holds roles."""
    code = centre.enrolment.make_code(unit, person, 1)
    key = SigningKey(pc.store.signing_seed())
    answer = centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(key.verify_key), "PC"))
    pc.store.keep_enrolment(
        Enrolment("http://localhost", answer.centre, answer.centre_key, answer.province, answer.unit, person)
    )


def all_of(pc: PC) -> str:
    """Whatever stands anywhere in a PC's store."""
    tables = pc.store.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return "\n".join(
        part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part)
        for (table,) in tables
        for row in pc.store.db.execute(f'SELECT * FROM "{table}"')
        for part in row
    )


def test_a_revoked_device_with_a_hundred_unsent_changes(centre: Centre, pc: Make) -> None:
    laptop, commune = pc("laptop"), pc("commune", COMMUNE)
    laptop.sync()
    hundred = cells(100)
    for number, key in enumerate(hundred):
        laptop.store.record_changes([(key, str(number))], "An", AT)
    centre.enrolment.revoke(laptop.store.device)
    with pytest.raises(EnvironmentFault, match="device_revoked"):
        laptop.sync()
    assert laptop.store.waiting() == 0
    shown = laptop.store.undecided()
    assert set(shown) == set(hundred)
    assert {cell.reason for cell in shown.values()} == {DEVICE_REVOKED}
    commune.sync()
    assert commune.store.select(VALUE, COMMUNE) == {}
    # Nothing of what others type from now on comes to it, and it is told why.
    commune.store.record_changes([(Key(VALUE, VILLAGE, SECRET, "A2019Q1"), "5")], "Bình", AT)
    commune.sync()
    with pytest.raises(EnvironmentFault, match="device_revoked"):
        laptop.sync()
    assert laptop.store.shown(Key(VALUE, VILLAGE, SECRET, "A2019Q1")) is None
    assert centre.repository.release_escrow(laptop.store.device, "Hoa", take=True) == 100
    commune.sync()
    assert {key: cell.content for key, cell in commune.store.select(VALUE, COMMUNE).items() if key in hundred} == {
        key: str(number) for number, key in enumerate(hundred)
    }


def test_an_officer_who_moves_to_another_commune_with_drafts(centre: Centre, pc: Make) -> None:
    centre.repository.decide([(Key(UNIT, OTHER), Unit(OTHER, UnitKind.COMMUNE, "Xã Bà Nà").content())], "admin")
    person = "Nguyễn Thị Hoa"
    centre.staff.give(person, Role.COMMUNE_ENTRY, COMMUNE, Sensitivity.SENSITIVE)
    officer, successor, ward = pc("officer", COMMUNE), pc("successor", COMMUNE), pc("ward", OTHER)
    join(centre, officer, person, COMMUNE)
    sent, draft = cells(2)
    officer.store.record_changes([(sent, "1")], person, AT)
    officer.sync()
    successor.sync()
    assert scope(officer.store) == [COMMUNE]
    # Drafts, while the administrator moves her: nothing is heard of it yet.
    officer.store.record_changes([(draft, "2")], person, AT)
    officer.store.record_changes([(sent, "3")], person, AT)
    centre.staff.take(person, Role.COMMUNE_ENTRY, COMMUNE)
    centre.staff.give(person, Role.COMMUNE_ENTRY, OTHER, Sensitivity.SENSITIVE)
    officer.sync()
    officer.sync()
    # What she typed is held back with its reason, and is hers to see; the old commune's figures left her PC.
    for key in (draft, sent):
        cell = officer.store.shown(key)
        assert cell is not None
        assert (cell.state, cell.reason) == (CellState.PARKED, NOT_YOUR_UNIT)
    assert officer.store.history(draft)[0].content == "2"
    enrolment = officer.store.enrolment()
    assert enrolment is not None
    assert (enrolment.unit, scope(officer.store)) == (OTHER, [OTHER])
    # Her new post works at once.
    fresh = Key(VALUE, OTHER, "village_ct01", "A2026Q2")
    officer.store.record_changes([(fresh, "9")], person, AT)
    officer.sync()
    ward.sync()
    found = ward.store.shown(fresh)
    assert found is not None
    assert (found.content, found.author) == ("9", person)
    successor.sync()
    assert {key: cell.content for key, cell in successor.store.select(VALUE, COMMUNE).items()} == {sent: "1"}
    # Back for a day, and the drafts take effect by themselves.
    centre.staff.give(person, Role.COMMUNE_ENTRY, COMMUNE, Sensitivity.SENSITIVE)
    successor.sync()
    back = {key: cell.content for key, cell in successor.store.select(VALUE, COMMUNE).items()}
    assert back == {draft: "2", sent: "3"}
    officer.sync()
    officer.sync()
    assert officer.store.undecided() == {}
    assert checks(officer.store) == []


def test_a_class_that_was_taken_away_leaves_the_pc_with_everything_said_of_it(centre: Centre, pc: Make) -> None:
    person = "Nguyễn Thị Hoa"
    centre.staff.give(person, Role.COMMUNE_ENTRY, COMMUNE, Sensitivity.SENSITIVE)
    officer, village = pc("officer", COMMUNE), pc("village")
    join(centre, officer, person, COMMUNE)
    quiet, secret = Key(VALUE, VILLAGE, "village_ct01", "A2026Q2"), Key(VALUE, VILLAGE, SECRET, "A2026Q2")
    said = Key(COMMENT, VILLAGE, SECRET, "A2026Q2", "01980000-0000-7000-8000-000000000001")
    village.store.record_changes([(quiet, "300"), (secret, "917263"), (said, '"Nhà ông Tám"')], "An", AT)
    village.sync()
    officer.sync()
    assert {key for key in (quiet, secret, said) if officer.store.shown(key)} == {quiet, secret, said}
    centre.staff.give(person, Role.COMMUNE_ENTRY, COMMUNE, Sensitivity.INTERNAL)
    officer.sync()
    officer.sync()
    assert {key for key in (quiet, secret, said) if officer.store.shown(key)} == {quiet}
    assert checks(officer.store) == []
    everything = all_of(officer)
    assert "300" in everything
    assert "917263" not in everything
    assert "ông Tám" not in everything
    assert not Rights(officer.store, centre.catalogue).sees(secret)


def with_classes(catalogue: Catalogue, **classes: Sensitivity) -> Catalogue:
    changed = {key: catalogue.indicators[key]._replace(sensitivity=found) for key, found in classes.items()}
    return catalogue._replace(version="later", indicators={**catalogue.indicators, **changed})


def the_sums_are_right(centre: Centre) -> bool:
    """Whether every sum is that over the records of its stream, unit and class."""
    counted: dict[Bucket, Digest] = defaultdict(Digest)
    with centre.database.reading() as connection:
        columns = [record.c.stream, record.c.sensitivity, *(record.c[name] for name in COLUMN_NAMES)]
        for stream, sensitivity, *row in connection.execute(select(*columns)):
            found = record_of(row)
            bucket = (stream, bucket_of(stream, found.key), sensitivity)
            counted[bucket] = counted[bucket].with_rows(hashes_of([found]))
        kept = {(*of, s): Digest.of(count, total) for *of, s, count, total in connection.execute(_SUMS)}
    return {of: one for of, one in kept.items() if one.rows} == dict(counted)


def test_a_later_catalogue_moves_what_stands_to_its_classes(centre: Centre, pc: Make) -> None:
    """What became sensitive leaves whoever may not see it, what became open comes, and what waits is still sent."""
    for person, up_to in (("Hoa", Sensitivity.INTERNAL), ("Bình", Sensitivity.SENSITIVE)):
        centre.staff.give(person, Role.COMMUNE_ENTRY, COMMUNE, up_to)
    officer, chief, village = pc("officer", COMMUNE), pc("chief", COMMUNE), pc("village")
    join(centre, officer, "Hoa", COMMUNE)
    join(centre, chief, "Bình", COMMUNE)
    opened, closed, own = (Key(VALUE, VILLAGE, item, "A2026Q2") for item in ("village_ct01", SECRET, "village_ct02"))
    said = Key(COMMENT, VILLAGE, "village_ct01", "A2026Q2", "01980000-0000-7000-8000-000000000001")
    kept = cells(60)[3:]
    typed = [(opened, "917263"), (closed, "300"), (said, '"Nhà ông Tám"'), *((key, "5") for key in kept)]
    village.store.record_changes(typed, "An", AT)
    for one in (village, officer, chief):
        one.sync()
    assert (officer.store.shown(opened) is None, officer.store.shown(closed) is None) == (False, True)
    assert "917263" in all_of(officer)
    # Before the centre has the other catalogue, and after: unsent all the while.
    officer.store.record_changes([(own, "7")], "Hoa", AT)
    classes = {"village_ct01": Sensitivity.SENSITIVE, SECRET: Sensitivity.INTERNAL}
    later = open_centre(centre.folder, with_classes(centre.catalogue, **classes), lambda: AT.timestamp())
    with closing(later):
        told: list[Key] = []
        officer.sync(later.repository, lambda changes: told.extend(changes.keys))
        assert officer.store.shown(opened) is None
        assert "917263" not in all_of(officer)
        assert "ông Tám" not in all_of(officer)
        assert {opened, said, closed} <= set(told)
        assert [officer.store.shown(key).content for key in (closed, own)] == ["300", "7"]  # type: ignore[union-attr]
        assert officer.store.shown(own).state is CellState.RECEIVED  # type: ignore[union-attr]
        missing = {key.item for key in kept if not officer.store.shown(key)}
        assert missing == {opened.item, *(f"village_ct{number:02}" for number in (3, 4, 7, 8))}
        assert scope(officer.store) == [f"{COMMUNE}:internal"]
        chief.sync(later.repository)
        assert all(chief.store.shown(key) for key in (opened, closed, own, said))
        # At rest: the sums agree, and nothing more is asked or said.
        for one in (officer, chief, village):
            one.sync(later.repository)
            assert checks(one.store) == []
            summary = one.sync(later.repository)
            assert (summary.rounds, summary.received) == (1, 0)
        assert the_sums_are_right(later)
        # What is typed anew goes where the class lets it.
        village.store.record_changes([(opened, "817263"), (closed, "301")], "An", AT)
        village.sync(later.repository)
        officer.sync(later.repository)
        assert officer.store.shown(opened) is None
        assert officer.store.shown(closed).content == "301"  # type: ignore[union-attr]
    # Opened again nothing moves; and what a catalogue knows no more stays where it was.
    few = with_classes(centre.catalogue, **classes)
    few = few._replace(indicators={key: few.indicators[key] for key in classes}, forms={})
    with closing(open_centre(centre.folder, few, lambda: AT.timestamp())) as again:
        assert officer.sync(again.repository).received == 0
        assert officer.store.shown(opened) is None


@pytest.mark.parametrize("further", [0, 1, 6])
def test_a_restored_centre_with_a_later_catalogue_takes_back_what_became_sensitive(
    centre: Centre, pc: Make, tmp_path: Path, further: int
) -> None:
    """However many commits the backup lacks, and wherever the officer's cursor stands beside the one that narrowed."""
    centre.staff.give("Hoa", Role.COMMUNE_ENTRY, COMMUNE, Sensitivity.INTERNAL)
    officer, village = pc("officer", COMMUNE), pc("village")
    join(centre, officer, "Hoa", COMMUNE)
    secret, quiet = (Key(VALUE, VILLAGE, item, "A2026Q2") for item in ("village_ct01", "village_ct02"))
    village.store.record_changes([(secret, "917263"), (quiet, "1")], "An", AT)
    village.sync()
    officer.sync()
    backup = copytree(centre.folder, tmp_path / "backup")
    for number in range(further):
        village.store.record_changes([(quiet, str(10 + number))], "An", AT)
        village.sync()
        officer.sync()
    copy(centre.folder / "register.soxa", backup / "register.soxa")
    narrower = with_classes(centre.catalogue, village_ct01=Sensitivity.SENSITIVE)
    with closing(open_centre(backup, narrower, lambda: AT.timestamp())) as restored:
        for one in (officer, village, officer):
            one.sync(restored.repository)
        assert officer.store.shown(secret) is None
        assert "917263" not in all_of(officer)
        assert officer.store.shown(quiet).content == (str(9 + further) if further else "1")  # type: ignore[union-attr]
        assert checks(officer.store) == []
        summary = officer.sync(restored.repository)
        assert (summary.rounds, summary.received) == (1, 0)


def test_what_was_narrowed_is_read_in_many_pages_by_whoever_comes_later(
    centre: Centre, pc: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two pages they stand before the commit that narrowed, as those do who read more than they may see."""
    monkeypatch.setattr(session, "FIRST_PAGE_BYTES", 1 << 10)
    monkeypatch.setattr(session, "MOST_PAGE_BYTES", 1 << 10)
    centre.staff.give("Hoa", Role.COMMUNE_ENTRY, COMMUNE, Sensitivity.INTERNAL)
    village, early, late = pc("village"), pc("early", COMMUNE), pc("late", COMMUNE)
    for one in (early, late):
        join(centre, one, "Hoa", COMMUNE)
    typed = cells(400)
    for first in range(0, len(typed), 50):
        village.store.record_changes([(key, "917263") for key in typed[first : first + 50]], "An", AT)
        village.sync()
    # Broken off after its first page, in the classes of before.
    Session(early.store, centre.repository, lambda: int(AT.timestamp()), lambda _: None).run(lambda: False)
    seen = {"village_ct02", "village_ct05", "village_ct06"}
    narrower = with_classes(centre.catalogue, village_ct01=Sensitivity.SENSITIVE)
    with closing(open_centre(centre.folder, narrower, lambda: AT.timestamp())) as later:
        for one in (early, late):
            assert one.sync(later.repository).rounds > 2
            shown = {key.item for key in typed if one.store.shown(key)}
            assert "village_ct01" not in shown
            assert seen <= shown
            assert "village_ct01" not in all_of(one)
            assert checks(one.store) == []
