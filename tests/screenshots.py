"""Every screen as a picture of 1366 × 768: light and dark, Vietnamese and English, filled and empty.

    python -m tests.screenshots DIR

The filled ones show the sample commune; large text and high contrast are shown once for each screen.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from nacl.public import PrivateKey
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton, QWidget
from shiboken6 import delete
from xlsxwriter import Workbook

from desktop.app import App
from desktop.entry.files import Files
from desktop.entry.import_mapping import MappingPage
from desktop.entry.import_preview import PreviewPage
from desktop.entry.importing import ImportDialog
from desktop.entry.layout import Turn, periods_to
from desktop.entry.room import EntryRoom
from desktop.settings.room import SettingsRoom
from desktop.shell.crash import CrashDialog
from desktop.shell.palette import Palette
from desktop.shell.sign_in import SignIn
from desktop.shell.single import Single
from desktop.shell.unopened import Unopened
from desktop.shell.welcome import Welcome
from desktop.shell.window import Window
from desktop.tasks.assigning import AssignDialog
from desktop.tasks.correcting import CorrectDialog
from desktop.tasks.importing import ImportTasks
from desktop.tasks.room import TasksRoom
from desktop.widgets.joining import ByFile, JoinByFile
from desktop.widgets.place import Place
from desktop.widgets.preferences import Preferences
from desktop.widgets.print_preview import PrintDialog
from desktop.widgets.words import say
from sync.client.joining import Offer
from sync.client.loop import Phase, Status
from sync.domain.comments import content_of, key_of
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import CLOSING, PROGRESS, STEP, TASK, VALUE, Key
from sync.domain.periods import Period
from sync.domain.progress import Progress
from sync.domain.steps import Step, StepKind
from sync.domain.targets import Target
from sync.domain.tasks import content_of as content_of_field
from sync.domain.units import UnitKind
from sync.domain.values import CLEARED, Value
from sync.domain.workflow import CLOSED
from sync.protocol.locked import Cost
from sync.protocol.recovery import RecoveryCopy, make_reset, read, write
from sync.store import ChangeSet, Store
from sync.store.people import FREE_TRIES, People
from sync.store.recovery import keep_copy, write_request
from tests.desktop.sampled import COMMUNE, NOW, PERSON, enrol, fill, push, receive
from tests.screenshots_admin import take_admin
from tests.screenshots_evidence import take_evidence
from tests.screenshots_sync import hold_back, take_returned, take_review, take_sync, talk_about, turn_back

SIZE: Final = (1366, 768)
ROOMS: Final = ("today", "entry", "tasks", "review", "transfer", "settings")
FORM: Final = "village_quarter"
PERIOD: Final = "A2026Q3"
LAST: Final = "A2026Q2"
HOUSEHOLDS, UNUSUAL = "village_ct01", "village_ct13"
GUIDED: Final = ("92", "88", "101", "95", "90", "97", "85", "94")
"""People whom another village guided in the eight quarters before."""
WHOLE: Final = "A2024Q1"
"""A quarter of which all villages of the sample have figures made up, for the commune's totals."""
HISTORY: Final = ("418", "421", "423", "425", "424", "431")
"""A village's households in earlier quarters, one of them never reported."""
FOLLOWED: Final = "01a199c5-3280-78f1-b693-cd208eb592d1"
STEPS: Final = tuple(f"019324c1-5a00-7000-8000-00000000030{place}" for place in range(4))
TASK_LIST: Final = (
    ("STT", "Tên nhiệm vụ", "Đơn vị chủ trì", "Hạn hoàn thành", "Số, ký hiệu"),
    ("I", "Xã hội số"),
    (1, "Tổ chức ngày chuyển đổi số (mẫu)", "Thôn An Sơn; Thôn Phú Hòa", "20/12/2026", "15/KH-UBND"),
    (2, "Hướng dẫn dịch vụ công trực tuyến (mẫu)", "thon thai lai", "Thường xuyên", "15/KH-UBND"),
    (3, "Khảo sát hộ kinh doanh (mẫu)", "Thôn Không Rõ", "31/11/2026", "15/KH-UBND"),
)
COMMENTS: Final = ("019324c1-5a00-7000-8000-000000000201", "019324c1-5a00-7000-8000-000000000202")


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    qt = QApplication(["soxa"])
    for filled in (True, False):
        with opened(filled) as app:
            for language in ("vi", "en"):
                for theme in ("light", "dark"):
                    app.preferences.language, app.preferences.theme = language, theme
                    take(app, folder, f"{'filled' if filled else 'empty'}-{language}-{theme}", filled)
            app.preferences.language = "vi"
            if filled:
                app.preferences.theme, app.preferences.text_percent = "light", 200
                take(app, folder, "filled-vi-text200", filled)
                app.preferences.theme, app.preferences.text_percent = "contrast", 100
                take(app, folder, "filled-vi-contrast", filled)
    qt.quit()


