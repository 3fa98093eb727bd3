"""A page for each screen in both languages, opened by its key, and no link that leads nowhere."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.shell.help import FIRST, Help
from desktop.widgets import words
from desktop.widgets.resources import ROOT

PAGES = sorted((ROOT / "help").glob("*/*.md"))


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def shown(window: QWidget) -> Help:
    return Help(window)


def test_both_languages_have_a_page_for_every_screen() -> None:
    names = {language: {page.stem for page in (ROOT / "help" / language).glob("*.md")} for language in words.LANGUAGES}
    assert names["vi"] == names["en"]
    rooms = words.table("vi", "shell")["room"].keys()
    assert names["vi"] >= rooms | {"welcome"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_every_link_leads_to_a_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith("## ")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert page.with_name(f"{target}.md").exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_every_key_and_heading_of_a_page_is_shown(shown: Help, page: Path) -> None:
    words.set_language(page.parent.name)
    shown.open_page(page.stem)
    told = shown.text.toPlainText()
    assert shown.page == page.stem
    assert all(heading in told for heading in re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert "|" not in told
    assert "**" not in told


def test_a_link_opens_the_page_beside(shown: Help) -> None:
    shown.open_page("today")
    shown.text.anchorClicked.emit(QUrl("entry"))
    assert shown.page == "entry"


def test_a_screen_without_a_page_shows_the_first(shown: Help) -> None:
    shown.open_page("nowhere")
    assert shown.page == FIRST


def test_escape_closes_it(shown: Help, qtbot: QtBot) -> None:
    shown.open_page("tasks")
    qtbot.waitUntil(lambda: shown.isActiveWindow())
    QTest.keyClick(shown.text, Qt.Key.Key_Escape)
    assert not shown.isVisible()
