"""A province corrects and withdraws what it gave, on two PCs without a line; the communes see what stands, and why."""

from collections.abc import Callable
from datetime import date, timedelta

from pytestqt.qtbot import QtBot

from desktop.tasks.correcting import CorrectDialog
from desktop.tasks.units import LEAD
from desktop.widgets.words import say
from sync.central.centre import Centre
from sync.domain.parking import NOT_YOURS_TO_DECIDE
from sync.domain.steps import StepKind
from sync.domain.tasks import Task, TaskState
from sync.domain.units import Unit, UnitKind
from tests.end_to_end.test_tasks import ITEM, PROVINCE, Office, add, moment
from tests.end_to_end.test_tasks import centre as centre
from tests.end_to_end.test_tasks import enrol_again as enrol_again
from tests.end_to_end.test_tasks import office as office
from tests.end_to_end.test_tasks import pc as pc
from tests.sync.store.conversation import COMMUNE

OTHER = Unit("48.20999", UnitKind.WARD, "Phường Hải Vân")
TODAY = moment(date(2026, 11, 10))


def correct(office: Office, item: str, words: str, fill: Callable[[CorrectDialog], None]) -> None:
    office.room.show()
    office.open(item)
    office.room.page.correct_task.click()
    (dialog,) = [found for found in office.room.findChildren(CorrectDialog) if found.isVisible()]
    fill(dialog)
    dialog.words.setPlainText(words)
    dialog.save.click()
    assert not dialog.isVisible(), dialog.note_text.text()


def asked(office: Office, item: str) -> str:
    office.open(item)
    return office.room.page._asked.text()


def given(centre: Centre, office: Callable[..., Office]) -> tuple[Office, Office, Office]:
    """Two PCs of a province that gave a task to a commune, and that commune's."""
    add(centre, OTHER)
    province, second, commune = office(PROVINCE, TODAY), office(PROVINCE, TODAY), office(COMMUNE, TODAY)
    start = TODAY.date()
    task = Task(ITEM, COMMUNE, "Rà soát", from_unit=PROVINCE, start_date=start, due_date=start + timedelta(days=9))
    province.room._feed.changed.emit(province.pc.store.record_changes(list(task.cells().items()), "Hoa", TODAY))
    for each in (province, second, commune):
        each.sync()
    return province, second, commune


def test_two_corrections_without_a_line_stand_until_one_decides_and_the_commune_sees_why(
    qtbot: QtBot, centre: Centre, office: Callable[..., Office]
) -> None:
    province, second, commune = given(centre, office)
    correct(province, ITEM, "Thiếu chữ", lambda dialog: dialog.content.setPlainText("Rà soát mạng"))
    correct(second, ITEM, "Nhầm việc", lambda dialog: dialog.content.setPlainText("Rà soát máy"))
    for each in (province, second, commune, province):
        each.sync()
    both = say("tasks.asks.contested", field="nội dung", values="Rà soát mạng, Rà soát máy")
    qtbot.waitUntil(lambda: all(both in asked(each, ITEM) for each in (province, commune)))
    (found,) = commune.all()
    assert {step.words for step in found.steps.values()} == {"Thiếu chữ", "Nhầm việc"}
    correct(province, ITEM, "Gộp lại", lambda dialog: dialog.content.setPlainText("Rà soát mạng, máy"))
    for each in (province, commune, second):
        each.sync()
    for each in (province, commune, second):
        (found,) = each.all()
        assert (found.task.content, found.contested) == ("Rà soát mạng, máy", {})
    told = say("tasks.asks.corrected", day="10/11/2026", fields="nội dung", words="Gộp lại")
    qtbot.waitUntil(lambda: told in asked(commune, ITEM))


def test_what_is_given_to_the_right_commune_is_withdrawn_from_the_wrong_one_whatever_that_says_meanwhile(
    qtbot: QtBot, centre: Centre, office: Callable[..., Office]
) -> None:
    province, _, commune = given(centre, office)
    right = office(OTHER.key, TODAY)

    def fill(dialog: CorrectDialog) -> None:
        dialog.picker.model.tick([COMMUNE], LEAD, False)
        dialog.picker.model.tick([OTHER.key], LEAD, True)

    # Without a line the commune reports it as done, before it hears of it.
    commune.take(ITEM, StepKind.REPORT_DONE, "Xong rồi")
    correct(province, ITEM, "Nhầm xã", fill)
    for each in (province, commune, province, right):
        each.sync()
    for each in (province, commune):
        found = next(one for one in each.all() if one.task.item == ITEM)
        assert found.task.state is TaskState.WITHDRAWN
        assert {step.kind for step in found.steps.values()} == {StepKind.WITHDRAW, StepKind.REPORT_DONE}
    parked = commune.pc.store.undecided()
    assert {key.part: shown.reason for key, shown in parked.items()} == {
        "state": NOT_YOURS_TO_DECIDE,
        "completed_date": NOT_YOURS_TO_DECIDE,
    }
    told = say("tasks.asks.withdrawn", day="10/11/2026", words="Nhầm xã")
    qtbot.waitUntil(lambda: told in asked(commune, ITEM))
    assert commune.room.reading.listing.late_on(date(2026, 12, 31)) == 0
    (new,) = right.all()
    assert (new.task.content, new.task.from_unit, new.task.state) == ("Rà soát", PROVINCE, TaskState.NOT_STARTED)
    right.take(new.task.item, StepKind.REPORT_DONE)
    right.sync()
    province.sync()
    province.take(new.task.item, StepKind.CONFIRM)
    counted = {each.task.unit: each.is_open(date(2026, 12, 31)) for each in province.all()}
    assert counted == {COMMUNE: False, OTHER.key: False}
