"""The program's first lines, before any window."""

import multiprocessing
import sys

import pytest

from desktop import __main__ as program


def test_a_process_beside_a_frozen_program_opens_no_window(monkeypatch: pytest.MonkeyPatch) -> None:
    def become_the_reader() -> None:
        sys.exit(7)

    def hasten() -> None:
        raise AssertionError("a second window was about to open")

    monkeypatch.setattr(program, "hasten", hasten)
    monkeypatch.setattr(multiprocessing, "freeze_support", become_the_reader)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code == 7
