"""Histories that lost, doubled or overwrote something in other systems, one for each invariant of the sync.

Real stores, sessions and a real centre, in one process; what happens to the line, the disks and the clocks is said.
"""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nacl.signing import SigningKey
from sqlalchemy import func, select

from sync.central import room
from sync.central.centre import Centre, open_centre
from sync.central.desk import Desk
from sync.central.register import FILE as REGISTER
from sync.central.repository import TOKEN_DAYS
from sync.central.tables import change as change_table
from sync.client import session
from sync.client.remote import SealedRemote
from sync.client.session import Session
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import STATUS, TASK, UNIT, VALUE, Key, within
from sync.domain.units import Unit, UnitKind
from sync.domain.values import CLEARED
from sync.domain.workflow import State, Status, content_digest, is_approved
from sync.protocol.messages import Check, Cursor, Subscription, SyncAnswer, SyncRequest
from sync.protocol.remote import Remote
from sync.store import CellState, Shown, Store, connection
from sync.store.healing import checks
from sync.store.receiving import cursors
from sync.store.sending import outbox
from tests.sync.client.conftest import PC, clock, open_the_centre, unheard
from tests.sync.store.conversation import AT, CELL, COMMUNE, QUARTER, SECRET, VILLAGE, cell, head, write

Make = Callable[..., PC]
Restore = Callable[..., Centre]
FORM = "village_quarter"
NEIGHBOUR = f"{COMMUNE}.004"
FEW_ROUNDS = 8


class Line(Remote):
    """A line on which something happens before a request arrives and after its answer was made."""

    def __init__(
        self, centre: Remote, before: Callable[[], None] = lambda: None, after: Callable[[], None] = lambda: None
    ) -> None:
        self._centre, self._before, self._after = centre, before, after
        self.asked: list[SyncRequest] = []

    def push_pull(self, device: str, request: SyncRequest) -> SyncAnswer:
        self.asked.append(request)
        self._before()
        answer = self._centre.push_pull(device, request)
        self._after()
        return answer


def drop() -> None:
    raise EnvironmentFault("server_timeout")


@pytest.fixture
def backup(centre: Centre, tmp_path: Path) -> Iterator[Callable[[], Restore]]:
    """Copies the centre's database now. What it gives opens that copy for the given PCs, beside key and register."""
    opened: list[Centre] = []

    def copy() -> Restore:
        kept = tmp_path / f"backup{len(opened)}"
        shutil.copytree(centre.folder, kept)

        def restore(*pcs: PC) -> Centre:
            shutil.copy(centre.folder / REGISTER, kept / REGISTER)
            opened.append(open_the_centre(kept))
            for each in pcs:
                each.remote = opened[-1].repository
            return opened[-1]

        return restore

    yield copy
    for each in opened:
        each.close()


def shown(pc: PC, key: Key = CELL) -> Shown:
    found = pc.store.shown(key)
    assert found is not None
    return found


def says(pc: PC, key: Key = CELL) -> tuple[str, list[str]]:
    """What a PC shows of a cell, with its rivals."""
    found = shown(pc, key)
    return found.content, sorted(rival.content for rival in found.rivals)


def logged(centre: Centre, device: str) -> int:
    """How many changes of a device the centre's log holds."""
    with centre.database.reading() as connection:
        query = select(func.count()).select_from(change_table).where(change_table.c.device == device)
        return int(connection.scalar(query) or 0)


def everything(pc: PC, kind: str = VALUE) -> dict[Key, tuple[str, list[str]]]:
    return {key: says(pc, key) for key in pc.store.select(kind, "48")}


def settle(*pcs: PC) -> None:
    """Let all speak to the centre until nobody has anything new."""
    for _ in range(2):
        for each in pcs:
            assert each.sync().rounds <= FEW_ROUNDS
    for each in pcs:
        assert each.store.waiting() == 0
        assert checks(each.store) == []


# I1: every edit that was kept is displayed, a rival, parked, pending, or seen by what is


