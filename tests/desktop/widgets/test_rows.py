"""The list of things to open: a sound model, keys that pass over headings, and a place that is kept."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.widgets import theme
from desktop.widgets.rows import Heading, Row, RowsModel, RowsView


def rows(*keys: str) -> list[Row]:
    return [Row(key, "table", f"Việc {key}", "chi tiết", "Quá hạn", "bad", "Mở") for key in keys]


def view_of(qtbot: QtBot, shown: list[Heading | Row]) -> RowsView:
    view = RowsView("Việc cần làm")
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show_rows(shown)
    view.show()
    qtbot.waitExposed(view)
    return view


def test_the_model_is_sound_through_every_change(qtbot: QtBot) -> None:
    model = RowsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show([Heading("Quá hạn"), *rows("a", "b")])
    model.show([])
    model.show(rows("c"))
    assert model.index_of("c").row() == 0
    assert not model.index_of("a").isValid()


def test_a_heading_is_no_choice(qtbot: QtBot) -> None:
    view = view_of(qtbot, [Heading("Quá hạn"), *rows("a"), Heading("Sau đó"), *rows("b")])
    assert view.current_key() == "a"
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.current_key() == "b"
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.current_key() == "b"
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.current_key() == "a"


def test_a_row_says_all_of_itself_to_who_cannot_see_it(qtbot: QtBot) -> None:
    view = view_of(qtbot, [Heading("Quá hạn"), *rows("a")])
    model = view.model()
    said = [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(2)]
    assert said == ["Quá hạn", "Việc a · chi tiết · Quá hạn"]
    assert view.accessibleName() == "Việc cần làm"


def test_the_current_row_stays_while_others_come_and_go(qtbot: QtBot) -> None:
    view = view_of(qtbot, [*rows("a", "b", "c")])
    view.choose("b")
    view.show_rows([Heading("Quá hạn"), *rows("x", "a", "b", "c")])
    assert view.current_key() == "b"
    view.show_rows([*rows("a", "c")])
    assert view.current_key() == "c"
    view.show_rows([])
    assert view.current_key() is None


def test_nothing_is_reset_when_nothing_changed(qtbot: QtBot) -> None:
    view = view_of(qtbot, [*rows("a", "b")])
    with qtbot.assertNotEmitted(view.model().modelReset):
        view.show_rows([*rows("a", "b")])


def test_a_press_beside_the_list_opens_nothing(qtbot: QtBot) -> None:
    view = view_of(qtbot, [*rows("a")])
    below = view.viewport().rect().bottomLeft()
    with qtbot.assertNotEmitted(view.opened):
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=below)
        QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=below)
        QTest.mouseClick(
            view.viewport(), Qt.MouseButton.RightButton, pos=view.button_area(view.currentIndex()).center().toPoint()
        )


@pytest.mark.parametrize("name", ["light", "dark", "contrast"])
def test_every_look_is_painted_in_its_own_colours(qapp: QApplication, qtbot: QtBot, name: str) -> None:
    theme.apply(qapp, name, 100)
    looks = ("bad", "warning", "good", "accent", "conflict")
    view = view_of(qtbot, [Row(look, "table", "", "", "      ", look) for look in ("", *looks)])
    picture = view.viewport().grab().toImage()
    model = view.model()
    for row, look in enumerate(looks, start=1):
        area = view.visualRect(model.index(row, 0))
        across = {picture.pixelColor(x, area.top() + 40).name() for x in range(area.left() + 1, area.right())}
        assert getattr(theme.roles(), f"{look}_soft").name() in across
        assert theme.roles().surface.name() in across
    theme.apply(qapp, "light", 100)
