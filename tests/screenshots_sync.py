"""The pictures of the sync centre and the review: each page with something on it, in a fault, and a file on its way."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from desktop.app import App
from desktop.review.room import ReviewRoom
from desktop.shell.window import Window
from desktop.today.room import TodayRoom
from desktop.transfer.by_hand import Chosen
from desktop.transfer.room import TransferRoom
from desktop.widgets.place import Place
from sync.client.parcels import Found, Made
from sync.domain import revisions
from sync.domain.comments import content_of, key_of
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import STATUS, VALUE, Key
from sync.domain.parking import APPROVED, PERIOD_CLOSED, STATUS_MOVED
from sync.domain.revisions import Revision
from sync.domain.workflow import Remark, State, Status
from sync.protocol.parcel import Direction
from sync.store import journal
from sync.store.journal import Line, Way
from sync.store.submissions import submissions
from sync.store.withdrawing import withdraw
from tests.desktop.sampled import COMMUNE, NOW, PERSON, push, receive

Save = Callable[[App, Path], None]


def hold_back(app: App) -> None:
    """Figures that the centre holds back, one of them taken back, and syncs that went well and badly."""
    store = app.store
    for number, (item, reason) in enumerate((("village_ct01", PERIOD_CLOSED), ("village_ct02", APPROVED)) * 2):
        key = Key(VALUE, f"{COMMUNE.key}.00{4 + number // 2}", item, "A2026Q1")
        store.record_changes([(key, str(431 + number))], PERSON, NOW - timedelta(hours=2))
        push(store, reason)
    withdraw(store, [key], PERSON, NOW)
    for line in (
        Line(NOW - timedelta(hours=5), 1_400, 14, 3, 1_913, 716, ""),
        Line(NOW - timedelta(hours=4), 15_000, 0, 0, 313, 0, "server_timeout", 3),
        Line(NOW - timedelta(hours=1), 420, 45, 0, 12_400, 0, "", 1, Way.MADE, "soxa-48.20308-20261121-0815.soxa"),
        Line(NOW - timedelta(minutes=50), 0, 0, 0, 0, 0, "parcel_cut", 1, Way.REFUSED, "soxa-48.20308.soxa"),
        Line(NOW, 300, 0, 0, 313, 216, "", 40),
    ):
        journal.write(store, line)


def take_sync(app: App, window: Window, folder: Path, name: str, save: Save) -> None:
    """Every page of the sync centre, full or empty as the store is; and what files by hand look like."""
    window.show_place(Place("transfer"))
    (room,) = window.findChildren(TransferRoom)
    for tab, chip in room.tabs.items():
        chip.click()
        room.setFocus()
        save(app, folder / f"transfer-{tab}-{name}.png")
    room.tabs["parked"].click()
    if room.parked.buttons["reopen"].isVisible():
        room.parked.buttons["reopen"].click()
        save(app, folder / f"transfer-ask-{name}.png")
    room.tabs["by_hand"].click()
    page, stick = room.by_hand, Path("/media/usb")
    page._was_made((stick / "soxa-48.20308-20261121-0915.soxa", Made(bytes(12_400), 45, 0)))
    found = Found(Direction.TO_DEVICE, 38_728, int(NOW.timestamp()), 45, 312)
    page._show_chosen(Chosen(stick / "soxa-48.20308-20261120-1610-tra-loi.soxa", b"", found))
    save(app, folder / f"transfer-file-{name}.png")
    page.leave.click()
    page.failed.emit(EnvironmentFault("parcel_cut", file=str(stick / "soxa-48.20308.soxa")))
    save(app, folder / f"transfer-file-fault-{name}.png")
    page.failed.emit(None)
    room.tabs["conflicts"].click()


def talk_about(app: App) -> None:
    """A form that was approved, of which its village asks to change a figure, and what is said of it."""
    store, unit, period = app.store, f"{COMMUNE.key}.001", "A2026Q2"
    form = Key(VALUE, unit, "village_quarter", period)
    items = {row.key for row in app.catalogue.indicators_of(form.item)}
    (found,) = submissions(store, unit, form.item, items, period).values()
    figure = Key(VALUE, unit, "village_ct01", period)
    said = content_of("Đã đối chiếu với sổ hộ khẩu, số này đúng hơn."), content_of("Đề nghị gửi kèm biên bản.")
    receive(
        store,
        [
            (Key(STATUS, unit, form.item, period), [Status(State.APPROVED, found.digest).content()]),
            (revisions.key_of(figure), [Revision("440", "Sót 6 hộ mới tách").content()]),
            (key_of(form, "019324c1-5a00-7000-8000-000000000301"), [said[0]]),
            (key_of(form, "019324c1-5a00-7000-8000-000000000302"), [said[1]]),
        ],
        stream=COMMUNE.key,
    )


def turn_back(app: App) -> None:
    """A form to be looked at, one that came back with a reason for each cell, and one over which two people decided."""
    store, period = app.store, "A2026Q2"
    submitted, returned, contested = (
        Key(STATUS, f"{COMMUNE.key}.{number:03}", "village_quarter", period) for number in (3, 5, 6)
    )
    wrong = Remark("village_ct01", "", "Thiếu 4 hộ so với sổ hộ khẩu"), Remark("village_ct05", "", "Chưa đối chiếu")
    found = Status(State.RETURNED, "", "Xem lại hai ô", wrong).content()
    store.record_changes([(contested, found)], PERSON, NOW - timedelta(hours=1))
    push(store, STATUS_MOVED)
    receive(store, [(submitted, [Status(State.SUBMITTED).content()])], stream=COMMUNE.key)
    decided = [(returned, [found]), (contested, [Status(State.REOPENED, comment="Thôn xin sửa").content()])]
    receive(store, decided, "Trần Văn Bình", COMMUNE.key)


def take_returned(app: App, window: Window, folder: Path, name: str, save: Save) -> None:
    """The cells of a form that came back: each on the desk, and one in the grid with its card."""
    figure = Key(VALUE, f"{COMMUNE.key}.005", "village_ct05", "A2026Q2")
    (room,) = window.findChildren(TodayRoom)
    assert room.list.choose((figure._replace(kind=STATUS, item="village_quarter"), figure))
    save(app, folder / f"today-returned-{name}.png")
    window.show_place(Place("entry", figure.unit, "village_quarter", figure.period, figure.item))
    save(app, folder / f"entry-returned-{name}.png")


def take_review(app: App, window: Window, folder: Path, name: str, save: Save) -> None:
    """An approved form with a request, one whose cells are being marked, one over which two people decided, a fault."""
    window.show_place(Place("review", f"{COMMUNE.key}.001", "village_quarter", "A2026Q2"))
    save(app, folder / f"review-request-{name}.png")
    (room,) = window.findChildren(ReviewRoom)
    if len(room.panel.answers) > 1:
        room.panel.answers[1].click()
        save(app, folder / f"review-why-{name}.png")
    window.show_place(Place("review", f"{COMMUNE.key}.006", "village_quarter", "A2026Q2"))
    save(app, folder / f"review-between-{name}.png")
    window.show_place(Place("review", f"{COMMUNE.key}.003", "village_quarter", "A2026Q2"))
    room.panel.mark_cells.click()
    page = room.marking
    save(app, folder / f"review-marking-empty-{name}.png")
    page.model.mark([0], "Thiếu 4 hộ so với sổ hộ khẩu")
    page.model.mark([4, 5], "Chưa đối chiếu với danh sách chi trả tháng 6")
    save(app, folder / f"review-marking-{name}.png")
    page.model.mark([0, 4, 5], "")
    page.send.click()
    save(app, folder / f"review-marking-fault-{name}.png")
    page.leave.click()
    room.fault.show_fault(EnvironmentFault("disk_full"))
    save(app, folder / f"review-fault-{name}.png")
    room.fault.hide()
