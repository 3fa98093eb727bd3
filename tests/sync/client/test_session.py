"""Sessions of real stores with a real centre: exactly once, nothing lost, and one state for everybody in the end."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from sync.central.centre import Centre
from sync.central.standing import read_standing
from sync.central.tables import change as change_table
from sync.client import session
from sync.client.session import FIRST_PAGE_BYTES, LEAST_PAGE_BYTES, MOST_PAGE_BYTES
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import BROADCAST, DEVICE, UNIT, VALUE, Key
from sync.protocol.digests import versions_of
from sync.protocol.messages import Cursor, Origin, Page, Subscription, SyncAnswer, SyncRequest, Version
from sync.protocol.remote import Remote
from sync.store import CellState, Shown, Store, connection
from sync.store.healing import checks
from sync.store.receiving import cursors
from sync.store.sending import outbox
from tests.sync.client.conftest import PC, UNITS, clock, open_the_centre
from tests.sync.store.conversation import AT, CELL, COMMUNE, NOON, QUARTER, SECRET, cell, write

Make = Callable[..., PC]


class Line(Remote):
    """A line to a centre on which things happen before a request and after the answer was made."""

    def __init__(
        self,
        centre: Remote,
        before: Callable[[], None] = lambda: None,
        after: Callable[[], None] = lambda: None,
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


def changes_at(centre: Centre, device: str | None = None) -> int:
    """How many changes the centre's log holds, of PCs or of one device."""
    query = select(func.count()).select_from(change_table).where(change_table.c.kind.not_in((UNIT, DEVICE)))
    if device:
        query = query.where(change_table.c.device == device)
    with centre.database.reading() as connection:
        return int(connection.scalar(query) or 0)


def shown(pc: PC, key: Key = CELL) -> tuple[str, CellState, list[str]]:
    found = pc.store.shown(key)
    assert found is not None
    return found.content, found.state, sorted(rival.content for rival in found.rivals)


def ends(pc: PC) -> dict[str, Cursor]:
    """How far each stream was read, seen from wherever."""
    return {subscription.stream: cursor for subscription, cursor in cursors(pc.store).items()}


def fill(pc: PC, count: int) -> None:
    pc.store.record_changes([(cell(1 + n % 14)._replace(period=f"A{2000 + n // 14}Q1"), str(n)) for n in range(count)],
                            "An", AT)  # fmt: skip


def test_a_pc_that_is_enrolled_for_more_gets_what_lies_behind_its_cursors(
    centre: Centre, pc: Make, enrol_again: Callable[[PC, str], None]
) -> None:
    other = cell(1)._replace(unit=f"{COMMUNE}.004")
    commune, village = pc("commune", COMMUNE), pc("village")
    commune.store.record_changes([(CELL, "1"), (other, "2")], "Hoa", AT)
    commune.sync()
    village.sync()
    assert village.store.shown(other) is None
    write(commune.store, "3")
    commune.sync()
    # While an answer is on its way: it was made for the village alone, and its cursors must not stand.
    village.sync(Line(centre.repository, after=lambda: enrol_again(village, COMMUNE)))
    assert shown(village)[0] == "3"
    village.sync()
    assert shown(village, other)[0] == "2"
    line = Line(centre.repository)
    assert village.sync(line).received == 0
    assert ends(village) == ends(commune)


