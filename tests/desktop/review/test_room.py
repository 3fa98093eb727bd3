"""The review over a real store: where forms stand, what stands against them, and steps taken by mouse and by keys."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.review import counting
from desktop.review.matrix import Matrix, Square
from desktop.review.room import ReviewRoom
from desktop.review.unusual import unusual
from desktop.widgets import theme, words
from desktop.widgets.place import Place
from sync.analysis.outliers import Against
from sync.domain.catalogue import Sensitivity
from sync.domain.deadlines import Deadline
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import CLOSING, DEADLINE, OWN_UNIT, STATUS, UNIT, VALUE, Key
from sync.domain.periods import Period
from sync.domain.revisions import Answer, Revision, key_of
from sync.domain.rights import Grant, Role
from sync.domain.units import Unit, UnitKind
from sync.domain.values import CLEARED, Value
from sync.domain.workflow import CLOSED, Remark, Stage, State, Status
from sync.store import ChangeSet, Shown, Store
from sync.store.comments import thread
from sync.store.submissions import requests, submissions
from tests.desktop.sampled import COMMUNE, NOW, PERSON, catalogue, enrol, fill, push, receive, say_people

FORM, PERIOD = "village_quarter", "A2026Q2"
FULL = f"{COMMUNE.key}.001"
VILLAGE = f"{COMMUNE.key}.004"
EMPTY = f"{COMMUNE.key}.002"
LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def room(build: Callable[[Store], ReviewRoom], store: Store) -> ReviewRoom:
    made = build(store)
    made.show_place(Place("review", VILLAGE, FORM, PERIOD))
    return made


def said(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def here(room: ReviewRoom) -> Square:
    square = room.square()
    assert square is not None
    return square


def go(room: ReviewRoom, unit: str, form: str = FORM, period: str = PERIOD) -> Square:
    room.show_place(Place("review", unit, form, period))
    return here(room)


def click(room: ReviewRoom, where: QPoint) -> None:
    """What stands there now."""
    QTest.mouseClick(room.childAt(where) or room, LEFT)


def status(store: Store, unit: str, form: str = FORM, period: str = PERIOD) -> Status | None:
    shown = store.shown(Key(STATUS, unit, form, period))
    return Status.of(shown.content) if shown else None


def submitted(store: Store, *units: str) -> None:
    """As villages did on their own PCs."""
    content = Status(State.SUBMITTED).content()
    receive(store, [(Key(STATUS, unit, FORM, PERIOD), [content]) for unit in units], stream=COMMUNE.key)


def test_it_opens_at_the_quarter_of_today(build: Callable[[Store], ReviewRoom], store: Store) -> None:
    room = build(store)
    assert room.period.shown.text() == "Quý IV/2026"
    QTest.mouseClick(room.period.earlier, LEFT)
    assert room.period.shown.text() == "Quý III/2026"
    QTest.mouseClick(room.period.later, LEFT)
    assert room.period.shown.text() == "Quý IV/2026"


def test_the_matrix_has_a_row_for_each_unit_and_a_column_for_each_form_and_period(room: ReviewRoom) -> None:
    model = room.table.model()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows = [model.headerData(row, Qt.Orientation.Vertical) for row in range(model.rowCount())]
    assert "Thôn Phú Hòa" in rows
    columns = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    assert "Biểu thôn CT01–CT14\nQuý II/2026" in columns
    assert [column.split("\n")[1] for column in columns if column.startswith("Hoạt động tổ")] == [
        "Tháng 04/2026",
        "Tháng 05/2026",
        "Tháng 06/2026",
    ]


def test_a_square_tells_how_complete_a_form_is(room: ReviewRoom) -> None:
    assert here(room).submission.stage is Stage.DRAFT
    text = room.table.model().data(room.table.currentIndex(), Qt.ItemDataRole.AccessibleTextRole)
    for part in ("Thôn Phú Hòa", "Biểu thôn CT01–CT14", "Quý II/2026", "Đang nhập", "14/14 ô", "quá hạn"):
        assert part in text
    go(room, EMPTY)
    text = room.table.model().data(room.table.currentIndex(), Qt.ItemDataRole.AccessibleTextRole)
    assert "Chưa nhập" in text
    assert "0/14 ô" in text
    assert State.SUBMITTED not in room.panel.steps, "nothing can be submitted that was not begun"


def test_what_stands_against_a_form_is_told_and_stops_submission_never_storage(
    build: Callable[[Store], ReviewRoom], store: Store
) -> None:
    store.record_changes([(Key(VALUE, VILLAGE, "village_ct03", PERIOD), "2000")], PERSON, NOW)
    room = build(store)
    square = go(room, VILLAGE)
    assert square.findings.errors == 2
    told = said(room.panel)
    assert "Số hộ nghèo (CT03) lớn hơn tổng số hộ dân (CT01)." in told
    assert State.SUBMITTED not in room.panel.steps


def test_figures_unlike_their_past_or_their_peers_are_told_with_what_was_said_of_them(
    qtbot: QtBot, room: ReviewRoom, store: Store
) -> None:
    def figure(item: str, period: str, unit: str = VILLAGE) -> Key:
        return Key(VALUE, unit, item, period)

    quarters = [f"A{year}Q{number}" for year in (2024, 2025) for number in (1, 2, 3, 4)]
    past = [
        (figure(item, period), [str(about + place % 3)])
        for place, period in enumerate(quarters)
        for item, about in (("village_ct01", 430), ("village_ct02", 1_700))
    ]
    now = [
        (figure("village_ct01", PERIOD), ["4310"]),
        (figure("village_ct02", PERIOD), [Value(number=Decimal(170), note="Tách thôn").content()]),
    ]
    peers = [f"{COMMUNE.key}.0{number:02}" for number in range(1, 11) if f"{COMMUNE.key}.0{number:02}" != VILLAGE]
    households = [(figure("village_ct01", PERIOD, unit), ["400"]) for unit in peers]
    guided = [(figure("village_ct13", PERIOD, unit), [str(38 + place)]) for place, unit in enumerate(peers)]
    sizes = [(figure("village_ct02", PERIOD, unit), ["1600"]) for unit in peers]
    receive(store, [*past, *now, *households, *guided, *sizes], stream=COMMUNE.key)
    room._feed.changed.emit(ChangeSet(frozenset(key for key, _ in (*now, *past))))
    go(room, EMPTY)
    go(room, VILLAGE)
    qtbot.waitUntil(lambda: words.say("review.panel.unusual") in said(room.panel))
    lines = said(room.panel).splitlines()
    high = "CT01 = 4.310: cao hơn hẳn 7 kỳ trước (khoảng 431)"
    low = "CT02 = 170: thấp hơn hẳn 7 kỳ trước (khoảng 1.701)"
    assert lines.index(high) < lines.index(low), "what nobody explained comes first"
    assert lines[lines.index(low) + 1] == "“Tách thôn”"
    # Looked at alone, without a past: another village that has ten times what its size would have.
    receive(store, [(figure("village_ct13", PERIOD, peers[0]), ["400"])], stream=COMMUNE.key)
    found = unusual(store, catalogue(), go(room, peers[0]), cells_of(store, peers[0]), [*peers, VILLAGE])
    assert [(one.item, one.outlier.against, one.outlier.is_high) for one in found] == [
        ("village_ct13", Against.PEERS, True)
    ]


def cells_of(store: Store, unit: str) -> dict[Key, Shown]:
    return store.cells(VALUE, unit, PERIOD)


def test_a_form_is_submitted_by_keys(qtbot: QtBot, room: ReviewRoom, store: Store) -> None:
    QTest.keyClick(room.table, Qt.Key.Key_Return, CTRL)
    assert status(store, VILLAGE) == Status(State.SUBMITTED)
    qtbot.waitUntil(lambda: here(room).submission.stage is Stage.SUBMITTED)
    assert "Đã nộp: Thôn Phú Hòa" in said(room)
    assert "Chờ gửi tới trung tâm" in said(room.panel)


def test_a_form_is_approved_by_the_mouse_with_the_digest_of_what_stands_there(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store
) -> None:
    submitted(store, VILLAGE)
    room = build(store)
    digest = go(room, VILLAGE).submission.digest
    QTest.mouseClick(room.panel.steps[State.APPROVED], LEFT)
    assert status(store, VILLAGE) == Status(State.APPROVED, digest)
    qtbot.waitUntil(lambda: here(room).submission.stage is Stage.APPROVED)
    assert list(room.panel.steps) == [State.REOPENED]


def test_returning_asks_why(qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store) -> None:
    submitted(store, VILLAGE)
    room = build(store)
    go(room, VILLAGE)
    QTest.keyClick(room.table, Qt.Key.Key_Backspace, CTRL)
    assert status(store, VILLAGE) == Status(State.SUBMITTED)
    assert room.panel.comment.hasFocus()
    QTest.keyClicks(room.panel.comment, "CT05 sai")
    QTest.keyClick(room.panel.comment, Qt.Key.Key_Return)
    assert status(store, VILLAGE) == Status(State.RETURNED, comment="CT05 sai")
    qtbot.waitUntil(lambda: "“CT05 sai”" in said(room.panel))


def test_the_keys_that_return_a_form_delete_a_word_while_somebody_writes(
    build: Callable[[Store], ReviewRoom], store: Store
) -> None:
    submitted(store, VILLAGE)
    room = build(store)
    go(room, VILLAGE)
    QTest.mouseClick(room.panel.comment, LEFT)
    QTest.keyClicks(room.panel.comment, "So ho ngheo chua")
    QTest.keyClick(room.panel.comment, Qt.Key.Key_Backspace, CTRL)
    assert room.panel.comment.text() == "So ho ngheo "
    for _ in range(5):
        QTest.keyClick(room.panel.comment, Qt.Key.Key_Backspace, CTRL)
    assert room.panel.comment.text() == ""
    assert not room.panel.why.isVisible()
    assert status(store, VILLAGE) == Status(State.SUBMITTED)
    # Where nothing is written they return it still: at a button, too.
    room.panel.steps[State.RETURNED].setFocus()
    QTest.keyClick(room.panel.steps[State.RETURNED], Qt.Key.Key_Backspace, CTRL)
    assert room.panel.why.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_the_keys_that_approve_never_open_again_what_is_approved(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store, key: Qt.Key
) -> None:
    submitted(store, VILLAGE)
    room = build(store)
    go(room, VILLAGE)
    held = CTRL | Qt.KeyboardModifier.KeypadModifier if key == Qt.Key.Key_Enter else CTRL
    QTest.keyClick(room.table, key, held)
    qtbot.waitUntil(lambda: here(room).submission.stage is Stage.APPROVED)
    assert list(room.panel.steps) == [State.REOPENED]
    QTest.mouseClick(room.panel.comment, LEFT)
    QTest.keyClicks(room.panel.comment, "Cam on thon")
    QTest.keyClick(room.panel.comment, key, held)
    found = status(store, VILLAGE)
    assert found is not None
    assert found.state is State.APPROVED
    assert room.panel.comment.text() == "Cam on thon"


def test_an_edit_after_submission_is_shown_to_who_approves(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store, feed: Feed
) -> None:
    submitted(store, VILLAGE)
    room = build(store)
    go(room, VILLAGE)
    feed.changed.emit(store.record_changes([(Key(VALUE, VILLAGE, "village_ct12", PERIOD), "9")], "Trần Văn Bảy", NOW))
    qtbot.waitUntil(lambda: "CT12 = 9 · Trần Văn Bảy" in said(room.panel))
    assert not room.approve_clean.isVisible()


def test_clean_forms_are_approved_together(qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store) -> None:
    full = [unit for unit in ("001", "003", "004", "005") if store.cells(VALUE, f"{COMMUNE.key}.{unit}", PERIOD)]
    units = [f"{COMMUNE.key}.{unit}" for unit in full]
    submitted(store, *units)
    room = build(store)
    go(room, VILLAGE)
    clean = [unit for unit in units if go(room, unit).findings.is_clean]
    assert len(clean) > 1
    assert room.approve_clean.text() == f"Duyệt {len(clean)} biểu đủ và không có lỗi"
    QTest.mouseClick(room.approve_clean, LEFT)
    for unit in clean:
        found = status(store, unit)
        assert found is not None
        assert found.state is State.APPROVED
    qtbot.waitUntil(lambda: f"Đã duyệt {len(clean)} biểu" in said(room))


def test_nothing_is_approved_together_before_the_quarter_shown_is_counted(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(store, VILLAGE, FULL)
    room = build(store)
    go(room, VILLAGE)
    assert room.approve_clean.isVisible()
    monkeypatch.setattr(counting, "_AT_ONCE", 0)
    where = room.approve_clean.mapTo(room, room.approve_clean.rect().center())
    QTest.mouseClick(room.period.later, LEFT)
    click(room, where)
    assert (status(store, VILLAGE), status(store, FULL)) == (Status(State.SUBMITTED),) * 2
    assert not room.approve_clean.isVisible()
    assert room.count.text() == "Đang đếm…"
    qtbot.waitUntil(lambda: "0 chờ duyệt" in room.count.text())
    assert not room.approve_clean.isVisible()
    QTest.mouseClick(room.period.earlier, LEFT)
    qtbot.waitUntil(room.approve_clean.isVisible)
    assert "2 chờ duyệt" in room.count.text()
    # What comes meanwhile begins it again, and it is of what stands there then.
    submitted(store, EMPTY)
    room._refresh({Key(STATUS, EMPTY, FORM, PERIOD)})
    assert not room.approve_clean.isVisible()
    qtbot.waitUntil(room.approve_clean.isVisible)
    assert "3 chờ duyệt" in room.count.text()


def test_whoever_clicks_twice_approves_together_once(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store
) -> None:
    submitted(store, VILLAGE, FULL)
    room = build(store)
    go(room, VILLAGE)
    where = room.approve_clean.mapTo(room, room.approve_clean.rect().center())
    for _ in range(2):
        click(room, where)
    qtbot.waitUntil(lambda: here(room).submission.stage is Stage.APPROVED)
    assert not room.fault.isVisible()
    assert "Đã duyệt 2 biểu" in said(room)


def test_a_count_is_given_up_with_the_unit_that_it_was_of(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(store, VILLAGE, FULL)
    monkeypatch.setattr(counting, "_AT_ONCE", 0)
    room = build(store)
    go(room, VILLAGE)
    told: list[int] = []
    room.badge.connect(told.append)
    room._ear.unit = OWN_UNIT
    room._begin()
    qtbot.wait(100)
    assert told == [0]


def test_two_decisions_are_shown_as_one_conflict_and_decided_again(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store
) -> None:
    key = Key(STATUS, VILLAGE, FORM, PERIOD)
    receive(
        store,
        [(key, [Status(State.RETURNED, comment="Sai").content(), Status(State.REOPENED).content()])],
        stream=COMMUNE.key,
    )
    room = build(store)
    assert go(room, VILLAGE).submission.stage is Stage.WAITING
    told = said(room.panel)
    assert words.say("review.between.waiting") in told
    assert "Trả lại biểu: Sai\nThôn trưởng · hôm qua 09:15\n" in told
    assert "Mở lại biểu\nThôn trưởng · hôm qua 09:15\n" in told
    QTest.mouseClick(room.panel.steps[State.APPROVED], LEFT)
    shown = store.shown(key)
    assert shown is not None
    assert not shown.rivals
    qtbot.waitUntil(lambda: here(room).submission.stage is Stage.APPROVED)


REFUSED = Status(State.RETURNED, "", "CT01 khác sổ", (Remark("village_ct01", "", "Thiếu 4 hộ"),))


@pytest.fixture
def refused(store: Store) -> Status:
    """The village's form was returned here, while another PC's approval was on its way; the status that stands."""
    key = Key(STATUS, VILLAGE, FORM, PERIOD)
    submitted(store, VILLAGE)
    items = {row.indicator for row in catalogue().forms[FORM].rows}
    digest = submissions(store, VILLAGE, FORM, items, PERIOD)[VILLAGE].digest
    store.record_changes([(key, REFUSED.content())], PERSON, NOW)
    push(store, "status_moved")
    approved = Status(State.APPROVED, digest)
    receive(store, [(key, [approved.content()])], author="Bình", stream=COMMUNE.key)
    return approved


def test_a_decision_that_was_refused_is_told_beside_the_one_in_effect(
    build: Callable[[Store], ReviewRoom], store: Store, refused: Status
) -> None:
    room = build(store)
    with_badge: list[int] = []
    room.badge.connect(with_badge.append)
    assert go(room, VILLAGE).submission.stage is Stage.APPROVED
    told = said(room.panel)
    assert "Duyệt biểu\nBình · hôm qua 09:15 · đến trung tâm trước" in told
    assert f"Trả lại biểu (1 ô): CT01 khác sổ\nCT01: Thiếu 4 hộ\n{PERSON} · 09:15 · đến sau, chưa có hiệu lực" in told
    assert words.say("review.panel.refused") not in told
    in_matrix = room.table.model().data(room.table.currentIndex(), Qt.ItemDataRole.AccessibleTextRole)
    assert "hai quyết định khác nhau" in in_matrix
    room._refresh({Key(STATUS, VILLAGE, FORM, PERIOD)})
    assert with_badge[-1] == 1, "it waits for a decision"


@pytest.mark.parametrize("by_mouse", [True, False])
def test_either_of_two_decisions_is_chosen_in_the_review(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store, refused: Status, by_mouse: bool
) -> None:
    room = build(store)
    go(room, VILLAGE)
    assert room.panel.between is not None
    if by_mouse:
        QTest.mouseClick(room.panel.between.buttons[1], LEFT)
    else:
        QTest.keyClick(room.table, Qt.Key.Key_2)
    assert status(store, VILLAGE) == REFUSED
    qtbot.waitUntil(lambda: here(room).submission.stage is Stage.RETURNED)
    assert here(room).submission.refused is None
    assert room.panel.between is None
    assert "CT01: Thiếu 4 hộ" in said(room.panel)


def test_the_decision_in_effect_is_kept_by_its_key(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store, refused: Status
) -> None:
    room = build(store)
    go(room, VILLAGE)
    QTest.keyClick(room.table, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: here(room).submission.refused is None)
    assert status(store, VILLAGE) == refused
    assert here(room).submission.stage is Stage.APPROVED
    assert not [key for key in store.undecided() if key.kind == STATUS]
    QTest.keyClick(room.table, Qt.Key.Key_1)
    assert status(store, VILLAGE) == refused, "without a conflict the key does nothing"


def test_who_may_not_decide_sees_both_and_keeps_the_one_in_effect_alone(
    build: Callable[[Store], ReviewRoom], store: Store, refused: Status
) -> None:
    say_people(store, {PERSON: (Grant(Role.COMMUNE_ENTRY, COMMUNE.key, Sensitivity.SENSITIVE),)})
    room = build(store)
    go(room, VILLAGE)
    assert room.panel.between is not None
    assert list(room.panel.between.buttons) == [0]
    assert words.say("review.between.not_yours") in said(room.panel)
    QTest.keyClick(room.table, Qt.Key.Key_2)
    assert status(store, VILLAGE) == refused


def test_a_step_that_was_refused_says_why(build: Callable[[Store], ReviewRoom], store: Store) -> None:
    store.record_changes([(Key(STATUS, VILLAGE, FORM, PERIOD), Status(State.SUBMITTED).content())], PERSON, NOW)
    push(store, "status_moved")
    room = build(store)
    go(room, VILLAGE)
    assert words.say("widgets.reason.status_moved") in said(room.panel)


def test_a_commune_submits_its_own_form_and_decides_nothing_about_it(
    build: Callable[[Store], ReviewRoom], empty: Store
) -> None:
    enrol(empty, VILLAGE)
    content = Status(State.SUBMITTED).content()
    receive(
        empty,
        [(Key("unit", VILLAGE), ['{"kind":"village","name":"Thôn Phú Hòa"}'])],
    )
    receive(empty, [(Key(STATUS, VILLAGE, FORM, PERIOD), [content])], stream=COMMUNE.key)
    room = build(empty)
    assert go(room, VILLAGE).submission.stage is Stage.SUBMITTED
    assert State.APPROVED not in room.panel.steps


def test_a_province_decides_over_its_communes_which_decide_over_their_villages(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], empty: Store
) -> None:
    enrol(empty, "48")
    fill(empty)
    key = Key(STATUS, COMMUNE.key, "commune_quarter", PERIOD)
    receive(empty, [(key, [Status(State.SUBMITTED).content()])], stream=COMMUNE.key)
    room = build(empty)
    go(room, COMMUNE.key, "commune_quarter")
    model = room.table.model()
    assert [model.headerData(row, Qt.Orientation.Vertical) for row in range(model.rowCount())] == [COMMUNE.name]
    QTest.mouseClick(room.panel.steps[State.APPROVED], LEFT)
    qtbot.waitUntil(lambda: here(room).submission.stage is Stage.APPROVED)


def test_enter_opens_the_form(qtbot: QtBot, room: ReviewRoom) -> None:
    with qtbot.waitSignal(room.go) as went:
        QTest.keyClick(room.table, Qt.Key.Key_Return)
    assert went.args == [Place("entry", VILLAGE, FORM, PERIOD)]


def test_the_badge_counts_what_waits_for_a_decision(qtbot: QtBot, feed: Feed, store: Store) -> None:
    submitted(store, VILLAGE, FULL)
    room = ReviewRoom(store, catalogue(), feed, lambda: NOW - timedelta(days=170))
    qtbot.addWidget(room)
    with qtbot.waitSignal(room.badge) as told:
        pass
    assert told.args == [2]


def test_before_enrolment_it_says_what_will_come(build: Callable[[Store], ReviewRoom], empty: Store) -> None:
    assert words.say("review.empty.unenrolled.title") in said(build(empty))


def test_what_arrives_is_shown_where_one_is(qtbot: QtBot, room: ReviewRoom, store: Store, feed: Feed) -> None:
    key = Key(STATUS, VILLAGE, FORM, PERIOD)
    feed.changed.emit(ChangeSet(receive(store, [(key, [Status(State.SUBMITTED).content()])], stream=COMMUNE.key)))
    qtbot.waitUntil(lambda: here(room).submission.stage is Stage.SUBMITTED)
    assert here(room).unit.key == VILLAGE


@pytest.mark.parametrize(
    ("role", "unit", "draft", "submitted"),
    [
        (Role.COMMUNE_ENTRY, COMMUNE.key, {State.SUBMITTED}, set()),
        (Role.COMMUNE_APPROVAL, COMMUNE.key, set(), {State.APPROVED, State.RETURNED}),
        (Role.VILLAGE_ENTRY, VILLAGE, {State.SUBMITTED}, set()),
        (Role.PROVINCE_READING, "48", set(), set()),
    ],
)
def test_the_steps_are_those_of_the_persons_role(
    build: Callable[[Store], ReviewRoom],
    store: Store,
    role: Role,
    unit: str,
    draft: set[State],
    submitted: set[State],
) -> None:
    say_people(store, {PERSON: (Grant(role, unit, Sensitivity.SENSITIVE),)})
    room = build(store)
    square = go(room, VILLAGE)
    assert square.submission.stage is Stage.DRAFT
    assert set(room.panel.steps) == draft
    receive(store, [(square.submission.key, [Status(State.SUBMITTED).content()])])
    room = build(store)
    assert go(room, VILLAGE).submission.stage is Stage.SUBMITTED
    assert set(room.panel.steps) == submitted


# What is said and asked


def test_the_form_is_talked_about_and_what_is_written_outlives_what_arrives(
    qtbot: QtBot, room: ReviewRoom, store: Store, feed: Feed
) -> None:
    form = Key(VALUE, VILLAGE, FORM, PERIOD)
    assert words.say("review.panel.nothing_said") in said(room.panel)
    QTest.keyClicks(room.panel.comment, "xem lai dong 2")
    room.panel.comment.setFocus()
    submitted(store, VILLAGE)
    feed.changed.emit(ChangeSet(frozenset({Key(STATUS, VILLAGE, FORM, PERIOD)})))
    qtbot.waitUntil(lambda: State.APPROVED in room.panel.steps)
    assert room.panel.comment.text() == "xem lai dong 2"
    assert room.panel.comment.hasFocus()
    QTest.keyClick(room.panel.comment, Qt.Key.Key_Return)
    assert [comment.text for comment in thread(store, form)] == ["xem lai dong 2"]
    qtbot.waitUntil(lambda: "xem lai dong 2" in said(room.panel))
    assert room.panel.comment.text() == ""
    assert here(room).submission.stage is Stage.SUBMITTED, "words are no step"
    (take_back,) = [one for one in room.panel.findChildren(QPushButton) if one.text() == "Thu hồi"]
    QTest.mouseClick(take_back, LEFT)
    assert thread(store, form) == []
    go(room, EMPTY)
    assert room.panel.comment.text() == ""


def test_what_is_half_written_stays_as_it_is_under_the_hands_of_whoever_writes(
    qtbot: QtBot, room: ReviewRoom, store: Store, feed: Feed
) -> None:
    line = room.panel.comment
    QTest.mouseClick(line, LEFT)
    QTest.keyClicks(line, "so ngheo")
    for _ in range(5):
        QTest.keyClick(line, Qt.Key.Key_Left)
    submitted(store, VILLAGE)
    feed.changed.emit(ChangeSet(frozenset({Key(STATUS, VILLAGE, FORM, PERIOD)})))
    qtbot.waitUntil(lambda: State.APPROVED in room.panel.steps)
    typing = QApplication.focusWidget()
    assert typing is room.panel.comment
    assert room.panel.comment.isVisible()
    assert room.panel.comment.isModified(), "else new rights would build the window anew over it"
    QTest.keyClicks(typing, "ho ")
    assert room.panel.comment.text() == "so ho ngheo"
    QTest.keyClick(typing, Qt.Key.Key_Z, CTRL)
    QTest.keyClick(typing, Qt.Key.Key_Z, CTRL)
    assert room.panel.comment.text() == "", "what was written before can still be undone"
    QTest.keyClicks(typing, "so ho")
    # Of another form it is not.
    go(room, EMPTY)
    assert (room.panel.comment.text(), room.panel.comment.isModified()) == ("", False)
    QTest.mouseClick(room.panel.comment, LEFT)
    QTest.keyClick(room.panel.comment, Qt.Key.Key_Z, CTRL)
    assert room.panel.comment.text() == ""
    # Tab goes from there to the next button, and back.
    QTest.keyClick(room.panel.comment, Qt.Key.Key_Tab)
    assert room.panel.say_it.hasFocus()
    QTest.keyClick(room.panel.say_it, Qt.Key.Key_Backtab)
    assert room.panel.comment.hasFocus()
    room.panel.show_nothing()
    go(room, VILLAGE)
    assert room.panel.comment.isVisible()


def asked(store: Store) -> Key:
    """An approved form of which the village asks to change a figure."""
    figure = Key(VALUE, FULL, "village_ct01", PERIOD)
    digest = digest_of(store)
    approved = Status(State.APPROVED, digest).content()
    request = Revision("440", "sót 6 hộ").content()
    receive(
        store,
        [(Key(STATUS, FULL, FORM, PERIOD), [approved]), (key_of(figure), [request])],
        stream=COMMUNE.key,
    )
    return figure


def digest_of(store: Store) -> str:
    items = {row.key for row in catalogue().indicators_of(FORM)}
    (found,) = submissions(store, FULL, FORM, items, PERIOD).values()
    return found.digest


def test_a_change_after_the_approval_is_taken_by_opening_the_form_again(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store
) -> None:
    figure = asked(store)
    room = build(store)
    square = go(room, FULL)
    assert square.submission.stage is Stage.APPROVED
    assert len(square.asked) == 1
    told = said(room.panel)
    assert "1 đề nghị sửa sau khi duyệt" in told
    assert "CT01: 434 → 440 · Thôn trưởng" in told
    assert "“sót 6 hộ”" in told
    with qtbot.waitSignal(room.badge, check_params_cb=lambda count: count == 0):
        QTest.mouseClick(room.panel.answers[0], LEFT)
    found = status(store, FULL)
    assert found is not None
    assert (found.state, found.comment) == (State.REOPENED, "Nhận đề nghị sửa")
    (request,) = requests(store, [FULL], [PERIOD])
    assert (request.figure, request.revision.answer) == (figure, Answer.TAKEN)
    # Whoever opened it again may approve it again.
    qtbot.waitUntil(lambda: set(room.panel.steps) == {State.SUBMITTED, State.APPROVED, State.RETURNED})
    assert room.panel.answers == []


def test_a_change_is_not_taken_where_somebody_has_decided_over_the_form_meanwhile(
    build: Callable[[Store], ReviewRoom], store: Store
) -> None:
    asked(store)
    room = build(store)
    go(room, FULL)
    returned = Status(State.RETURNED, comment="Sai")
    receive(store, [(Key(STATUS, FULL, FORM, PERIOD), [returned.content()])], "Bình", COMMUNE.key)
    QTest.mouseClick(room.panel.answers[0], LEFT)
    assert words.say("errors.step_unseen.title") in said(room)
    assert status(store, FULL) == returned
    (request,) = requests(store, [FULL], [PERIOD])
    assert request.revision.answer is Answer.OPEN, "all of it or none"


def test_a_change_after_the_approval_is_rejected_with_a_reason_only(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store
) -> None:
    asked(store)
    room = build(store)
    go(room, FULL)
    QTest.mouseClick(room.panel.answers[1], LEFT)
    assert room.panel.why.isVisible()
    assert room.panel.comment.hasFocus()
    QTest.keyClicks(room.panel.comment, "da chot")
    QTest.keyClick(room.panel.comment, Qt.Key.Key_Return)
    (request,) = requests(store, [FULL], [PERIOD])
    assert (request.revision.answer, request.revision.why) == (Answer.REJECTED, "da chot")
    found = status(store, FULL)
    assert found is not None
    assert found.state is State.APPROVED, "what was approved stays so"
    qtbot.waitUntil(lambda: "Đã từ chối" in said(room.panel))


# Where the period is closed


def closing(unit: str, form: str = FORM) -> Key:
    return Key(CLOSING, unit, form, PERIOD)


@pytest.mark.parametrize("over", [VILLAGE, COMMUNE.key, "48"])
def test_in_a_closed_period_no_step_is_offered_and_it_is_said_why(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store, feed: Feed, over: str
) -> None:
    submitted(store, VILLAGE, FULL)
    receive(store, [(closing(over), [CLOSED]), (closing(over, "group_month"), [CLEARED])])
    room = build(store)
    badges: list[int] = []
    room.badge.connect(badges.append)
    assert go(room, VILLAGE).is_closed
    told = words.say("review.panel.closed")
    assert told in said(room.panel)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Backspace):
        QTest.keyClick(room.table, key, CTRL)
    QTest.keyClick(room.table, Qt.Key.Key_F2)
    assert status(store, VILLAGE) == Status(State.SUBMITTED)
    assert not room.panel.steps
    assert not room.panel.why.isVisible()
    assert room.table.isVisible()
    assert "đã khóa sổ" in room.table.model().data(room.table.currentIndex(), Qt.ItemDataRole.AccessibleTextRole)
    assert not room.approve_clean.isVisible()
    assert badges[-1] == (1 if over == VILLAGE else 0)
    go(room, EMPTY)
    assert not room.panel.steps
    # What is said of it is no step.
    go(room, VILLAGE)
    QTest.mouseClick(room.panel.comment, LEFT)
    QTest.keyClicks(room.panel.comment, "xin mo lai ky")
    QTest.keyClick(room.panel.comment, Qt.Key.Key_Return)
    assert [one.text for one in thread(store, Key(VALUE, VILLAGE, FORM, PERIOD))] == ["xin mo lai ky"]
    feed.changed.emit(ChangeSet(receive(store, [(closing(over), [CLEARED])])))
    qtbot.waitUntil(lambda: State.APPROVED in room.panel.steps)
    assert told not in said(room.panel)
    assert room.approve_clean.isVisible()
    assert badges[-1] == 2
    room.table.setFocus()
    QTest.keyClick(room.table, Qt.Key.Key_Return, CTRL)
    found = status(store, VILLAGE)
    assert found is not None
    assert found.state is State.APPROVED


def test_a_closing_of_another_form_stops_no_step(build: Callable[[Store], ReviewRoom], store: Store) -> None:
    receive(store, [(closing(COMMUNE.key, "commune_quarter"), [CLOSED])])
    room = build(store)
    assert not go(room, VILLAGE).is_closed
    QTest.keyClick(room.table, Qt.Key.Key_Return, CTRL)
    assert status(store, VILLAGE) == Status(State.SUBMITTED)


def test_in_a_closed_period_a_change_that_is_asked_for_can_be_rejected_alone(
    build: Callable[[Store], ReviewRoom], store: Store
) -> None:
    asked(store)
    receive(store, [(closing(COMMUNE.key), [CLOSED])])
    room = build(store)
    go(room, FULL)
    assert [button.text() for button in room.panel.answers] == ["Từ chối…"]
    QTest.keyClicks(room.panel.comment, "da chot")
    QTest.mouseClick(room.panel.answers[0], LEFT)
    (request,) = requests(store, [FULL], [PERIOD])
    assert request.revision.answer is Answer.REJECTED


def test_in_a_closed_period_the_decision_in_effect_is_kept_and_no_other_chosen(
    build: Callable[[Store], ReviewRoom], store: Store, refused: Status
) -> None:
    receive(store, [(closing(COMMUNE.key), [CLOSED])])
    room = build(store)
    go(room, VILLAGE)
    assert words.say("review.between.closed") in said(room.panel)
    QTest.keyClick(room.table, Qt.Key.Key_2)
    assert status(store, VILLAGE) == refused
    QTest.keyClick(room.table, Qt.Key.Key_1)
    assert not [key for key in store.undecided() if key.kind == STATUS]


def test_the_unit_itself_sees_what_it_asked_and_answers_nothing(
    build: Callable[[Store], ReviewRoom], empty: Store
) -> None:
    enrol(empty, FULL)
    fill(empty)
    asked(empty)
    room = build(empty)
    go(room, FULL)
    assert "CT01: 434 → 440" in said(room.panel)
    assert room.panel.answers == []


def test_nobody_ends_a_step_that_came_and_is_not_on_the_screen_yet(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store, feed: Feed
) -> None:
    submitted(store, VILLAGE, FULL)
    room = build(store)
    both = [go(room, FULL), go(room, VILLAGE)]
    returned = Status(State.RETURNED, comment="Sai")
    changes = ChangeSet(receive(store, [(Key(STATUS, VILLAGE, FORM, PERIOD), [returned.content()])], "Bình"))
    QTest.keyClick(room.table, Qt.Key.Key_Return, CTRL)
    assert words.say("errors.step_unseen.title") in said(room)
    assert status(store, VILLAGE) == returned
    room._record(both, State.APPROVED, "")
    assert status(store, FULL) == Status(State.SUBMITTED), "of many all or none"
    feed.changed.emit(changes)
    qtbot.waitUntil(lambda: here(room).submission.stage is Stage.RETURNED)
    assert State.APPROVED not in room.panel.steps


def test_with_large_letters_the_steps_go_on_below_and_the_panel_is_not_cut(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store, qapp: QApplication
) -> None:
    reopened = Status(State.REOPENED, comment="Thôn xin sửa")
    receive(store, [(Key(STATUS, VILLAGE, FORM, PERIOD), [reopened.content()])], stream=COMMUNE.key)
    theme.apply(qapp, "light", 200)
    room = build(store)
    room.resize(1366 - theme.px(84), 540)
    go(room, VILLAGE)
    QApplication.processEvents()
    assert len(room.panel.steps) == 3
    page = room.panel.widget()
    assert page is not None
    assert page.width() == room.panel.viewport().width()
    assert len({button.y() for button in room.panel.steps.values()}) > 1


def test_words_stay_where_they_cannot_be_stored(
    room: ReviewRoom, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise EnvironmentFault("disk_full")

    monkeypatch.setattr(store, "record_changes", full)
    QTest.keyClicks(room.panel.comment, "xem lai")
    QTest.keyClick(room.panel.comment, Qt.Key.Key_Return)
    assert room.fault.isVisible()
    assert room.panel.comment.text() == "xem lai"


def test_a_large_matrix_is_counted_a_little_at_a_time(
    qtbot: QtBot, build: Callable[[Store], ReviewRoom], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(store, VILLAGE, EMPTY)
    monkeypatch.setattr(counting, "_AT_ONCE", 10)
    monkeypatch.setattr(counting, "_SLICE_S", 0.0)
    room = build(store)
    room.show_place(Place("review", VILLAGE, FORM, PERIOD))
    assert room.count.text() == "Đang đếm…"
    told: list[int] = []
    room.badge.connect(told.append)
    qtbot.waitUntil(lambda: "2 chờ duyệt" in room.count.text())
    assert told == [2]
    # What comes in the middle of a count begins it again.
    room._refresh({Key(STATUS, VALUE, FORM, PERIOD)})
    submitted(store, FULL)
    room._refresh({Key(STATUS, FULL, FORM, PERIOD)})
    qtbot.waitUntil(lambda: "3 chờ duyệt" in room.count.text())


def test_what_changes_is_read_anew_and_nothing_else(store: Store) -> None:
    matrix = Matrix(store, catalogue(), COMMUNE.key, Period.parse(PERIOD))
    row, other = (next(n for n, unit in enumerate(matrix.units) if unit.key == key) for key in (FULL, VILLAGE))
    before, beside = matrix.square(row, 0), matrix.square(other, 0)
    assert before is not None
    figure = Key(VALUE, FULL, "village_ct01", PERIOD)
    store.record_changes([(figure, "439")], PERSON, NOW)
    assert matrix.square(row, 0) is before
    assert matrix.touch([figure])
    after = matrix.square(row, 0)
    assert after is not None
    assert after.submission.digest != before.submission.digest
    assert matrix.cells(after)[figure].content == "439"
    assert matrix.square(other, 0) is beside
    assert not matrix.touch([figure._replace(period="A2020Q1")])


def test_a_round_is_a_column_in_the_quarter_in_which_it_ends(
    build: Callable[[Store], ReviewRoom], store: Store
) -> None:
    code = "A20261115-20261125Q"
    receive(store, [(Key(DEADLINE, VILLAGE, FORM, code), [Deadline(NOW).content()])])
    room = build(store)
    room.show_place(Place("review", VILLAGE, FORM, code))
    matrix = room._matrix
    assert matrix is not None
    (column,) = [place for place, one in enumerate(matrix.columns) if one.period.code == code]
    asked = [square for row in range(len(matrix.units)) if (square := matrix.square(row, column))]
    assert [(square.unit.key, square.due) for square in asked] == [(VILLAGE, NOW)]
    assert room.table.currentIndex().column() == column
    assert code not in [
        one.period.code for one in Matrix(store, catalogue(), COMMUNE.key, Period.parse(PERIOD)).columns
    ]


def test_a_closed_village_stays_in_the_quarters_in_which_it_reported(store: Store) -> None:
    closed = Unit(FULL, UnitKind.VILLAGE, "Thôn cũ", valid_to=date(2026, 9, 30))
    receive(store, [(Key(UNIT, FULL), [closed.content()])])
    asked = [
        FULL in [unit.key for unit in Matrix(store, catalogue(), COMMUNE.key, Period.parse(code)).units]
        for code in ("A2026Q3", "A2027Q1")
    ]
    assert asked == [True, False]
    submitted = Status(State.SUBMITTED).content()
    receive(store, [(Key(STATUS, FULL, FORM, "A2027Q1"), [submitted])])
    matrix = Matrix(store, catalogue(), COMMUNE.key, Period.parse("A2027Q1"))
    assert FULL in [unit.key for unit in matrix.units], "what was submitted all the same is looked at"