@contextmanager
def opened(filled: bool) -> Iterator[App]:
    """The program in a new data folder, which belongs to the sample commune or to nobody."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "soxa.key").write_text("07" * 32, encoding="ascii")
        single = Single(folder)
        single.is_first()
        app = App(folder, single, lambda: NOW)
        if filled:
            enrol(app.store)
            fill(app.store)
            type_in(app.store)
            follow(app.store)
            hold_back(app)
            talk_about(app)
            turn_back(app)
        yield app
        app.stop()


def type_in(store: Store) -> None:
    """Figures in every state that a cell can have: received, sent, saved, in conflict, missing, wrong."""

    def record(entries: dict[Key, str]) -> None:
        store.record_changes(list(entries.items()), "Nguyễn Thị Hoa", NOW - timedelta(hours=1))

    last = {old._replace(period=PERIOD): shown.content for old, shown in store.select(VALUE, COMMUNE.key, LAST).items()}
    *typed, other = sorted({old.unit for old in last})
    record({cell: content for cell, content in last.items() if cell.unit in typed})
    push(store)
    elsewhere = {cell: [content] for cell, content in last.items() if cell.unit == other}
    first, second, third = list(elsewhere)[:3]
    receive(store, list((elsewhere | {first: ["312", "318"]}).items()), stream=COMMUNE.key)
    record({second: '{"raw":"12a"}', third: '{"missing":"not_collected"}'})
    record({first._replace(unit=typed[1]): "1240", second._replace(unit=typed[0]): "402"})
    of_one = first._replace(unit=typed[0])
    past = zip(("A2024Q3", "A2024Q4", "A2025Q1", "A2025Q3", "A2025Q4", "A2026Q1"), HISTORY, strict=True)
    receive(store, [(of_one._replace(period=code), [content]) for code, content in past], stream=COMMUNE.key)
    asked, answered = (key_of(first._replace(unit=typed[0]), comment) for comment in COMMENTS)
    receive(
        store,
        [(asked, [content_of("Tăng 11 hộ so với quý trước, đề nghị thôn xem lại.")])],
        "Trần Văn Bình",
        first.unit[:8],
    )
    record({answered: content_of("Đã đối chiếu sổ thôn: có 11 hộ mới tách.")})
    ask_about(store, typed)
    sum_up(store, sorted({key.item for key in last}))


def sum_up(store: Store, items: Sequence[str]) -> None:
    """A quarter's totals of the commune: one taken before a village changed, one decided otherwise, others to take."""
    units = [unit.key for unit in store.units(COMMUNE.key) if unit.kind is UnitKind.VILLAGE]
    people = {"village_ct02", "village_ct10", "village_ct11"}
    figures = {
        Key(VALUE, unit, item, WHOLE): str((4 if item in people else 1) * (40 + place))
        for place, unit in enumerate(units)
        for item in items
    }
    own = Key(VALUE, COMMUNE.key, HOUSEHOLDS, WHOLE)
    taken = {own: str(sum(40 + place for place in range(len(units))))}
    decided = {own._replace(item="village_ct03"): Value(Decimal(12), note="Theo danh sách đã duyệt").content()}
    for edits in (figures, taken, decided, {own._replace(unit=units[0]): "49"}):
        store.record_changes(list(edits.items()), "Nguyễn Thị Hoa", NOW - timedelta(hours=1))