def test_i1_what_was_typed_after_the_backup_is_back_after_a_restore(pc: Make, backup: Callable[[], Restore]) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "1")
    settle(village, commune)
    restore = backup()
    write(village.store, "2")
    write(village.store, "5", cell(2))
    settle(village, commune)
    write(commune.store, "3")
    settle(commune, village)
    restore(village, commune)
    # The one who did not type it comes first: nothing leaves the screen meanwhile.
    for _ in range(3):
        commune.sync()
        assert says(commune) == ("3", [])
        assert says(commune, cell(2)) == ("5", [])
    settle(village, commune)
    assert everything(village) == everything(commune) == {CELL: ("3", []), cell(2): ("5", [])}


def test_i1_a_deletion_and_an_update_that_crossed_are_both_kept(pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "1")
    settle(village, commune)
    write(village.store, CLEARED)
    write(commune.store, "2")
    settle(village, commune)
    assert says(village) == says(commune)
    assert {says(village)[0], *says(village)[1]} == {CLEARED, "2"}


def test_i1_a_value_whose_author_never_comes_back_is_not_lost_by_a_restore(
    pc: Make, backup: Callable[[], Restore]
) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "1")
    settle(village, commune)
    restore = backup()
    write(village.store, "2")
    settle(village, commune)
    restore(commune)
    settle(commune)
    assert shown(commune).content == "2"
    # Whoever types over it names it, so that the author's replay years later makes no conflict.
    write(commune.store, "3")
    settle(commune)
    village.remote = commune.remote
    settle(village, commune)
    assert says(village) == says(commune) == ("3", [])


# I2: each change takes effect exactly once


def test_i2_a_push_whose_answer_is_lost_again_and_again_counts_once(centre: Centre, pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "1")
    for _ in range(4):
        with pytest.raises(EnvironmentFault):
            village.sync(Line(centre.repository, after=drop))
        village.restart()
    settle(village, commune)
    write(commune.store, CLEARED)
    settle(commune)
    with pytest.raises(EnvironmentFault):
        village.sync(Line(centre.repository, after=drop))
    settle(village, commune)
    assert logged(centre, village.store.device) == 1
    assert says(village) == says(commune) == (CLEARED, [])


def test_i2_a_request_that_is_repeated_days_later_changes_nothing(centre: Centre, pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "1")
    line = Line(centre.repository)
    village.sync(line)
    settle(commune)
    write(commune.store, CLEARED)
    settle(commune, village)
    for request in line.asked * 3:
        centre.repository.push_pull(village.store.device, request)
    settle(village, commune)
    assert says(village) == says(commune) == (CLEARED, [])
    assert logged(centre, village.store.device) == 1


# I3: a cursor never passes data that was not applied


class Crash(BaseException):
    """The power went."""


