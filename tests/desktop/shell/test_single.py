"""One window for a folder: the second start raises the first one's."""

import platform
from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop.shell.single import Single


def test_a_second_start_knocks_at_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    first, second = Single(tmp_path), Single(tmp_path)
    assert first.is_first()
    first.listen()
    assert not second.is_first()
    assert second.is_taken()
    with qtbot.waitSignal(first.raised):
        assert second.knock()


def test_other_folders_are_their_own(qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("một", "hai"):
        (tmp_path / name).mkdir()
    one, other = Single(tmp_path / "một"), Single(tmp_path / "hai")
    assert one.is_first()
    assert other.is_first()
    assert not other.knock()


def test_a_released_folder_is_free(qtbot: QtBot, tmp_path: Path) -> None:
    first, second = Single(tmp_path), Single(tmp_path)
    assert first.is_first()
    first.release()
    assert second.is_first()


def test_a_lock_left_by_a_killed_program_does_not_keep_anyone_out(qtbot: QtBot, tmp_path: Path) -> None:
    gone = 2**22 + 1  # above every process id of Linux
    (tmp_path / "soxa.lock").write_text(f"{gone}\nsoxa\n{platform.node()}\n", encoding="utf-8")
    assert Single(tmp_path).is_first()


def test_a_folder_that_is_not_there_is_not_taken(qtbot: QtBot, tmp_path: Path) -> None:
    single = Single(tmp_path / "gone")
    assert not single.is_first()
    assert not single.is_taken()