def ask_about(store: Store, villages: Sequence[str]) -> None:
    """Figures that are asked about: by a soft rule, by one that was answered, and by what the quarters before were."""
    households, guided = (Key(VALUE, villages[place], item, PERIOD) for place, item in ((1, HOUSEHOLDS), (2, UNUSUAL)))
    why = Value(Decimal(1240), note="Nhận thêm hộ của hai thôn cũ sau sáp nhập")
    asked = {households: why.content(), households._replace(unit=villages[3]): "1187", guided: "460"}
    store.record_changes(list(asked.items()), "Nguyễn Thị Hoa", NOW - timedelta(minutes=20))
    quarters = periods_to(Period.parse(PERIOD).previous, len(GUIDED))
    before = [(guided._replace(period=one.code), [it]) for one, it in zip(quarters, GUIDED, strict=True)]
    receive(store, before, stream=COMMUNE.key)


def take(app: App, folder: Path, name: str, filled: bool) -> None:
    """All screens of one look."""
    app.preferences.own_name = ""
    if not filled:
        app.show()
        save(app, folder / f"welcome-{name}.png")
        assert isinstance(app.window, Welcome)
        app.window.show_fault(EnvironmentFault("code_used", server="https://soxa.example"))
        save(app, folder / f"welcome-fault-{name}.png")
        (by_file,) = app.window.findChildren(JoinByFile)
        by_file.show_inside()
        by_file._was_made(Path("/media/usb/soxa-ghi-danh-20261121-0915.soxa"))
        save(app, folder / f"welcome-file-{name}.png")
        by_file._show_offer(("", b"", Offer(int(NOW.timestamp()), PERSON, "Thôn An Lợi", 312)))
        app.window.show_fault(EnvironmentFault("joined_unproven"))
        save(app, folder / f"welcome-answer-{name}.png")
        app.preferences.own_name = "Thôn An Lợi"
    app.show()
    window = app.window
    assert isinstance(window, Window)
    if filled:
        app.feed.status.emit(Status(Phase.ONLINE, last_success=NOW - timedelta(minutes=4)))
    for room in ROOMS:
        window.open_room(room)
        if room == "entry":
            window.show_place(Place(room, form=FORM, period=PERIOD, unit=f"{COMMUNE.key}.003"))
        save(app, folder / f"{room}-{name}.png")
        if room == "today" and filled:
            take_returned(app, window, folder, name, save)
        if room == "transfer":
            take_sync(app, window, folder, name, save)
        if room == "review" and filled:
            take_review(app, window, folder, name, save)
        if room == "entry" and filled:
            take_views(app, window, folder, name)
            take_summary(app, window, folder, name)
            take_import(window, folder, name)
            take_print(app, window, folder, name)
        if room == "tasks" and filled:
            take_tasks(app, window, folder, name)
    window.open_room("today")
    window.search()
    save(app, folder / f"palette-{name}.png")
    window.findChildren(Palette)[0].close()
    if filled:
        fault = EnvironmentFault("server_certificate", server="https://soxa.example")
        app.feed.status.emit(Status(Phase.FAILED, fault, since=NOW, next_try_s=290.0))
        window.show_fault(fault)
        save(app, folder / f"fault-{name}.png")
        take_sign_in(app, folder, name)
        take_admin(app, folder, name)
    for dialog, made in dialogs(folder).items():
        shown = made()
        shown.show()
        settle()
        shown.grab().save(str(folder / f"{dialog}-{name}.png"))
        delete(shown)


