"""The palette finds everything with or without accents, and is worked by keys alone."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.shell.palette import Palette, Target, TargetModel
from desktop.shell.targets import targets
from desktop.shell.window import Window
from desktop.widgets import words
from desktop.widgets.place import Place
from sync.domain.keys import UNIT, Key
from sync.domain.text import search
from sync.domain.units import Unit, UnitKind
from sync.store import Store
from tests.desktop.sampled import COMMUNE, catalogue, enrol, fill, receive

MakeWindow = Callable[[], Window]


def opened_palette(window: Window) -> tuple[Palette, QLineEdit]:
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    (palette,) = window.findChildren(Palette)
    field = palette.findChild(QLineEdit)
    assert field is not None
    return palette, field


def test_the_model_keeps_qts_rules() -> None:
    model = TargetModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show([Target("unit", f"Thôn {number}", lambda: None) for number in range(3)])
    assert model.rowCount() == 3
    assert model.data(model.index(1), Qt.ItemDataRole.AccessibleTextRole) == "Thôn 1, Đơn vị"
    model.show([])
    assert model.rowCount() == 0


@pytest.mark.parametrize("typed", ["ang dong", "Ẳng", "DONG ang"])
def test_it_opens_what_was_found_without_accents(make_window: MakeWindow, opened: list[str], typed: str) -> None:
    window = make_window()
    window.open_room("entry")
    palette, field = opened_palette(window)
    field.setText(typed)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert opened == ["Thôn Ẳng Đông"]
    assert not palette.isVisible()


def test_arrows_choose_and_stay_within_the_list(make_window: MakeWindow, opened: list[str]) -> None:
    window = make_window()
    _, field = opened_palette(window)
    field.setText("thon")
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageDown, Qt.Key.Key_Return):
        QTest.keyClick(field, key)
    assert opened == ["Thôn Phú Hòa"]


def test_rooms_are_found_too(make_window: MakeWindow) -> None:
    window = make_window()
    window.open_room("entry")
    _, field = opened_palette(window)
    field.setText("cai dat")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.open_name == "settings"


def test_nothing_found_is_said_and_enter_does_nothing(make_window: MakeWindow, opened: list[str]) -> None:
    window = make_window()
    palette, field = opened_palette(window)
    field.setText("không có ở đâu cả")
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert opened == []


def test_escape_closes_it_and_it_opens_again(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    window.open_room("entry")
    palette, field = opened_palette(window)
    with qtbot.waitSignal(palette.destroyed):
        QTest.keyClick(field, Qt.Key.Key_Escape)
    again, _ = opened_palette(window)
    assert again.isVisible()


def test_forms_units_tasks_and_commands_are_targets(store: Store) -> None:
    went: list[Place] = []
    ran: list[str] = []
    commands = {"dark": lambda: ran.append("dark")}
    alone = targets(store, catalogue(), went.append, commands)
    assert {target.kind for target in alone} == {"form", "command"}
    enrol(store)
    fill(store)
    found = targets(store, catalogue(), went.append, commands)
    kinds = {kind: [target for target in found if target.kind == kind] for kind in ("form", "unit", "task", "command")}
    assert all(kinds.values())
    assert len({target.name for target in kinds["unit"]}) > 10
    kinds["form"][0].open()
    kinds["unit"][0].open()
    kinds["task"][0].open()
    kinds["command"][0].open()
    assert [place.room for place in went] == ["entry", "entry", "tasks"]
    assert went[0].form
    assert went[1].unit
    assert went[2].task
    assert ran == ["dark"]


def test_only_forms_that_the_units_here_report_are_offered(store: Store) -> None:
    def offered() -> list[str]:
        found = targets(store, catalogue(), lambda place: None, {})
        return [target.name for target in found if target.kind == "form"]

    every = [form.name.vi for form in catalogue().forms.values()]
    assert offered() == every, "before enrolment nobody knows"
    enrol(store)
    fill(store)
    assert offered() == every
    enrol(store, f"{COMMUNE.key}.004")
    summary = catalogue().forms["commune_quarter"].name.vi
    assert offered() == [name for name in every if name != summary]


@pytest.mark.parametrize("query", ["thon phu hoa", "THÔN PHÚ HÒA", "phu hoa"])
def test_a_folded_name_proposes_every_unit_that_it_may_mean(store: Store, query: str) -> None:
    enrol(store)
    fill(store)
    others = ("Thôn Phú Hòa 1", "Thôn Phù Hoá")
    added = [Unit(f"{COMMUNE.key}.{20 + place:03}", UnitKind.VILLAGE, name) for place, name in enumerate(others)]
    receive(store, [(Key(UNIT, unit.key), [unit.content()]) for unit in added])
    units = [target for target in targets(store, catalogue(), lambda place: None, {}) if target.kind == "unit"]
    assert [target.name for target in search(query, units, lambda target: target.name)] == ["Thôn Phú Hòa", *others]


@pytest.mark.parametrize(("language", "query"), [("vi", "tieng anh"), ("vi", "english"), ("en", "tieng viet")])
def test_the_other_language_is_found_in_either(monkeypatch: pytest.MonkeyPatch, language: str, query: str) -> None:
    monkeypatch.setattr(words, "_language", language)
    name = words.say("shell.command.language")
    assert search(query, [name], str) == [name]