def test_i3_a_crash_in_the_middle_of_a_page_leaves_nothing_out(pc: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.store.receiving.MAX_ROWS", 3)
    commune = pc("commune", COMMUNE)
    commune.store.record_changes([(cell(n), str(n)) for n in range(1, 13)], "Hoa", AT)
    settle(commune)
    usual = connection.writing
    for stop_at in range(1, 12):
        village = pc(f"village{stop_at}")
        commits = 0

        @contextmanager
        def crashing(db: Any) -> Iterator[Any]:
            nonlocal commits
            commits += 1
            with usual(db):
                if commits > stop_at:  # noqa: B023 the loop's present number is meant
                    raise Crash
                yield db

        monkeypatch.setattr(connection, "writing", crashing)
        with suppress_crash():
            village.sync()
        monkeypatch.setattr(connection, "writing", usual)
        village.restart()
        settle(village)
        assert everything(village) == everything(commune)


def test_i3_a_reading_that_a_restore_breaks_off_leaves_nothing_out(
    centre: Centre, pc: Make, backup: Callable[[], Restore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the rest of the reading would have brought stands in front of its cursor then, and nobody speaks of it."""
    village, commune, other = pc("village"), pc("commune", COMMUNE), pc("other", COMMUNE)
    settle(commune)
    for n in (1, 2):
        write(village.store, str(n), cell(n))
        settle(village)
    restore = backup()
    write(village.store, "3", cell(1))
    settle(village)
    monkeypatch.setattr(room, "MIN_PAGE_BYTES", 1)
    monkeypatch.setattr(session, "FIRST_PAGE_BYTES", 1)
    line = Line(centre.repository, after=unreachable_after(1))
    with pytest.raises(EnvironmentFault):
        commune.sync(line)
    assert set(everything(commune)) == {cell(2)}
    restore(commune, other)
    settle(commune, other)
    assert everything(commune) == everything(other) == {cell(1): ("1", []), cell(2): ("2", [])}


def unreachable_after(count: int) -> Callable[[], None]:
    """A line that breaks behind so many answers."""
    left = iter(range(count))

    def after() -> None:
        if next(left, None) is None:
            drop()

    return after


@contextmanager
def suppress_crash() -> Iterator[None]:
    try:
        yield
    except Crash:
        return


# I4: no reader skips a committed row


def test_i4_a_reader_that_syncs_while_others_write_misses_nothing(centre: Centre, pc: Make) -> None:
    writers = [pc(f"writer{number}", COMMUNE) for number in range(3)]
    reader = pc("reader", COMMUNE)
    failed: list[BaseException] = []

    def type_and_sync(number: int, folder: Path) -> None:
        store = Store.open(folder, SECRET, centre.catalogue.version)
        try:
            for step in range(15):
                keys = [cell(1 + n)._replace(period=f"A{2000 + step}Q{1 + number}") for n in range(5)]
                store.record_changes([(key, str(step)) for key in keys], "An", AT)
                Session(store, centre.repository, clock, unheard).run()
        except BaseException as error:  # noqa: BLE001 what went wrong in the thread is the test's result
            failed.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=type_and_sync, args=(n, each.folder)) for n, each in enumerate(writers)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        reader.sync()
    for thread in threads:
        thread.join()
    assert failed == []
    settle(reader)
    assert len(everything(reader)) == 3 * 15 * 5


# I5: no identity names two contents


def test_i5_a_folder_put_back_from_a_copy_types_under_other_names(centre: Centre, pc: Make, tmp_path: Path) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "1")
    settle(village)
    old = village.fork(tmp_path / "old")
    write(village.store, "2")
    write(village.store, "7", cell(2))
    settle(village, commune)
    village.store.close()
    # The newer folder is gone; the older one has the same numbers before it.
    write(old.store, "3")
    assert old.store.last_link().n == 2
    assert shown(old).state is CellState.SAVED
    settle(old, commune)
    assert says(old) == says(commune)
    assert {says(commune)[0], *says(commune)[1]} == {"2", "3"}
    assert says(old, cell(2)) == ("7", [])
    assert logged(centre, old.store.device) == 4
    old.store.close()
    village.store = Store.open(village.folder, SECRET)


def test_i5_a_rolled_back_folder_shows_nothing_as_received_that_it_did_not_send(pc: Make, tmp_path: Path) -> None:
    village = pc("village")
    old = village.fork(tmp_path / "old")
    write(village.store, "1")
    settle(village)
    write(old.store, "2")
    with pytest.raises(EnvironmentFault):
        old.sync(Line(old.remote, before=drop))
    assert shown(old).state is CellState.SENT
    assert old.store.waiting() == 1
    old.store.close()


# I6: at rest the base is byte-equal everywhere


def test_i6_a_base_of_the_right_size_and_the_wrong_content_is_found_and_put_right(pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    commune.store.record_changes([(cell(n), str(n)) for n in range(1, 15)], "Hoa", AT)
    settle(commune, village)
    wrong = msgspec.msgpack.encode([head("999")])
    where = "kind = 'value' AND item = 'village_ct03'"
    (before,) = village.store.db.execute(f"SELECT heads FROM record WHERE {where}").fetchone()
    village.store.db.execute(f"UPDATE record SET content = '999', heads = ? WHERE {where}", (wrong,))
    village.store.db.execute("UPDATE digest SET total = zeroblob(32) WHERE stream = ?", (COMMUNE,))
    write(commune.store, "77")
    settle(commune, village)
    assert village.store.db.execute(f"SELECT heads FROM record WHERE {where}").fetchone() == (before,)
    rows = "SELECT kind, unit, item, period, part, heads, prev FROM record WHERE unit = ? ORDER BY 1, 2, 3, 4, 5"
    assert (
        village.store.db.execute(rows, (VILLAGE,)).fetchall() == commune.store.db.execute(rows, (VILLAGE,)).fetchall()
    )


# I7: healing ends, and never removes what is pending


def test_i7_healing_beside_unsent_work_ends_and_leaves_it(centre: Centre, pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    keys = [cell(1 + n % 14)._replace(period=f"A{2000 + n // 14}Q1") for n in range(300)]
    commune.store.record_changes([(key, "1") for key in keys], "Hoa", AT)
    settle(commune, village)
    village.store.db.execute("DELETE FROM record WHERE kind = 'value'")
    village.store.db.execute("DELETE FROM digest WHERE stream = ?", (COMMUNE,))
    village.store.record_changes([(key, "2") for key in keys[:10]], "An", AT)
    write(commune.store, "9", cell(1)._replace(period="A2026Q3"))
    settle(commune)
    typed = iter(range(100))
    screen = Store.open(village.folder, SECRET, centre.catalogue.version)

    def type_on() -> None:
        if (n := next(typed)) < 5:
            write(screen, f"{n}", cell(2)._replace(period=f"A199{n}Q1"))

    summary = village.sync(Line(centre.repository, before=type_on))
    screen.close()
    assert summary.rounds <= 15
    settle(village, commune)
    assert len(everything(village)) == 300 + 1 + 5
    assert everything(village) == everything(commune)
    assert all({says(village, key)[0], *says(village, key)[1]} == {"1", "2"} for key in keys[:10])


def test_i7_what_was_lost_and_came_back_is_asked_for_until_the_base_can_tell(
    pc: Make, backup: Callable[[], Restore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its author has replayed it and typed on: all that comes in one session, whatever its first page brings."""
    village, commune = pc("village"), pc("commune", COMMUNE)
    settle(village, commune)
    restore = backup()
    write(village.store, "2")
    settle(village, commune)
    restore(commune, village)
    settle(commune)
    assert says(commune) == ("2", [])
    village.restart()
    for n in range(3, 10):
        write(village.store, str(n))
    settle(village)
    for n in range(2, 5):
        write(village.store, str(n), cell(n))
        settle(village)
    monkeypatch.setattr(session, "FIRST_PAGE_BYTES", 1)
    monkeypatch.setattr(room, "MIN_PAGE_BYTES", 1)
    assert commune.sync().rounds > 1
    assert says(commune) == ("9", [])


# I8: the outcome depends on no clock


@pytest.mark.parametrize("years", [*permutations((1999, 2026, 2099), 2), (1969, 9999)])
def test_i8_clocks_decide_nothing(pc: Make, years: tuple[int, int]) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    first, second = (datetime(year, 5, 1, tzinfo=UTC) for year in years)
    village.store.record_changes([(CELL, "1"), (cell(2), "1")], "An", first)
    settle(village, commune)
    commune.store.record_changes([(CELL, "2")], "Hoa", second)
    commune.store.record_changes([(cell(2), "2")], "Hoa", second)
    village.store.record_changes([(cell(2), "3")], "An", first - timedelta(days=1))
    Session(village.store, village.remote, lambda: 1, unheard).run()
    Session(commune.store, commune.remote, lambda: 2**40, unheard).run()
    settle(village, commune)
    assert says(village) == says(commune) == ("2", [])
    assert says(village, cell(2)) == says(commune, cell(2)) == ("3", ["2"])


# I9: an edit typed during a pull survives


def test_i9_what_is_typed_between_the_pages_of_a_long_pull_survives(
    centre: Centre, pc: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "FIRST_PAGE_BYTES", 1 << 10)
    monkeypatch.setattr(session, "MOST_PAGE_BYTES", 1 << 10)
    village, commune = pc("village"), pc("commune", COMMUNE)
    keys = [cell(1 + n % 14)._replace(period=f"A{2000 + n // 14}Q1") for n in range(280)]
    for start in range(0, len(keys), 28):
        commune.store.record_changes([(key, "1") for key in keys[start : start + 28]], "Hoa", AT)
        commune.sync()
    screen = Store.open(village.folder, SECRET, centre.catalogue.version)
    left = list(keys)
    typed: list[Key] = []

    def type_one() -> None:
        if left:
            typed.append(left.pop(len(left) // 2))
            write(screen, "2", typed[-1])

    village.sync(Line(centre.repository, before=type_one, after=type_one))
    assert len(typed) > 6
    for key in typed:
        found = screen.shown(key)
        assert found is not None
        assert "2" in {found.content, *(rival.content for rival in found.rivals)}
    screen.close()
    settle(village, commune)
    assert everything(village) == everything(commune)


# I10: nothing is deleted without a tombstone


def test_i10_a_centre_that_was_restored_to_nothing_empties_no_screen(
    centre: Centre, pc: Make, backup: Callable[[], Restore]
) -> None:
    restore = backup()
    village, commune = pc("village"), pc("commune", COMMUNE)
    village.store.record_changes([(cell(n), str(n)) for n in range(1, 15)], "An", AT)
    settle(village, commune)
    before = everything(commune)
    restored = restore(village, commune)
    commune.sync()
    assert everything(commune) == before
    settle(village, commune)
    assert everything(village) == everything(commune) == before
    assert logged(restored, village.store.device) == 14


# I11: one bad change blocks no other, and needs no new edit to be tried again


def test_i11_a_value_that_may_not_take_effect_blocks_nothing_and_takes_it_without_a_word(
    centre: Centre, pc: Make
) -> None:
    commune = pc("commune", COMMUNE)
    later = CELL._replace(unit=f"{COMMUNE}.009")
    commune.store.record_changes([(later, "1"), (cell(2), "1e5"), (CELL, "2")], "Hoa", AT)
    settle(commune)
    assert (says(commune), shown(commune, later).reason) == (("2", []), "unknown_unit")
    decided = (Key(UNIT, later.unit), Unit(later.unit, UnitKind.VILLAGE, "Thôn 9").content())
    centre.repository.decide([decided], "admin")
    settle(commune)
    found = shown(commune, later)
    assert (found.content, found.state, found.reason) == ("1", CellState.RECEIVED, "")
    assert shown(commune, cell(2)).reason == "invalid_content"


# I12: an approval matches what was approved


STEP = Key(STATUS, VILLAGE, FORM, QUARTER)


def digest_at(centre: Centre, pc: PC) -> str:
    """Of the form's values as a PC sees them, rivals included."""
    cells = pc.store.cells(VALUE, VILLAGE, QUARTER)
    return content_digest(
        {key: [found.content, *(rival.content for rival in found.rivals)] for key, found in cells.items()}
    )


def test_i12_an_approval_of_what_has_changed_meanwhile_approves_nothing(centre: Centre, pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "1")
    settle(village, commune)
    write(commune.store, Status(State.APPROVED, digest_at(centre, commune)).content(), STEP)
    write(village.store, "2")
    settle(village, commune)
    assert says(village, STEP) == says(commune, STEP)
    assert not is_approved([shown(commune, STEP).content], digest_at(centre, commune))
    # The approver may approve again what is there now.
    write(commune.store, Status(State.APPROVED, digest_at(centre, commune)).content(), STEP)
    settle(commune, village)
    for each in (village, commune):
        assert is_approved([shown(each, STEP).content], digest_at(centre, each))
    # An edit after that waits, and the approval holds.
    write(village.store, "3")
    settle(village, commune)
    assert (shown(village).reason, says(commune)) == ("approved", ("2", []))
    assert is_approved([shown(commune, STEP).content], digest_at(centre, commune))


# I13: a change of scope, rights or catalogue loses no outbox


def test_i13_a_revoked_unit_takes_no_unsent_work_with_it(centre: Centre, pc: Make) -> None:
    officer = pc("officer", COMMUNE)
    settle(officer)
    other = CELL._replace(unit=NEIGHBOUR)
    write(officer.store, "1", other)
    write(officer.store, "2")
    centre.enrolment.set_scope(officer.store.device, [VILLAGE])
    settle(officer)
    assert says(officer) == ("2", [])
    assert shown(officer, other).reason == "not_your_unit"
    assert officer.store.history(other)[0].content == "1"
    assert logged(centre, officer.store.device) == 2
    # Moved back, it takes its effect with nothing typed again.
    centre.enrolment.set_scope(officer.store.device, [COMMUNE])
    settle(officer)
    assert (says(officer, other), shown(officer, other).reason) == (("1", []), "")


def test_i13_a_move_while_work_waits_brings_the_new_and_keeps_the_old(centre: Centre, pc: Make) -> None:
    officer, other = pc("officer"), pc("other", NEIGHBOUR)
    theirs = CELL._replace(unit=NEIGHBOUR)
    write(other.store, "5", theirs)
    settle(other, officer)
    write(officer.store, "1")
    centre.enrolment.set_scope(officer.store.device, [NEIGHBOUR])
    settle(officer)
    assert says(officer, theirs) == ("5", [])
    assert officer.store.history(CELL)[0].content == "1"
    assert logged(centre, officer.store.device) == 1


# I14: deleted rows never come back


def test_i14_a_pc_that_was_away_for_years_brings_no_deleted_value_back(centre: Centre, pc: Make) -> None:
    village, commune, away = pc("village"), pc("commune", COMMUNE), pc("away", COMMUNE)
    write(village.store, "1")
    write(village.store, "6", cell(2))
    settle(village, commune, away)
    write(village.store, CLEARED)
    settle(village, commune)
    write(away.store, "7", cell(2))
    centre.close()
    later = open_centre(centre.folder, centre.catalogue, lambda: clock() + (TOKEN_DAYS + 300) * 86_400)
    for each in (village, commune, away):
        each.remote = later.repository
    settle(away, village, commune)
    for each in (village, commune, away):
        assert says(each) == (CLEARED, [])
        assert says(each, cell(2)) == ("7", [])
    later.close()


# I15: no false conflicts


def test_i15_what_is_the_same_or_was_seen_makes_no_conflict(pc: Make) -> None:
    village, commune, officer = pc("village"), pc("commune", COMMUNE), pc("officer", COMMUNE)
    for each in (village, commune, officer):
        write(each.store, "1")
    settle(village, commune, officer)
    assert all(says(each) == ("1", []) for each in (village, commune, officer))
    # One's own later edits, before and after they were received.
    for content in ("2", "3", "4"):
        write(village.store, content)
    settle(village)
    write(village.store, "5")
    settle(village, commune, officer)
    # An edit of what was seen at another's.
    write(officer.store, "6")
    settle(officer, commune)
    write(commune.store, "7")
    settle(commune, officer, village)
    assert all(says(each) == ("7", []) for each in (village, commune, officer))
    assert all(not each.store.undecided() for each in (village, commune, officer))


def test_i15_a_person_who_types_on_without_a_line_is_one_rival_and_not_many(pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    for number in range(30):
        write(village.store, f"1{number}")
        write(commune.store, f"2{number}")
    settle(village, commune)
    assert says(village) == says(commune) == ("129", ["229"])


# I16: bytes that are not the protocol change nothing


PORTAL = b"<html><body>Sign in to the hotel's network</body></html>"


@pytest.mark.parametrize(
    "damage",
    [
        lambda sealed: PORTAL,
        lambda sealed: b"",
        lambda sealed: sealed[: len(sealed) // 2],
        lambda sealed: sealed + b"\0",
        lambda sealed: bytes([*sealed[:-70], sealed[-70] ^ 1, *sealed[-69:]]),
        lambda sealed: sealed[:4] + bytes(len(sealed) - 4),
    ],
)
def test_i16_a_portal_a_cut_or_a_flipped_bit_is_no_content(
    centre: Centre, pc: Make, damage: Callable[[bytes], bytes]
) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(commune.store, "5", cell(2))
    settle(commune)
    write(village.store, "1")
    desk = Desk(centre, clock)
    key, centre_key = SigningKey(village.store.signing_seed()), bytes(centre.key.verify_key)
    before = (everything(village), cursors(village.store), outbox(village.store))
    with pytest.raises(EnvironmentFault):
        village.sync(SealedRemote(lambda sealed: damage(desk.sync(sealed)), key, centre_key))
    assert (everything(village), cursors(village.store), outbox(village.store)) == before
    village.sync(SealedRemote(desk.sync, key, centre_key))
    assert says(village) == ("1", [])
    assert logged(centre, village.store.device) == 1


def test_i16_another_requests_answer_is_no_answer(centre: Centre, pc: Make) -> None:
    """A proxy that keeps answers, or a file that comes twice."""
    village, commune = pc("village"), pc("commune", COMMUNE)
    desk = Desk(centre, clock)
    key, centre_key = SigningKey(village.store.signing_seed()), bytes(centre.key.verify_key)
    kept: list[bytes] = []

    def post(sealed: bytes) -> bytes:
        kept.append(desk.sync(sealed))
        return kept[0]

    write(village.store, "1")
    remote = SealedRemote(post, key, centre_key)
    village.sync(remote)
    settle(commune)
    write(village.store, "2")
    with pytest.raises(EnvironmentFault):
        village.sync(remote)
    assert village.store.waiting() == 1
    assert shown(village).state is CellState.SENT


# I17: with the faults gone, everything is synced in few rounds, without another edit


def test_i17_nothing_waits_for_the_next_edit(centre: Centre, pc: Make, backup: Callable[[], Restore]) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    restore = backup()
    write(village.store, "1")
    write(village.store, "5", CELL._replace(unit=NEIGHBOUR))
    with pytest.raises(EnvironmentFault):
        village.sync(Line(centre.repository, after=drop))
    village.restart()
    settle(village, commune)
    restore(village, commune)
    # Nobody types again; one sync of each is enough for what they hold to be there.
    assert village.sync().rounds <= FEW_ROUNDS
    assert commune.sync().rounds <= FEW_ROUNDS
    assert village.store.waiting() == 0
    assert says(commune) == says(village) == ("1", [])
    # At rest a sync is one round that brings nothing.
    for each in (village, commune):
        each.sync()
        line = Line(each.remote)
        summary = each.sync(line)
        assert (summary.rounds, summary.sent, summary.received) == (1, 0, 0)


# I18: nobody receives what they may not see, nor learns of it


def test_i18_a_device_that_asks_for_more_than_its_own_is_told_nothing(centre: Centre, pc: Make) -> None:
    village, province = pc("village"), pc("province", "48")
    secret = CELL._replace(unit=NEIGHBOUR)
    write(province.store, "434", secret)
    province.store.record_changes([(cell(2), "5")], "Hoa", AT)
    centre.repository.decide([(Key(TASK, NEIGHBOUR, "t", "", "content"), '"việc"')], "admin")
    settle(province, village)
    assert all(within(key.unit, VILLAGE) for kind in (VALUE, TASK) for key in village.store.select(kind, "48"))
    request = Line(centre.repository)
    village.sync(request)
    every = {**cursors(province.store), **cursors(village.store)}
    greedy = msgspec.structs.replace(
        request.asked[0],
        cursors={subscription: Cursor(0, "") for subscription in every},
        checks=[Check(subscription, None, None, 0, b"") for subscription in every],
    )
    answer = centre.repository.push_pull(village.store.device, greedy)
    assert answer.scope == [VILLAGE]
    followed = {Subscription(VILLAGE, COMMUNE), Subscription("*", "*"), *cursors(village.store)}
    assert {page.subscription for page in answer.pages} <= followed
    for record in [record for page in answer.pages for record in page.records]:
        assert record.key.kind == UNIT or within(record.key.unit, VILLAGE)
    assert b"434" not in msgspec.msgpack.encode([answer.heals, [page.records for page in answer.pages]])


def test_i18_a_commit_elsewhere_moves_a_cursor_and_says_no_more(centre: Centre, pc: Make) -> None:
    village, neighbour = pc("village"), pc("neighbour", NEIGHBOUR)
    settle(village, neighbour)
    write(neighbour.store, "434", CELL._replace(unit=NEIGHBOUR))
    settle(neighbour)
    assert village.sync().received == 0
    assert everything(village) == {}
