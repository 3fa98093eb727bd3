"""Two people who decided over one form without a line: one conflict, decided either way, and everybody hears of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.transfer.conflict import ConflictCard
from desktop.transfer.room import TransferRoom
from desktop.widgets import theme
from desktop.widgets.place import Place
from desktop.widgets.rows import Row
from sync.central.centre import Centre
from sync.client.session import Session
from sync.domain.keys import STATUS, VALUE, Key
from sync.domain.workflow import Remark, State, Status
from sync.store import Store
from sync.store.submissions import Submission, submission_at
from tests.desktop.sampled import COMMUNE, NOW, catalogue, clock
from tests.desktop.transfer.between import at_once, unmoved
from tests.desktop.transfer.conftest import VILLAGE, now_s

LEFT = Qt.MouseButton.LeftButton
FORM, PERIOD = "village_quarter", "A2026Q3"
STEP = Key(STATUS, VILLAGE, FORM, PERIOD)
FIGURE = Key(VALUE, VILLAGE, "village_ct01", PERIOD)
WRONG = (Remark("village_ct01", "", "Thiếu 4 hộ"), Remark("village_ct05", "", "Chưa đối chiếu"))
RETURNED = Status(State.RETURNED, "", "Hai ô", WRONG)


def form(store: Store) -> Submission:
    return submission_at(store, STEP, {row.indicator for row in catalogue().forms[FORM].rows})


def approval(store: Store) -> Status:
    return Status(State.APPROVED, form(store).digest)


def settle(centre: Centre, *stores: Store) -> None:
    for store in (*stores, *stores):
        Session(store, centre.repository, now_s, lambda changes: None).run()


@pytest.fixture
def stores(pc: Callable[..., Store], centre: Centre) -> tuple[Store, Store, Store]:
    """A village that sent its form, and two PCs of the commune."""
    village, first, second = pc("village", VILLAGE, "An"), pc("first", COMMUNE.key, "Hoa"), pc("second", COMMUNE.key)
    village.record_changes([(FIGURE, "430"), (STEP, Status(State.SUBMITTED).content())], "An", NOW)
    settle(centre, village, first, second)
    return village, first, second


@pytest.fixture
def build(qtbot: QtBot, feed: Feed, tmp_path: Path) -> Callable[[Store], TransferRoom]:
    def made(store: Store) -> TransferRoom:
        room = TransferRoom(store, catalogue(), feed, clock(), at_once(store), unmoved(tmp_path / "files"))
        qtbot.addWidget(room)
        room.resize(1282, 682)
        room.show()
        room.activateWindow()
        qtbot.waitUntil(room.isActiveWindow)
        return room

    return made


def decide(centre: Centre, stores: tuple[Store, Store, Store], first: Status, second: Status) -> None:
    """Both without a line; then everybody has one again, and the second comes too late."""
    village, one, other = stores
    one.record_changes([(STEP, first.content())], "Hoa", NOW)
    other.record_changes([(STEP, second.content())], "Bình", NOW)
    settle(centre, one, other, village)


def said(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def only_card(room: TransferRoom) -> ConflictCard:
    (card,) = room.conflicts.cards
    return card


def test_both_are_told_with_who_when_and_what(
    build: Callable[[Store], TransferRoom], centre: Centre, stores: tuple[Store, Store, Store]
) -> None:
    decide(centre, stores, approval(stores[1]), RETURNED)
    room = build(stores[2])
    assert room.tabs["conflicts"].text() == "Xung đột 1"
    assert room.tabs["parked"].text() == "Tạm giữ 0"
    told = said(only_card(room))
    for part in (
        "Biểu thôn CT01–CT14 của Thôn Một",
        "Hai người đã quyết định khác nhau",
        "Đến trung tâm trước\nDuyệt biểu\nHoa quyết định 09:15",
        "Đến sau, chưa có hiệu lực\nTrả lại biểu (2 ô): Hai ô\nBình quyết định 09:15\n",
        "CT01: Thiếu 4 hộ\nCT05: Chưa đối chiếu",
    ):
        assert part in told
    assert not room.conflicts.together.isVisible()
    # Where the first decision was made, nothing waits: it is in effect.
    assert build(stores[1]).conflicts.cards == []


def test_two_who_decided_the_same_have_nothing_to_decide(
    build: Callable[[Store], TransferRoom], centre: Centre, stores: tuple[Store, Store, Store]
) -> None:
    same = approval(stores[1])
    decide(centre, stores, same, same)
    room = build(stores[2])
    assert room.tabs["conflicts"].text() == "Xung đột 0"
    assert room.tabs["parked"].text() == "Tạm giữ 0"
    assert {form(store).status for store in stores} == {same}


def test_the_own_decision_is_taken_with_the_keyboard_alone(
    qtbot: QtBot, build: Callable[[Store], TransferRoom], centre: Centre, stores: tuple[Store, Store, Store]
) -> None:
    decide(centre, stores, approval(stores[1]), RETURNED)
    room = build(stores[2])
    room.setFocus()
    qtbot.waitUntil(lambda: only_card(room).hasFocus())
    QTest.keyClick(only_card(room), Qt.Key.Key_2)
    qtbot.waitUntil(lambda: not room.conflicts.cards)
    assert "đã chọn Trả lại biểu (2 ô)" in said(room)
    settle(centre, stores[2], *stores[:2])
    for store in stores:
        assert (form(store).status, form(store).refused) == (RETURNED, None)
        assert STEP not in store.undecided()
    step = form(stores[1]).step
    assert step is not None
    assert step.author == "Nguyễn Thị Hoa", "the other PC tells who decided at last"


def test_the_one_in_effect_is_kept_with_the_mouse_alone_and_the_other_stays_readable(
    qtbot: QtBot, build: Callable[[Store], TransferRoom], centre: Centre, stores: tuple[Store, Store, Store]
) -> None:
    decide(centre, stores, RETURNED, approval(stores[2]))
    room = build(stores[2])
    QTest.mouseClick(only_card(room).buttons[0], LEFT)
    qtbot.waitUntil(lambda: not room.conflicts.cards)
    assert not room.conflicts.take_back.isVisible()
    settle(centre, stores[2], *stores[:2])
    for store in stores:
        assert form(store).status == RETURNED
        assert STEP not in store.undecided()
    step = form(stores[2]).step
    assert step is not None
    assert step.author == "Hoa", "nothing was decided anew"
    QTest.mouseClick(room.tabs["parked"], LEFT)
    (row,) = [row for row in room.parked.list.model().rows if isinstance(row, Row)]  # type: ignore[attr-defined]
    assert "Duyệt biểu" in row.title
    assert row.pill == "Đã rút"


def test_with_large_letters_the_keys_go_on_below_each_other(
    build: Callable[[Store], TransferRoom], centre: Centre, stores: tuple[Store, Store, Store], qapp: QApplication
) -> None:
    decide(centre, stores, Status(State.REOPENED, comment="Thôn xin sửa lại"), RETURNED)
    theme.apply(qapp, "light", 200)
    card = only_card(build(stores[2]))
    assert card.minimumSizeHint().width() < sum(button.sizeHint().width() for button in card.buttons)


def test_nobody_decides_over_what_came_and_is_not_in_the_card_yet(
    build: Callable[[Store], TransferRoom], centre: Centre, stores: tuple[Store, Store, Store]
) -> None:
    decide(centre, stores, approval(stores[1]), RETURNED)
    room = build(stores[2])
    reopened = Status(State.REOPENED, comment="Thôn xin sửa")
    stores[1].record_changes([(STEP, reopened.content())], "Hoa", NOW)
    settle(centre, stores[1], stores[2])
    QTest.keyClick(only_card(room), Qt.Key.Key_2)
    assert "Biểu vừa có bước khác" in said(room)
    settle(centre, stores[2], *stores[:2])
    assert [form(store).status for store in stores] == [reopened] * 3
    room._refresh()
    assert "Mở lại biểu: Thôn xin sửa" in said(only_card(room))
    QTest.keyClick(only_card(room), Qt.Key.Key_2)
    settle(centre, stores[2], *stores[:2])
    assert [form(store).status for store in stores] == [RETURNED] * 3


def test_an_approval_of_what_has_changed_since_is_not_offered_again(
    qtbot: QtBot, build: Callable[[Store], TransferRoom], centre: Centre, stores: tuple[Store, Store, Store]
) -> None:
    mine = approval(stores[2])
    decide(centre, stores, RETURNED, mine)
    stores[0].record_changes([(FIGURE, "434")], "An", NOW)
    settle(centre, stores[0], stores[2])
    room = build(stores[2])
    card = only_card(room)
    assert "Biểu đã đổi sau quyết định này" in said(card)
    assert [button.property("side") for button in card.buttons] == [0]
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_2)
    assert form(stores[2]).refused is not None, "nothing was decided"
    with qtbot.waitSignal(room.go) as went:
        QTest.keyClick(card, Qt.Key.Key_Return)
    assert went.args == [Place("review", VILLAGE, FORM, PERIOD)]


def test_what_comes_while_the_card_is_there_is_told_in_it(
    build: Callable[[Store], TransferRoom], centre: Centre, stores: tuple[Store, Store, Store]
) -> None:
    decide(centre, stores, RETURNED, approval(stores[2]))
    room = build(stores[2])
    before = only_card(room)
    assert len(before.buttons) == 2
    stores[0].record_changes([(FIGURE, "434")], "An", NOW)
    settle(centre, stores[0], stores[2])
    room._refresh()
    assert len(only_card(room).buttons) == 1
    room._refresh()
    assert only_card(room) is not before