def take_views(app: App, window: Window, folder: Path, name: str) -> None:
    """What else the grid shows: what is unusual or was explained, what a task wants a figure to reach, a cell that is
    talked about, figures by sex, and a period that was closed."""
    unit = f"{COMMUNE.key}.001"
    villages = sorted({cell.unit for cell in app.store.select(VALUE, COMMUNE.key, LAST)})
    for scene, place, item in (("unusual", 2, UNUSUAL), ("explained", 1, HOUSEHOLDS)):
        window.show_place(Place("entry", form=FORM, period=PERIOD, unit=villages[place], item=item))
        settle()
        save(app, folder / f"entry-{scene}-{name}.png")
    followed = next(key.unit for key in app.store.select(TASK, COMMUNE.key) if key.item == FOLLOWED)
    window.show_place(Place("entry", form=FORM, period="A2026Q4", unit=followed, item="village_ct12"))
    settle()
    save(app, folder / f"entry-target-{name}.png")
    window.show_place(Place("entry", form=FORM, period=PERIOD, unit=unit, item="village_ct01"))
    save(app, folder / f"entry-comments-{name}.png")
    (room,) = window.findChildren(EntryRoom)
    month = Place("entry", form="group_month", period="A2026M11", unit=unit, item="group_vneid_people")
    people = Key(VALUE, unit, month.item, month.period)
    told = {"": "12", "female": "7", "male": "4"}
    edits = [(people._replace(part=part), content) for part, content in told.items()]
    app.feed.changed.emit(app.store.record_changes(edits, "Nguyễn Thị Hoa", NOW))
    window.show_place(month)
    room.turn_to(Turn.BREAKDOWN)
    save(app, folder / f"entry-breakdown-{name}.png")
    room.turn_to(Turn.UNITS)
    closing = Key(CLOSING, COMMUNE.key, FORM, LAST)
    for content in (CLOSED, CLEARED):
        app.feed.changed.emit(ChangeSet(receive(app.store, [(closing, [content])])))
        if content == CLOSED:
            window.show_place(Place("entry", form=FORM, period=LAST, unit=unit, item="village_ct01"))
            save(app, folder / f"entry-closed-{name}.png")
    window.show_place(Place("entry", form=FORM, period=PERIOD, unit=f"{COMMUNE.key}.003"))


def take_summary(app: App, window: Window, folder: Path, name: str) -> None:
    """The commune's totals: of a quarter in which four villages are missing, and of one that was taken and changed."""
    for period, item in ((LAST, "village_ct02"), (WHOLE, "village_ct01")):
        window.show_place(Place("entry", form="commune_quarter", period=period, unit=COMMUNE.key, item=item))
        save(app, folder / f"summary-{period}-{name}.png")
    window.show_place(Place("entry", form=FORM, period=PERIOD, unit=f"{COMMUNE.key}.003"))


def take_import(window: Window, folder: Path, name: str) -> None:
    """A commune's own workbook on its way into the grid: what it is taken for, and what it would change."""
    files = window.findChild(Files)
    assert isinstance(files, Files)
    with TemporaryDirectory() as scratch:
        path = Path(scratch, "tong-hop-thon.xlsx")
        headings = ["Tên thôn", "Tổng số hộ dân", "Hộ nghèo", "Ghi chú"]
        rows = [
            ["Thôn Phước Hưng", 285.0, 12.0, ""],
            ["thach nham", 540.0, 7.0, ""],
            ["Thôn Thái Lai", 1350.0, -3.0, ""],
        ]
        total = ["Tổng cộng", 2175.0, 16.0, "lập ngày 14/09"]
        with Workbook(path) as book:
            sheet = book.add_worksheet("Quý III")
            for number, row in enumerate([headings, *rows, ["Thôn Sơn Phước", "1.187", "mười hai", ""], total]):
                sheet.write_row(number, 0, row)
        dialog = files.open_file(path)
        assert dialog is not None
        pages: dict[str, type[QWidget]] = {"mapping": MappingPage, "preview": PreviewPage}
        for step, page in pages.items():
            while not any(shown.isVisible() for shown in dialog.findChildren(page)):
                settle()
            settle()
            dialog.grab().save(str(folder / f"import-{step}-{name}.png"))
            print(f"import-{step}-{name}.png")
            if step == "mapping":
                decide(dialog)
        dialog.reject()
        settle()


