"""The program's first lines, before any window."""

import multiprocessing
import sys
from io import BytesIO, TextIOWrapper

import pytest

from desktop import __main__ as program
from desktop import opening
from sync.protocol.joining import hash_of


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


@pytest.mark.parametrize(
    ("written", "is_it"),
    [
        (b"ABCD-EFGH-JKLM", True),
        (b"ABCD-EFGH-JKLM\r\nmore\r\n", True),
        (b"\xef\xbb\xbfABCD-EFGH-JKLM\r\n", True),  # as Windows' own editors begin a file
        (b"\xff\xfeA\0B\0C\0D\0-\0E\0F\0G\0H\0-\0J\0K\0L\0M\0\r\0\n\0", True),
        (b"", False),
        (b"\n", False),
        (b"\xff\xc3\x28 m\xe3\n", False),
        (b"A" * 1_000_000, False),
    ],
)
def test_a_code_is_read_however_a_shell_writes_it_and_nothing_else_keeps_the_program_from_starting(
    monkeypatch: pytest.MonkeyPatch, written: bytes, is_it: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(written), encoding="utf-8", errors="strict"))
    code = opening._read_code()
    assert len(code) <= 200
    assert (hash_of(code) == hash_of("ABCD-EFGH-JKLM")) is is_it


def test_without_any_standard_input_there_is_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert opening._read_code() == ""
