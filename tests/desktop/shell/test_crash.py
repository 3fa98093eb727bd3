"""A report of our own bug says where it happened and nothing of what was typed."""

import sys
from pathlib import Path
from types import TracebackType

import pytest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from desktop.shell.crash import LOG, CrashDialog, keep, report
from desktop.widgets import formats
from sync.domain.periods import PeriodError
from tests.desktop.sampled import NOW


def broken() -> tuple[type[BaseException], TracebackType | None]:
    try:
        formats.period("mật: 1.234 hộ nghèo")
    except PeriodError:
        kind, _, trace = sys.exc_info()
        assert kind is not None
        return kind, trace
    raise AssertionError


def test_it_names_the_lines_and_no_value() -> None:
    text = report(*broken(), NOW)
    assert "PeriodError" in text
    assert "sync/domain/periods.py:" in text.replace("\\", "/")
    assert "1.234" not in text
    assert "mật" not in text
    assert str(Path.home()) not in text


def test_the_log_of_the_folder_does_not_grow_for_ever(tmp_path: Path) -> None:
    keep(tmp_path, "một\n")
    keep(tmp_path, "hai\n")
    assert (tmp_path / LOG).read_text(encoding="utf-8") == "một\n\nhai\n\n"
    keep(tmp_path, "x" * 300_000)
    keep(tmp_path, "ba\n")
    assert (tmp_path / LOG).read_text(encoding="utf-8") == "ba\n\n"


def test_a_folder_that_is_gone_is_no_second_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(tmp_path / "gone", "một\n")
    assert capsys.readouterr().err == "một\n"


def test_the_dialog_shows_the_report(qtbot: QtBot) -> None:
    dialog = CrashDialog("PeriodError\n  desktop/entry/room.py:12 show\n")
    qtbot.addWidget(dialog)
    shown = dialog.findChild(QPlainTextEdit)
    assert shown is not None
    assert "desktop/entry/room.py:12" in shown.toPlainText()
    assert shown.isReadOnly()