def take_print(app: App, window: Window, folder: Path, name: str) -> None:
    """The pages of the form before they are printed."""
    files = window.findChild(Files)
    assert isinstance(files, Files)
    files.print_view()
    settle()
    save(app, folder / f"print-ask-{name}.png")
    words = say("exchange.sensitive.with")
    (answer,) = (found for found in window.findChildren(QPushButton) if found.text() == words and found.isVisible())
    answer.click()
    while not (found := [shown for shown in QApplication.topLevelWidgets() if isinstance(shown, PrintDialog)]):
        settle()
    (dialog,) = found
    settle()
    dialog.grab().save(str(folder / f"print-{name}.png"))
    print(f"print-{name}.png")
    dialog.reject()
    settle()


def decide(dialog: ImportDialog) -> None:
    """Choose what a person is asked for, and go on to the differences."""
    wanted = (say("exchange.mapping.convention"), 1), (say("exchange.mapping.target", heading="Hộ nghèo"), 1)
    for box in dialog.findChildren(QComboBox):
        for called, place in wanted:
            if box.accessibleName() == called:
                box.setCurrentIndex(place)
                box.activated.emit(place)
    (button,) = [one for one in dialog.findChildren(QPushButton) if one.text() == say("exchange.import.next")]
    button.click()


def take_tasks(app: App, window: Window, folder: Path, name: str) -> None:
    """A task with all that was said of it, a step being taken, what is corrected or withdrawn, the board, and tasks on
    their way out and in."""
    (room,) = window.findChildren(TasksRoom)
    window.show_place(Place("tasks", task=FOLLOWED))
    room.page.verticalScrollBar().setValue(0)
    save(app, folder / f"task-{name}.png")
    room.page.verticalScrollBar().setValue(room.page.verticalScrollBar().maximum())
    save(app, folder / f"task-history-{name}.png")
    for scene, kind in (("step", StepKind.EXTEND), ("withdraw", StepKind.WITHDRAW)):
        room.page.steps.buttons[kind].click()
        save(app, folder / f"task-{scene}-{name}.png")
        room.page.step_form.give_up.click()
    room.page.correct_task.click()
    correcting = room.findChild(CorrectDialog)
    assert isinstance(correcting, CorrectDialog)
    correcting.lines["document"].setText("16/KH-UBND")
    for scene in ("correct", "correct-fault"):
        settle()
        correcting.grab().save(str(folder / f"task-{scene}-{name}.png"))
        print(f"task-{scene}-{name}.png")
        correcting.save.click()
    correcting.reject()
    room.show_board.setChecked(True)
    save(app, folder / f"task-board-{name}.png")
    room.show_board.setChecked(False)
    take_evidence(app, window, folder, name, save)
    room.assign.click()
    with TemporaryDirectory() as scratch:
        path = Path(scratch, "danh-sach-nhiem-vu.xlsx")
        with Workbook(path) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(TASK_LIST):
                sheet.write_row(number, 0, row)
        room.open_list(path)
        shown: dict[str, QWidget | None] = {
            "assign": room.findChild(AssignDialog),
            "import": room.findChildren(ImportTasks)[-1],
            "print": room.print_report(),
        }
        for scene, dialog in shown.items():
            assert dialog is not None
            settle()
            dialog.grab().save(str(folder / f"task-{scene}-{name}.png"))
            print(f"task-{scene}-{name}.png")
            dialog.close()
            settle()