def test_what_a_village_types_the_commune_sees_and_the_centre_holds_once(centre: Centre, pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    village.store.record_changes([(CELL, "434"), (cell(2), '{"missing":"not_collected"}')], "Nguyễn Văn An", AT)
    summary = village.sync()
    assert (summary.rounds, summary.sent, summary.clock_offset_s) == (1, 2, 0)
    assert shown(village) == ("434", CellState.RECEIVED, [])
    assert commune.sync().received == 2 + len(UNITS)
    assert shown(commune) == ("434", CellState.RECEIVED, [])
    assert shown(commune, cell(2))[0] == '{"missing":"not_collected"}'
    found = commune.store.shown(CELL)
    assert found is not None
    assert (found.author, found.typed_at) == ("Nguyễn Văn An", AT)
    assert changes_at(centre) == 2
    assert [unit.name for unit in commune.store.units(COMMUNE)] == [unit.name for unit in UNITS[1:]]


def test_a_second_sync_sends_nothing_and_brings_nothing(centre: Centre, pc: Make) -> None:
    village = pc("village")
    write(village.store, "434")
    village.sync()
    line = Line(centre.repository)
    summary = village.sync(line)
    assert (summary.rounds, summary.sent, summary.received) == (1, 0, 0)
    assert [request.push.changes for request in line.asked] == [[]]
    assert changes_at(centre) == 1


def test_an_edit_of_what_was_seen_replaces_it_for_both(pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "434")
    village.sync()
    commune.sync()
    write(commune.store, "435")
    commune.sync()
    village.sync()
    assert shown(village) == shown(commune) == ("435", CellState.RECEIVED, [])


def test_both_edit_the_same_cell_and_both_see_the_same_value_and_the_other_one(centre: Centre, pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "434")
    village.sync()
    commune.sync()
    write(village.store, "440")
    write(commune.store, "450")
    commune.sync()
    village.sync()
    commune.sync()
    assert shown(village) == shown(commune) == ("450", CellState.RECEIVED, ["440"])
    assert village.store.undecided().keys() == commune.store.undecided().keys() == {CELL}
    assert [entry.content for entry in village.store.history(CELL)] == ["440", "434", "450"]
    assert changes_at(centre) == 3


def test_both_type_the_same_and_it_is_no_conflict(pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "434")
    write(commune.store, "434")
    village.sync()
    commune.sync()
    village.sync()
    assert shown(village) == shown(commune) == ("434", CellState.RECEIVED, [])
    write(village.store, "440")
    village.sync()
    commune.sync()
    assert shown(village) == shown(commune) == ("440", CellState.RECEIVED, [])


def test_an_answer_lost_after_the_centre_committed_is_repeated_without_effect(centre: Centre, pc: Make) -> None:
    village = pc("village")
    village.store.record_changes([(CELL, "1"), (Key(VALUE, f"{COMMUNE}.004", "village_ct01", QUARTER), "2")], "An", AT)
    with pytest.raises(EnvironmentFault):
        village.sync(Line(centre.repository, after=drop))
    assert changes_at(centre) == 2
    assert shown(village) == ("1", CellState.SENT, [])
    village.restart()
    write(village.store, "3")
    assert village.sync().sent == 3
    assert changes_at(centre) == 3
    assert shown(village) == ("3", CellState.RECEIVED, [])
    parked = village.store.shown(Key(VALUE, f"{COMMUNE}.004", "village_ct01", QUARTER))
    assert parked is not None
    assert (parked.state, parked.reason) == (CellState.PARKED, "not_your_unit")


def test_a_request_that_was_lost_is_repeated(centre: Centre, pc: Make) -> None:
    village = pc("village")
    write(village.store, "1")
    with pytest.raises(EnvironmentFault):
        village.sync(Line(centre.repository, before=drop))
    assert changes_at(centre) == 0
    village.sync()
    assert changes_at(centre) == 1


def test_a_change_that_may_not_take_effect_blocks_no_other(centre: Centre, pc: Make) -> None:
    village = pc("village")
    wrong = [
        cell(1)._replace(unit=f"{COMMUNE}.004"),
        cell(1)._replace(item="no_such_indicator"),
        cell(1)._replace(period="A2026X9"),
    ]
    village.store.record_changes([*((key, "1") for key in wrong), (CELL, "7"), (cell(2), "1e5")], "An", AT)
    village.sync()
    assert shown(village) == ("7", CellState.RECEIVED, [])
    states = {key: shown_cell.state for key, shown_cell in village.store.undecided().items()}
    assert states == dict.fromkeys([*wrong, cell(2)], CellState.PARKED)
    assert village.store.waiting() == 0
    assert changes_at(centre) == 5


def test_an_edit_typed_during_a_pull_survives_it_and_goes_out_in_the_same_session(centre: Centre, pc: Make) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(commune.store, "450")
    commune.sync()
    screen = Store.open(village.folder, SECRET, centre.catalogue.version)
    contents = ["440", "441"]

    def type_something() -> None:
        if contents:
            write(screen, contents.pop(0))

    line = Line(centre.repository, before=type_something, after=type_something)
    village.sync(line)
    found = screen.shown(CELL)
    assert found is not None
    assert found.content in ("441", "450")
    assert {found.content, *(rival.content for rival in found.rivals)} == {"441", "450"}
    assert screen.waiting() == 0
    commune.sync()
    assert shown(commune) == shown(village)
    screen.close()


def test_a_displaced_value_never_comes_back_for_a_moment(
    centre: Centre, pc: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many small pages: what was typed here stays in front until the last one, then what displaced it is there."""
    monkeypatch.setattr(session, "FIRST_PAGE_BYTES", 1 << 10)
    monkeypatch.setattr(session, "MOST_PAGE_BYTES", 1 << 10)
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "1")
    village.sync()
    for year in range(2000, 2030):
        key = CELL._replace(period=f"A{year}Q1")
        commune.store.record_changes(
            [(key._replace(item=f"village_ct{n:02}"), str(year)) for n in range(1, 15)], "C", AT
        )
        commune.sync()
    write(village.store, "2")
    showed: list[str] = []
    summary = village.sync(changed=lambda changes: showed.append(shown(village)[0]))
    assert summary.rounds > 3
    assert set(showed) == {"2"}
    assert shown(village) == ("2", CellState.RECEIVED, [])


def test_more_than_one_push_goes_out_in_one_session(centre: Centre, pc: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.store.sending.MAX_PUSH", 10)
    village = pc("village")
    fill(village, 45)
    summary = village.sync()
    assert (summary.rounds, summary.sent, changes_at(centre)) == (5, 45, 45)
    assert village.store.waiting() == 0


def test_a_session_ends_after_a_round_when_it_is_told_to_and_the_next_one_goes_on(
    centre: Centre, pc: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.store.sending.MAX_PUSH", 10)
    village = pc("village")
    village.sync()
    fill(village, 45)
    running = session.Session(village.store, village.remote, clock, lambda changes: None)
    assert running.run(goes_on=lambda: False).rounds == 1
    assert village.store.waiting() == 35
    running.run()
    assert (village.store.waiting(), changes_at(centre)) == (0, 45)


def test_pages_grow_while_the_line_holds_and_shrink_when_it_drops(pc: Make) -> None:
    village = pc("village")
    line = Line(village.remote)
    running = session.Session(village.store, line, clock, lambda changes: None)
    for _ in range(4):
        running.run()
    dropping = Line(village.remote, before=drop)
    running._remote = dropping
    for _ in range(6):
        with pytest.raises(EnvironmentFault):
            running.run()
    sizes = [request.page_bytes for request in (*line.asked, *dropping.asked)]
    assert sizes[0] == FIRST_PAGE_BYTES
    assert max(sizes) == MOST_PAGE_BYTES
    assert sizes[4:] == sorted(sizes[4:], reverse=True)
    assert sizes[-1] == LEAST_PAGE_BYTES


class Deaf(Remote):
    """A centre that is out of order: it answers, and nothing moves."""

    def __init__(self, *, knows: bool, more: bool) -> None:
        self._knows = knows
        broadcast = Subscription(BROADCAST, BROADCAST)
        self._pages = [Page(broadcast, Origin.AS_SENT, [], Cursor(0, ""), more)] if more else []
        self.asked = 0

    def push_pull(self, device: str, request: SyncRequest) -> SyncAnswer:
        self.asked += 1
        return SyncAnswer(NOON, request.push.after if self._knows else None, pages=self._pages)


@pytest.mark.parametrize(("typed", "knows", "more"), [(True, False, False), (False, True, True), (True, True, False)])
def test_a_centre_that_does_not_move_is_not_asked_for_ever(pc: Make, typed: bool, knows: bool, more: bool) -> None:
    village = pc("village")
    if typed:
        write(village.store, "1")
    deaf = Deaf(knows=knows, more=more)
    with pytest.raises(EnvironmentFault) as caught:
        village.sync(deaf)
    assert caught.value.code == "server_failed"
    assert deaf.asked <= 2
    assert village.store.waiting() == int(typed)


def test_what_was_just_pushed_comes_back_by_number(centre: Centre, pc: Make) -> None:
    village, commune = pc("thôn"), pc("xã", COMMUNE)
    write(village.store, "1")
    heard: list[SyncAnswer] = []

    class Heard(Remote):
        def push_pull(self, device: str, request: SyncRequest) -> SyncAnswer:
            heard.append(centre.repository.push_pull(device, request))
            return heard[-1]

    village.sync(Heard())
    assert [page.own for page in heard[0].pages if page.own] == [[1]]
    assert not [record for page in heard[0].pages for record in page.records if record.key.kind == VALUE]
    commune.sync()
    query = "SELECT heads, prev FROM record WHERE kind = ?"
    rows = [each.store.db.execute(query, (VALUE,)).fetchall() for each in (village, commune)]
    assert rows[0] == rows[1] != []
    assert checks(village.store) == []


def test_a_number_that_was_never_pushed_is_no_answer(centre: Centre, pc: Make) -> None:
    village = pc("thôn")
    village.sync()
    write(village.store, "1")

    class Wrong(Remote):
        def push_pull(self, device: str, request: SyncRequest) -> SyncAnswer:
            answer = centre.repository.push_pull(device, request)
            pages = [msgspec.structs.replace(page, own=[9]) for page in answer.pages]
            return msgspec.structs.replace(answer, pages=pages)

    with pytest.raises(EnvironmentFault, match="server_failed"):
        village.sync(Wrong())
    assert village.sync().rounds == 1
    shown = village.store.shown(CELL)
    assert shown is not None
    assert (shown.content, shown.state) == ("1", CellState.RECEIVED)


def test_a_clone_of_a_folder_goes_on_beside_the_first_and_both_are_kept(
    centre: Centre, pc: Make, tmp_path: Path
) -> None:
    village = pc("village")
    write(village.store, "1")
    village.sync()
    clone = village.fork(tmp_path / "clone")
    write(village.store, "2")
    village.sync()
    write(clone.store, "3")
    clone.sync()
    village.sync()
    assert shown(village) == shown(clone) == ("2", CellState.RECEIVED, ["3"])
    assert changes_at(centre) == 3
    assert [each.forks for each in centre.enrolment.devices() if each.device == village.store.device] == [1]
    # A person decides, on either of them.
    clone.store.record_changes([(CELL, "4")], "An", AT, {CELL: clone.store.cells(VALUE, CELL.unit)[CELL].rivals})
    clone.sync()
    village.sync()
    assert shown(village) == shown(clone) == ("4", CellState.RECEIVED, [])
    assert village.store.waiting() == clone.store.waiting() == 0
    clone.store.close()


def test_a_centre_restored_from_a_backup_gets_back_what_it_lost(centre: Centre, pc: Make, tmp_path: Path) -> None:
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(village.store, "1")
    village.sync()
    commune.sync()
    shutil.copytree(tmp_path / "centre", tmp_path / "backup")
    write(village.store, "2")
    write(village.store, "5", cell(2))
    village.sync()
    commune.sync()
    write(commune.store, "9", cell(3))
    commune.sync()
    restored = open_the_centre(tmp_path / "backup")
    for each in (village, commune, village, commune):
        each.sync(restored.repository)
    assert changes_at(restored) == changes_at(centre) == 4
    for each in (village, commune):
        assert [shown(each, key)[0] for key in (CELL, cell(2), cell(3))] == ["2", "5", "9"]
        assert each.store.waiting() == 0
    restored.close()


def test_of_what_a_centre_has_lost_a_few_are_asked_for_in_each_session_in_turn(
    pc: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its author may have been there meanwhile; but to ask for all again would take as long as they are many."""
    monkeypatch.setattr(session, "MAX_LOST", 2)
    village, commune = pc("village"), pc("commune", COMMUNE)
    commune.sync()
    shutil.copytree(tmp_path / "centre", tmp_path / "backup")
    for n in range(1, 6):
        write(village.store, str(n), cell(n))
    village.sync()
    commune.sync()
    restored = open_the_centre(tmp_path / "backup")
    line = Line(restored.repository)
    worker = session.Session(commune.store, line, clock, lambda changes: None)
    worker.run()
    asked = [version.n for request in line.asked for version in request.lost]
    assert asked == [1, 2, 3, 4, 5]
    line.asked.clear()
    for _ in range(3):
        worker.run()
    again = [[version.n for version in request.lost] for request in line.asked]
    assert again == [[1, 2], [3, 4], [1, 5]]
    assert [shown(commune, cell(n))[0] for n in range(1, 6)] == list("12345")
    restored.close()


class Crash(BaseException):
    """The power went."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_at_any_commit_of_a_session_loses_nothing_and_sends_nothing_twice(
    centre: Centre, pc: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Every commit of the store is the last one once; the next session ends as if nothing had happened."""
    monkeypatch.setattr("sync.store.sending.MAX_PUSH", 2)
    monkeypatch.setattr("sync.store.receiving.MAX_ROWS", 2)
    village, commune = pc("village"), pc("commune", COMMUNE)
    write(commune.store, "450")
    commune.store.record_changes([(cell(n), "9") for n in range(2, 8)], "Hoa", AT)
    commune.sync()
    wrong = cell(1)._replace(item="no_such_indicator")
    village.store.record_changes([(CELL, "440"), (wrong, "1"), (cell(2), "9"), (cell(3), "8"), (CELL, "441")], "An", AT)
    village.store.close()
    usual = connection.writing
    reference: dict[Key, Shown] = {}
    for stop_at in range(100):
        for name in ("village", "centre"):
            shutil.copytree(tmp_path / name, tmp_path / f"{name}-{stop_at}")
        opened = open_the_centre(tmp_path / f"centre-{stop_at}")
        each = PC(
            tmp_path / f"village-{stop_at}", Store.open(tmp_path / f"village-{stop_at}", SECRET), opened.repository
        )
        commits = 0

        @contextmanager
        def crashing(db: Any) -> Iterator[Any]:
            nonlocal commits
            commits += 1
            with usual(db):
                yield db
                if commits == stop_at and moment == "before":  # noqa: B023 the loop's present number is meant
                    raise Crash
            if commits == stop_at:  # noqa: B023
                raise Crash

        monkeypatch.setattr(connection, "writing", crashing)
        crashed = False
        try:
            each.sync()
        except Crash:
            crashed = True
        monkeypatch.setattr(connection, "writing", usual)
        each.restart()
        each.sync()
        found = each.store.select(VALUE, "48")
        reference = reference or found
        assert found == reference
        assert each.store.waiting() == 0
        assert changes_at(opened) == 7 + 5
        each.store.close()
        opened.close()
        if stop_at and not crashed:
            break
    assert stop_at > 8
    assert (reference[CELL].content, reference[wrong].state) == ("450", CellState.PARKED)
    assert {rival.content for rival in reference[CELL].rivals} == {"441"}
    village.store = Store.open(village.folder, SECRET)


@pytest.mark.parametrize("seed", range(8))
def test_after_any_history_everybody_sees_the_same_and_nothing_is_lost(
    centre: Centre, pc: Make, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Three PCs type into four cells, syncing over a line that drops requests and answers, crashing in between."""
    random = Random(seed)
    monkeypatch.setattr("sync.store.sending.MAX_PUSH", random.choice([1, 3, 2_000]))
    monkeypatch.setattr("sync.store.receiving.MAX_ROWS", random.choice([1, 3, 1_000]))
    pcs = [pc("village"), pc("commune", COMMUNE), pc("officer", COMMUNE)]
    keys = [cell(n) for n in range(1, 5)]
    typed: Counter[str] = Counter()
    happened: Counter[str] = Counter()

    def perhaps(event: str, chance: float) -> Callable[[], None]:
        def happen() -> None:
            if random.random() < chance:
                happened[event] += 1
                raise EnvironmentFault("server_timeout")

        return happen

    for step in range(60):
        each = random.choice(pcs)
        if random.random() < 0.6:
            content = random.choice([str(step), "0", "null"])
            if write(each.store, content, random.choice(keys)):
                typed[each.store.device] += 1
        else:
            line = Line(centre.repository, perhaps("request lost", 0.2), perhaps("answer lost", 0.3))
            try:
                each.sync(line)
            except EnvironmentFault:
                each.restart()
    assert happened["request lost"] + happened["answer lost"] > 0
    for _ in range(2):
        for each in pcs:
            each.sync()
    for key in keys:
        found = [each.store.shown(key) for each in pcs]
        assert len({(cell.content, cell.rivals) for cell in found if cell}) <= 1
        assert len({cell is None for cell in found}) == 1
        assert all(cell.state is CellState.RECEIVED for cell in found if cell)
    for each in pcs:
        assert changes_at(centre, each.store.device) == typed[each.store.device]
        assert outbox(each.store).changes == []
        assert each.store.waiting() == 0
        assert ends(each) == ends(pcs[0])
        assert checks(each.store) == []
    assert everything_typed_stands_or_was_seen(centre)


def everything_typed_stands_or_was_seen(centre: Centre) -> bool:
    """Every change at the centre is a head, or an ancestor of one."""
    with centre.database.reading() as connection:
        rows = connection.execute(
            select(change_table).where(change_table.c.kind == VALUE, change_table.c.outcome != "parked")
        ).all()
        seen = {Version(row.branch, row.n): versions_of(row.seen) for row in rows}
        keys = {Key(row.kind, row.unit, row.item, row.period, row.part) for row in rows}
        standing = read_standing(connection, centre.province, keys)
    reached: set[Version] = set()
    ends = [head.version for record in standing.values() for head in record.heads]
    while ends:
        version = ends.pop()
        if version not in reached:
            reached.add(version)
            ends.extend(seen[version])
    return reached == set(seen)
