"""The people of a PC by keys: another password, another person, one who leaves, and what is refused in words."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.settings.password import PasswordForm
from desktop.settings.people import PeopleCard
from desktop.widgets import errand
from desktop.widgets.preferences import Preferences
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.protocol.locked import Cost
from sync.store import Store
from sync.store.people import FREE_TRIES, LEAST_SIGNS, People
from tests.desktop.sampled import PERSON, enrol, say_people

PASSWORD, OTHER = "mot hai ba bon", "nam sau bay tam"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    opened = Store.open(folder, bytes(32))
    enrol(opened)
    yield opened
    opened.close()


@pytest.fixture
def people(store: Store, folder: Path) -> People:
    found = People(folder, cost=Cost(1, 1))
    found.let_in(bytes(32))
    return found


@pytest.fixture
def signed_in(people: People, store: Store) -> None:
    people.put(PERSON, PASSWORD)
    store.person = PERSON


MakeCard = Callable[[], PeopleCard]


@pytest.fixture
def make_card(qtbot: QtBot, people: People, store: Store, folder: Path) -> MakeCard:
    def make() -> PeopleCard:
        card = PeopleCard(people, store, Preferences(folder))
        qtbot.addWidget(card)
        card.show()
        card.activateWindow()
        qtbot.waitUntil(card.isActiveWindow)
        return card

    return make


def press(card: PeopleCard, text: str) -> None:
    (button,) = [one for one in card.findChildren(QPushButton) if one.text() == text and one.isVisible()]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def fill_in(form: PasswordForm | None, *typed: str) -> PasswordForm:
    """Type into the visible fields, in order, and press Enter in the last."""
    assert form is not None
    fields = [field for field in form.findChildren(QLineEdit) if field.isVisible()]
    order = (form.old, form.name, form.new, form.again)
    wanted = [field for field in order if field in fields]
    for field, text in zip(wanted, typed, strict=True):
        field.clear()
        if text.isascii():
            QTest.keyClicks(field, text)
        else:  # as an input method brings it
            field.setText(text)
    QTest.keyClick(wanted[-1], Qt.Key.Key_Return)
    return form


def said(card: PeopleCard) -> str:
    return "\n".join(label.text() for label in card.findChildren(QLabel) if label.isVisible())


def opens(folder: Path, name: str, password: str) -> bool:
    try:
        return People(folder, cost=Cost(1, 1)).sign_in(name, password) == bytes(32)
    except EnvironmentFault:
        return False


def test_the_first_password_comes_with_the_name_of_the_enrolment(
    qtbot: QtBot, make_card: MakeCard, folder: Path
) -> None:
    card = make_card()
    assert card.form is not None
    assert card.form.name.text() == PERSON
    with qtbot.waitSignal(card.first_came) as came:
        fill_in(card.form, "Hoa  Trinh", PASSWORD, PASSWORD)
    assert came.args == ["Hoa Trinh"]
    assert opens(folder, "Hoa Trinh", PASSWORD)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (("", PASSWORD, PASSWORD), "name"),
        (("Hoa", "1234", "1234"), "short"),
        (("Hoa", "12345678", "12345678"), "run"),
        (("Hoa Trinh Thi", "hoatrinhthi", "hoatrinhthi"), "named"),
        (("Hoa", PASSWORD, OTHER), "differ"),
    ],
)
def test_what_may_not_be_is_said_and_nothing_is_set(
    make_card: MakeCard, people: People, typed: tuple[str, ...], why: str
) -> None:
    card = make_card()
    fill_in(card.form, *typed)
    assert say(f"settings.password.wrong.{why}", least=LEAST_SIGNS) in said(card)
    assert people.names() == []


@pytest.mark.usefixtures("signed_in")
def test_another_person_is_added_and_taken_away_again(
    qtbot: QtBot, make_card: MakeCard, people: People, folder: Path
) -> None:
    card = make_card()
    press(card, say("settings.people.add"))
    fill_in(card.form, PERSON, OTHER, OTHER)
    assert say("settings.password.wrong.known") in said(card)
    fill_in(card.form, "An", OTHER, OTHER)
    qtbot.waitUntil(lambda: people.names() == [PERSON, "An"])
    qtbot.waitUntil(lambda: say("settings.people.done.add", name="An") in said(card))
    assert opens(folder, "An", OTHER)
    press(card, say("settings.people.remove"))
    assert say("settings.people.removal", name="An") in said(card)
    press(card, say("settings.people.stay"))
    assert people.names() == [PERSON, "An"]
    card._ask_removal("An")
    assert card._asking is not None
    (_, sure) = card._asking.findChildren(QPushButton)
    with qtbot.waitSignal(card.leave_asked):
        QTest.mouseClick(sure, Qt.MouseButton.LeftButton)
    assert People(folder).names() == [PERSON]
    assert people.must_change


@pytest.mark.usefixtures("signed_in")
def test_those_whom_the_centre_lets_use_this_pc_are_offered_by_name(
    qtbot: QtBot, make_card: MakeCard, people: People, store: Store
) -> None:
    say_people(store, {PERSON: (), "Trần Bình~Trần Binh": (), "Trần Bình (Thôn Một)": ()})
    card = make_card()
    press(card, say("settings.people.add"))
    assert card.form is not None
    assert [button.text() for button in card.form.offered] == ["Trần Bình", "Trần Bình (Thôn Một)"]
    QTest.mouseClick(card.form.offered[0], Qt.MouseButton.LeftButton)
    assert card.form.name.text() == "Trần Bình"
    for field in (card.form.new, card.form.again):
        QTest.keyClicks(field, OTHER)
    QTest.keyClick(card.form.again, Qt.Key.Key_Return)
    # Its thread has ended by then: it would look for garbage among this test's widgets.
    qtbot.waitUntil(lambda: card.form is None and not errand._under_way)
    assert people.names() == [PERSON, "Trần Bình"]
    store.sign_in("Trần Bình")
    assert store.author() == "Trần Bình~Trần Binh"


@pytest.mark.usefixtures("signed_in")
def test_the_own_password_is_changed_by_who_knows_it(qtbot: QtBot, make_card: MakeCard, folder: Path) -> None:
    card = make_card()
    press(card, say("settings.people.change"))
    fill_in(card.form, "khong phai vay", OTHER, OTHER)
    qtbot.waitUntil(lambda: say("settings.password.wrong.old") in said(card))
    assert opens(folder, PERSON, PASSWORD)
    fill_in(card.form, PASSWORD, OTHER, OTHER)
    qtbot.waitUntil(lambda: say("settings.people.done.change", name=PERSON) in said(card))
    assert opens(folder, PERSON, OTHER)
    assert not opens(folder, PERSON, PASSWORD)


@pytest.mark.usefixtures("signed_in")
def test_guessing_the_old_password_here_must_wait_too(qtbot: QtBot, make_card: MakeCard, people: People) -> None:
    card = make_card()
    press(card, say("settings.people.change"))
    for number in range(1, FREE_TRIES + 1):
        fill_in(card.form, "khong phai vay", OTHER, OTHER)
        qtbot.waitUntil(lambda: people._person(PERSON).wrong == number)  # noqa: B023
        assert card.form is not None
        qtbot.waitUntil(card.form._set.isEnabled)
    assert people.wait_s(PERSON) > 0
    fill_in(card.form, PASSWORD, OTHER, OTHER)
    qtbot.waitUntil(lambda: say("settings.password.wrong.old")[:20] in said(card))


@pytest.mark.usefixtures("signed_in")
def test_the_last_one_cannot_be_taken_away(make_card: MakeCard) -> None:
    card = make_card()
    assert say("settings.people.remove") not in [one.text() for one in card.findChildren(QPushButton)]


@pytest.mark.usefixtures("signed_in")
def test_when_it_locks_itself_is_kept(make_card: MakeCard, folder: Path) -> None:
    card = make_card()
    press(card, say("settings.people.minutes", count=5))
    assert Preferences(folder).idle_minutes == 5


@pytest.mark.usefixtures("signed_in")
def test_it_is_locked_from_here_too(qtbot: QtBot, make_card: MakeCard) -> None:
    card = make_card()
    with qtbot.waitSignal(card.lock_asked):
        press(card, say("settings.people.lock"))