def follow(store: Store) -> None:
    """A village's task that is late: explained, more time asked for, and an indicator that shows how far it is."""
    unit = next(key.unit for key in store.select(TASK, COMMUNE.key) if key.item == FOLLOWED)
    fields = {"from_unit": COMMUNE.key, "document": "15/KH-UBND", "document_type": "Kế hoạch"}
    edits = [(Key(TASK, unit, FOLLOWED, "", name), content_of_field(value)) for name, value in fields.items()]
    target = (Target("village_ct12", Decimal(12)),)
    edits.append((Key(TASK, unit, FOLLOWED, "", "targets"), content_of_field(target)))
    update = Progress(
        date(2026, 11, 19), 60, "Đã lập danh sách 12 thành viên", 12, 20, "Đã họp thôn", "Thiếu số định danh"
    )
    edits.append((Key(PROGRESS, unit, FOLLOWED, "", STEPS[0]), update.content()))
    asked = Step(StepKind.ASK_EXPLANATION, date(2026, 11, 18), "Vì sao chưa gửi đúng hạn?", date(2026, 11, 22))
    explained = Step(StepKind.EXPLAIN, date(2026, 11, 19), "Hai thành viên mới chưa có số định danh.", to=STEPS[1])
    longer = Step(StepKind.ASK_EXTENSION, date(2026, 11, 20), "Chờ cấp số định danh", date(2026, 11, 25))
    for uuid, step in zip(STEPS[1:], (asked, explained, longer), strict=True):
        edits.append((Key(STEP, unit, FOLLOWED, "", uuid), step.content()))
    store.record_changes(edits, "Nguyễn Thị Hoa", NOW - timedelta(hours=2))


def take_sign_in(app: App, folder: Path, name: str) -> None:
    """The sign-in page in all its states, and the settings of a PC with two people."""
    with TemporaryDirectory() as scratch:
        data = Path(scratch)
        store = Store.open(data, bytes(32))
        keep_copy(data, bytes(32), store.device, bytes(PrivateKey(bytes(32)).public_key))
        people = People(data, cost=Cost(1, 1))
        people.let_in(bytes(32))
        for person in (PERSON, "Trần Văn An"):
            people.put(person, "con trau di truoc")

        def shot(page: QWidget, scene: str) -> None:
            page.resize(*SIZE)
            page.show()
            settle()
            page.grab().save(str(folder / f"{scene}-{name}.png"))
            print(f"{scene}-{name}.png")

        page = SignIn(data, people, PERSON)
        shot(page, "sign-in")
        for scene in ("sign-in-wrong", "sign-in-throttled"):
            for _ in range(1 if scene == "sign-in-wrong" else FREE_TRIES):
                with suppress(EnvironmentFault):
                    people.sign_in(PERSON, "khong phai vay")
            page._refused(EnvironmentFault("password_wrong", wait_s=0.0))
            shot(page, scene)
        page.recover()
        shot(page, "sign-in-recovery")
        write_request(data, PERSON, data / "file")
        copy = read(data.joinpath("file").read_bytes())
        assert isinstance(copy, RecoveryCopy)
        (data / "file").write_bytes(write(make_reset(bytes(32), copy, "2222-2222-2222", Cost(1, 1))))
        page.recover().open_file(data / "file")
        shot(page, "sign-in-answer")
        delete(page)
        locked = SignIn(data, people, "Trần Văn An", locked=True)
        shot(locked, "locked")
        delete(locked)
        enrol(store)
        store.person = PERSON
        room = SettingsRoom(
            Preferences(data),
            store,
            app.feed,
            lambda server, code: None,
            ByFile(store, app.sync.between, app.feed.changed.emit, lambda: NOW),
            lambda _: None,
            "0.1.0",
            people,
        )
        room.people._add()
        shot(room, "settings-people")
        delete(room)
        store.close()


def dialogs(folder: Path) -> dict[str, Callable[[], QWidget]]:
    """The windows that stand by themselves."""
    fault = EnvironmentFault("store_damaged", copy=str(Path.home() / "soxa" / "soxa-damaged-1.db"))
    text = "2026-11-21 09:15:00\nPeriodError\n  desktop/entry/room.py:210 show_place\n"
    return {"unopened": lambda: Unopened(fault, folder), "crash": lambda: CrashDialog(text)}


def save(app: App, path: Path) -> None:
    assert app.window is not None
    app.window.resize(*SIZE)
    settle()
    picture = app.window.grab()
    assert (picture.width(), picture.height()) == SIZE, f"{path.name}: {picture.width()} × {picture.height()}"
    picture.save(str(path))
    print(path.name)


def settle() -> None:
    """Let timers and paints of the screen come to their end."""
    for _ in range(4):
        QTest.qWait(60)


if __name__ == "__main__":
    main()
