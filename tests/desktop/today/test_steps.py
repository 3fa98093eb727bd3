"""The desk tells what came back and what waits for a decision, reminds of it, and never loses what is overdue."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.review.room import ReviewRoom
from desktop.today.room import TodayRoom
from desktop.widgets.place import Place
from desktop.widgets.reminder import Reminder
from desktop.widgets.rows import Row
from sync.domain.catalogue import Catalogue, Sensitivity
from sync.domain.deadlines import Deadline
from sync.domain.keys import DEADLINE, STATUS, VALUE, Key
from sync.domain.revisions import Revision, key_of
from sync.domain.rights import Grant, Role
from sync.domain.workflow import Remark, State, Status
from sync.store import ChangeSet, Store
from sync.store.submissions import submission_at
from tests.desktop.sampled import (
    COMMUNE,
    NOW,
    PERSON,
    catalogue,
    clock,
    enrol,
    fill,
    push,
    receive,
    say_people,
    unopened,
)

FORM, PERIOD = "village_quarter", "A2026Q2"
VILLAGE = f"{COMMUNE.key}.004"
STEP = Key(STATUS, VILLAGE, FORM, PERIOD)


def public() -> Catalogue:
    """The same forms with figures that anybody may see."""
    known = catalogue()
    indicators = {key: one._replace(sensitivity=Sensitivity.PUBLIC) for key, one in known.indicators.items()}
    return known._replace(indicators=indicators)


@pytest.fixture
def build(qtbot: QtBot) -> Callable[..., TodayRoom]:
    kept: list[TodayRoom] = []

    def made(store: Store, known: Catalogue | None = None, now: datetime = NOW) -> TodayRoom:
        room = TodayRoom(store, unopened, known or catalogue(), Feed(), clock(now))
        kept.append(room)
        qtbot.addWidget(room)
        qtbot.addWidget(room.header)
        room.reminded = []  # type: ignore[attr-defined]
        room.remind.connect(room.reminded.append)  # type: ignore[attr-defined]
        room.resize(1282, 682)
        room.show()
        qtbot.waitUntil(lambda: bool(room.reminded))  # type: ignore[attr-defined]
        return room

    return made


def rows(room: TodayRoom) -> dict[object, Row]:
    return {row.key: row for row in room.list.model().rows if isinstance(row, Row)}  # type: ignore[attr-defined]


def reminded(room: TodayRoom) -> list[Reminder]:
    return list(room.reminded[-1])  # type: ignore[attr-defined]


def returned(store: Store, why: str = "Sai dòng 2", key: Key = STEP) -> None:
    receive(store, [(key, [Status(State.RETURNED, comment=why).content()])], "Trần Văn Bình", COMMUNE.key)


def test_what_came_back_says_why_and_opens_by_one_key(
    qtbot: QtBot, build: Callable[..., TodayRoom], store: Store
) -> None:
    returned(store)
    room = build(store)
    row = rows(room)[STEP]
    assert row.title == "Biểu thôn CT01–CT14: Thôn Phú Hòa bị trả lại"
    assert row.detail == "Quý II/2026 · “Sai dòng 2” · Trần Văn Bình trả lại hôm qua 09:15"
    assert (row.pill, row.action) == ("Bị trả lại", "Sửa")
    assert room.list.choose(STEP)
    with qtbot.waitSignal(room.go) as went:
        QTest.keyClick(room.list, Qt.Key.Key_Return)
    assert went.args == [Place("entry", VILLAGE, FORM, PERIOD)]
    (reminder,) = [one for one in reminded(room) if one.token.startswith("returned")]
    title = "Bị trả lại: Biểu thôn CT01–CT14, Thôn Phú Hòa"
    assert (reminder.title, reminder.text) == (title, "Mở biểu để xem."), "of what is not public no word"
    (reminder,) = [one for one in reminded(build(store, public())) if one.token.startswith("returned")]
    assert (reminder.title, reminder.text) == (title, "Sai dòng 2")
    receive(store, [(STEP, [Status(State.SUBMITTED).content()])], "An", COMMUNE.key)
    assert STEP not in rows(build(store))


def test_what_was_sent_up_and_what_is_asked_waits_for_who_decides(
    qtbot: QtBot, build: Callable[..., TodayRoom], store: Store
) -> None:
    others = [STEP._replace(unit=f"{COMMUNE.key}.00{number}") for number in (1, 2)]
    receive(store, [(key, [Status(State.SUBMITTED).content()]) for key in others], "An", COMMUNE.key)
    figure = Key(VALUE, VILLAGE, "village_ct01", PERIOD)
    receive(store, [(key_of(figure), [Revision("440").content()])], "An", COMMUNE.key)
    room = build(store)
    submitted, asked = rows(room)["submitted", FORM, PERIOD], rows(room)["asked", FORM, PERIOD]
    assert submitted.title == "Biểu thôn CT01–CT14: 2 đơn vị đã nộp"
    assert asked.title == "Biểu thôn CT01–CT14: 1 đề nghị sửa sau khi duyệt"
    assert room.list.choose(("submitted", FORM, PERIOD))
    with qtbot.waitSignal(room.go) as went:
        QTest.keyClick(room.list, Qt.Key.Key_Return)
    assert went.args == [Place("review", "", FORM, PERIOD)]


def test_each_sees_what_waits_for_their_role(build: Callable[..., TodayRoom], store: Store) -> None:
    returned(store)
    receive(store, [(STEP._replace(unit=f"{COMMUNE.key}.001"), [Status(State.SUBMITTED).content()])], "An", COMMUNE.key)
    say_people(store, {PERSON: (Grant(Role.COMMUNE_APPROVAL, COMMUNE.key, Sensitivity.SENSITIVE),)})
    shown = rows(build(store))
    assert STEP not in shown, "others correct it"
    assert ("submitted", FORM, PERIOD) in shown
    say_people(store, {PERSON: (Grant(Role.COMMUNE_ENTRY, COMMUNE.key, Sensitivity.SENSITIVE),)})
    shown = rows(build(store))
    assert STEP in shown
    assert ("submitted", FORM, PERIOD) not in shown


def test_a_near_deadline_is_reminded_of_and_a_far_or_passed_one_is_not(
    build: Callable[..., TodayRoom], store: Store
) -> None:
    def near(hours: int) -> list[str]:
        due = Deadline(NOW + timedelta(hours=hours))
        receive(store, [(Key(DEADLINE, COMMUNE.key, FORM, "A2026Q4"), [due.content()])])
        return [one.token for one in reminded(build(store)) if one.token.startswith(f"near {FORM} A2026Q4")]

    assert len(near(30)) == 1
    assert near(72) == []
    assert near(-1) == []


def test_what_is_overdue_stays_through_restarts_months_and_a_new_catalogue(
    build: Callable[..., TodayRoom], store: Store, reopen: Callable[..., Store]
) -> None:
    returned(store)
    form = ("form", FORM, PERIOD)
    before = rows(build(store))
    assert before[form].pill.startswith("Quá hạn")
    known = catalogue()
    for months, version in ((0, known.version), (3, "2027.1"), (14, "2027.2")):
        again = reopen(version)
        now = NOW + timedelta(days=30 * months)
        # The last version has no other form any more.
        forms = {key: form for key, form in known.forms.items() if months < 14 or key == FORM}
        shown = rows(build(again, known._replace(version=version, forms=forms), now))
        days = int(shown[form].pill.split()[2].replace(".", ""))
        assert days == 159 + 30 * months
        assert shown[form].look == "bad"
        assert STEP in shown
        # And after whatever else arrives.
        fill(again)
        assert form in rows(build(again, known._replace(version=version, forms=forms), now))


def test_what_is_filled_stays_until_it_is_sent(qtbot: QtBot, build: Callable[..., TodayRoom], empty: Store) -> None:
    village = f"{COMMUNE.key}.001"
    enrol(empty, village)
    fill(empty)
    form, step = ("form", FORM, PERIOD), STEP._replace(unit=village)
    room = build(empty)
    row = rows(room)[form]
    assert "đã đủ ô, chưa nộp" in row.detail
    assert (row.action, row.look) == ("Nộp", "bad")
    assert room.list.choose(form)
    with qtbot.waitSignal(room.go) as went:
        QTest.keyClick(room.list, Qt.Key.Key_Return)
    assert went.args == [Place("review", village, FORM, PERIOD)]
    for state, stays in ((State.SUBMITTED, False), (State.RETURNED, True), (State.APPROVED, False)):
        digest = "0" * 32 if state is State.APPROVED else ""
        receive(empty, [(step, [Status(state, digest).content()])], "Hoa", COMMUNE.key)
        assert (form in rows(build(empty))) is stays, state
    # Whoever may not send it is not asked to.
    receive(empty, [(step, [Status(State.REOPENED).content()])], "Hoa", COMMUNE.key)
    assert form in rows(build(empty))
    say_people(empty, {PERSON: (Grant(Role.PROVINCE_READING, "48", Sensitivity.SENSITIVE),)})
    assert form not in rows(build(empty))


def test_a_form_that_was_sent_with_an_empty_cell_is_neither_late_nor_to_be_filled(
    qtbot: QtBot, build: Callable[..., TodayRoom], empty: Store
) -> None:
    village = f"{COMMUNE.key}.001"
    enrol(empty, village)
    fill(empty)
    receive(empty, [(Key(VALUE, village, "village_ct14", PERIOD), ["null"])], "Hoa", COMMUNE.key)
    form = ("form", FORM, PERIOD)
    desk = build(empty)
    badges: list[int] = []
    desk.badge.connect(badges.append)
    review = ReviewRoom(empty, catalogue(), desk._feed, clock())
    qtbot.addWidget(review)
    qtbot.addWidget(review.header)
    review.show()
    review.activateWindow()
    qtbot.waitUntil(review.isActiveWindow)
    review.show_place(Place("review", village, FORM, PERIOD))

    def is_told(*, is_late: bool) -> bool:
        """Whether the desk and the review both say so."""
        square = review.square()
        assert square is not None
        row = rows(desk).get(form)
        assert row is None or (row.pill.startswith("Quá hạn"), row.action) == (True, "Nhập tiếp")
        return (row is not None, square.is_late(NOW)) == (is_late, is_late)

    desk._show_all()
    assert is_told(is_late=True)
    step = STEP._replace(unit=village)
    items = {row.indicator for row in catalogue().forms[FORM].rows}
    for state in (State.APPROVED, State.RETURNED, State.SUBMITTED, State.REOPENED):
        digest = submission_at(empty, step, items).digest if state is State.APPROVED else ""
        changes = receive(empty, [(step, [Status(state, digest).content()])], "Hoa", COMMUNE.key)
        desk._feed.changed.emit(ChangeSet(changes))
        qtbot.waitUntil(partial(is_told, is_late=state in (State.RETURNED, State.REOPENED)))
    QTest.keyClick(review.table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(partial(is_told, is_late=False))
    assert badges[-1] == badges[0] - 1


@pytest.mark.parametrize(
    ("state", "is_filled", "place"),
    [
        (State.SUBMITTED, False, None),
        (State.APPROVED, False, None),
        (State.RETURNED, False, Place("entry", VILLAGE, FORM, PERIOD, "village_ct14")),
        (State.REOPENED, False, Place("entry", VILLAGE, FORM, PERIOD, "village_ct14")),
        (State.REOPENED, True, Place("review", VILLAGE, FORM, PERIOD)),
    ],
)
def test_a_form_is_reminded_of_as_long_as_it_is_to_be_sent(
    build: Callable[..., TodayRoom], empty: Store, state: State, is_filled: bool, place: Place | None
) -> None:
    enrol(empty, VILLAGE)
    fill(empty)
    due = Deadline(NOW + timedelta(hours=30)).content()
    receive(empty, [(Key(DEADLINE, VILLAGE, FORM, PERIOD), [due])])
    if not is_filled:
        receive(empty, [(figure("village_ct14"), ["null"])], "Hoa", COMMUNE.key)
    digest = "0" * 32 if state is State.APPROVED else ""
    receive(empty, [(STEP, [Status(state, digest).content()])], "Hoa", COMMUNE.key)
    near = [one for one in reminded(build(empty)) if one.token.startswith(f"near {FORM} {PERIOD}")]
    assert [one.place for one in near] == ([place] if place else [])
    if is_filled:
        assert near[0].text.endswith("Đã đủ ô, chưa nộp.")


NAMED = ("village_ct01", "village_ct05", "village_ct06")
WRONG = tuple(Remark(item, "", why) for item, why in zip(NAMED, ("Thiếu 4 hộ", "Khác sổ", "Khác sổ"), strict=True))


def figure(item: str) -> Key:
    return Key(VALUE, VILLAGE, item, PERIOD)


def returned_cells(store: Store, *wrong: Remark, why: str = "") -> None:
    status = Status(State.RETURNED, "", why, wrong)
    receive(store, [(STEP, [status.content()])], "Trần Văn Bình", COMMUNE.key)


def test_each_cell_that_came_back_has_its_reason_and_opens_by_one_key(
    qtbot: QtBot, build: Callable[..., TodayRoom], store: Store
) -> None:
    returned_cells(store, *WRONG, why="Ba ô")
    room = build(store)
    assert rows(room)[STEP].detail == ("Quý II/2026 · “Ba ô” · đã sửa 0/3 ô · Trần Văn Bình trả lại hôm qua 09:15")
    row = rows(room)[STEP, figure("village_ct05")]
    assert row.title == "CT05 Thôn Phú Hòa: Khác sổ"
    assert (row.detail, row.pill, row.action) == ("Biểu thôn CT01–CT14 · Quý II/2026", "Bị trả lại", "Sửa")
    for key, item in (((STEP, figure("village_ct05")), "village_ct05"), (STEP, "village_ct01")):
        assert room.list.choose(key)
        with qtbot.waitSignal(room.go) as went:
            QTest.keyClick(room.list, Qt.Key.Key_Return)
        assert went.args == [Place("entry", VILLAGE, FORM, PERIOD, item)]
    (reminder,) = [one for one in reminded(room) if one.token.startswith("returned")]
    assert reminder.text == "Mở biểu để xem."
    (reminder,) = [one for one in reminded(build(store, public())) if one.token.startswith("returned")]
    assert reminder.text == "Ba ô\nCT01: Thiếu 4 hộ\nCT05: Khác sổ\nCT06: Khác sổ"
    assert reminder.place == Place("entry", VILLAGE, FORM, PERIOD, "village_ct01")


def test_a_mended_cell_leaves_the_desk_and_with_the_last_the_form_is_to_be_sent(
    qtbot: QtBot, build: Callable[..., TodayRoom], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    returned_cells(store, *WRONG)
    room = build(store)
    # What is typed is looked at; the steps of all forms are not read again for it.
    monkeypatch.setattr("desktop.today.room.came", None)
    for number, item in enumerate(NAMED, 1):
        assert (STEP, figure(item)) in rows(room)
        room._refresh(set(store.record_changes([(figure(item), str(number))], PERSON, NOW).keys))
        assert (STEP, figure(item)) not in rows(room)
        assert f"đã sửa {number}/3 ô" in rows(room)[STEP].detail
    assert rows(room)[STEP].action == "Nộp"
    assert room.list.choose(STEP)
    with qtbot.waitSignal(room.go) as went:
        QTest.keyClick(room.list, Qt.Key.Key_Return)
    assert went.args == [Place("review", VILLAGE, FORM, PERIOD)]


def test_a_cell_that_came_back_and_is_in_conflict_has_two_rows_that_open_each_in_its_place(
    qtbot: QtBot, build: Callable[..., TodayRoom], store: Store
) -> None:
    returned_cells(store, *WRONG)
    cell = figure("village_ct05")
    receive(store, [(cell, ["5", "6"])], stream=COMMUNE.key)
    room = build(store)
    for key, name in (((STEP, cell), "entry"), (cell, "transfer")):
        assert room.list.choose(key)
        with qtbot.waitSignal(room.go) as went:
            QTest.keyClick(room.list, Qt.Key.Key_Return)
        assert went.args == [Place(name, VILLAGE, FORM, PERIOD, "village_ct05")]


def test_of_many_cells_the_desk_and_the_notification_name_the_first(
    build: Callable[..., TodayRoom], store: Store
) -> None:
    every = [row.indicator for row in catalogue().forms[FORM].rows]
    returned_cells(store, *(Remark(item, "", "Khác sổ") for item in every))
    room = build(store)
    assert sum(isinstance(key, tuple) and key[0] == STEP for key in rows(room)) == 12
    assert f"đã sửa 0/{len(every)} ô" in rows(room)[STEP].detail
    (reminder,) = [one for one in reminded(build(store, public())) if one.token.startswith("returned")]
    assert reminder.text.splitlines()[-1] == f"và {len(every) - 3} ô khác"


def test_who_may_not_see_a_cell_is_not_told_of_it(build: Callable[..., TodayRoom], store: Store) -> None:
    returned_cells(store, *WRONG)
    store.sees = lambda key: key.item != "village_ct05"
    room = build(store)
    assert (STEP, figure("village_ct01")) in rows(room)
    assert (STEP, figure("village_ct05")) not in rows(room)
    assert "đã sửa 0/2 ô" in rows(room)[STEP].detail
    assert "CT05" not in " ".join(one.text for one in reminded(build(store, public())))


def test_two_decisions_over_one_form_are_one_row_that_opens_where_they_are_decided(
    qtbot: QtBot, build: Callable[..., TodayRoom], store: Store
) -> None:
    store.record_changes([(STEP, Status(State.APPROVED, "0" * 32).content())], PERSON, NOW)
    push(store, "status_moved")
    returned(store)
    room = build(store)
    assert rows(room)[STEP].pill == "Bị trả lại", "it came back as well"
    row = rows(room)["undecided", STEP]
    assert row.title == (
        "Biểu thôn CT01–CT14 của Thôn Phú Hòa: hai người quyết định khác nhau (Trả lại biểu: Sai dòng 2 và Duyệt biểu)"
    )
    assert (row.detail, row.pill, row.action) == (f"Quý II/2026 · {PERSON}", "Xung đột", "So sánh")
    assert room.list.choose(("undecided", STEP))
    with qtbot.waitSignal(room.go) as went:
        QTest.keyClick(room.list, Qt.Key.Key_Return)
    assert went.args == [Place("transfer", VILLAGE, FORM, PERIOD)]


def test_each_level_is_told_of_the_next_alone(build: Callable[..., TodayRoom], empty: Store) -> None:
    enrol(empty, "48")
    fill(empty)
    above = Key(STATUS, COMMUNE.key, "commune_quarter", PERIOD)
    submitted = Status(State.SUBMITTED).content()
    receive(empty, [(above, [submitted]), (STEP, [submitted])], "An", COMMUNE.key)
    receive(empty, [(STEP._replace(period="A2026Q1"), [Status(State.RETURNED).content()])], "An", COMMUNE.key)
    shown = rows(build(empty))
    assert ("submitted", "commune_quarter", PERIOD) in shown
    assert ("submitted", FORM, PERIOD) not in shown
    assert STEP._replace(period="A2026Q1") not in shown
