"""What is made of a shipped file is made once, and anew as soon as the file or what was kept of it is another."""

import builtins
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.widgets import kept as module
from desktop.widgets.kept import kept, kept_compiled

_SENTENCE = """
from PySide6.QtCore import QTimer
from PySide6.support.signature import get_signature
try:
    QTimer().setInterval("never")
except TypeError as error:
    print(error, get_signature(QTimer.setInterval))
"""
_HASTENED = "from desktop.__main__ import hasten; hasten()"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where it is kept in these tests."""
    monkeypatch.setattr(module, "__file__", str(tmp_path / "kept.py"))
    return tmp_path / "__pycache__"


def letters(source: bytes) -> list[str]:
    return list(source.decode())


def never(source: bytes) -> list[str]:
    raise AssertionError("made again")


def test_it_is_made_once(place: Path) -> None:
    assert kept("word", b"xa", letters) == ["x", "a"]
    assert kept("word", b"xa", never) == ["x", "a"]
    assert [file.suffix for file in place.iterdir()] == [".kept"]


def test_another_source_is_made_anew() -> None:
    kept("word", b"xa", letters)
    assert kept("word", b"so", letters) == ["s", "o"]
    assert kept("word", b"so", never) == ["s", "o"]


@pytest.mark.parametrize("damage", [b"", b"\xe9", b"no such thing", b"N", b"i\x01\x00\x00\x00"])
def test_what_is_damaged_is_made_anew(place: Path, damage: bytes) -> None:
    kept("word", b"xa", letters)
    (file,) = place.iterdir()
    file.write_bytes(damage)
    assert kept("word", b"xa", letters) == ["x", "a"]
    assert kept("word", b"xa", never) == ["x", "a"]


def test_half_of_one_is_made_anew(place: Path) -> None:
    kept("word", b"xa", letters)
    (file,) = place.iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    assert kept("word", b"xa", letters) == ["x", "a"]


def test_where_nothing_can_be_written_it_is_made_each_time(place: Path) -> None:
    place.write_text("no folder")
    assert kept("word", b"xa", letters) == ["x", "a"]
    assert kept("word", b"xa", letters) == ["x", "a"]


def test_compiled_code_is_kept_and_what_is_asked_for_otherwise_is_not(place: Path) -> None:
    plain = builtins.compile
    for _ in range(2):
        with kept_compiled():
            found: dict[str, object] = {}
            exec(compile(b"answer = 6 * 7", "some/module.py", "exec"), found)
            assert found["answer"] == 42
            assert eval(compile("6 * 7", "other.py", "eval")) == 42
        assert builtins.compile is plain
    assert [file.name.split(".")[:3] for file in place.iterdir()] == [["some", "module", "py"]]


def test_pyside_says_the_same_from_what_is_kept() -> None:
    """Its own modules write the sentence for a wrong argument, and read signatures."""
    said = [
        subprocess.run([sys.executable, "-c", lead + _SENTENCE], capture_output=True, text=True, check=True).stdout
        for lead in ("", _HASTENED, _HASTENED)
    ]
    assert "setInterval" in said[0]
    assert said[1:] == said[:1] * 2
