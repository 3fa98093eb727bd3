"""The commands' sentences: both languages say the same things, and every error has one."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sync.exchange
from sync.central.words import Words, language_of
from sync.exchange.tables import Wrong


def texts(found: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, text in found.items():
        if isinstance(text, dict):
            yield from texts(text, f"{path}{name}.")
        else:
            yield path + name, text


def of(language: str) -> dict[str, str]:
    return dict(texts(Words(language)._texts))


def test_both_languages_say_the_same() -> None:
    vi, en = of("vi"), of("en")
    assert vi.keys() == en.keys()
    for key in vi:
        assert set(re.findall(r"{(\w+)}", vi[key])) == set(re.findall(r"{(\w+)}", en[key])), key


def test_every_error_of_a_file_has_words() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in Path(sync.exchange.__path__[0]).glob("*.py"))
    named = re.findall(r"""(?:\.wrong\(|Wrong\([^"()]*(?:\.name|file|FILE), [^"]*?)"(\w+)\"""", source)
    assert len(named) > 30
    for reason in {*named, "unknown_village", "unknown_scheme", "unknown_unit_of_measure"}:
        for language in ("vi", "en"):
            assert Words(language).errors([Wrong("a.csv", 3, reason, "x")])


def test_a_whole_file_s_error_names_no_row() -> None:
    words = Words("en")
    assert words.errors([Wrong("a.csv", 0, "file_empty")]) == ["  a.csv: the file is empty"]
    assert words.errors([Wrong("a.csv", 2, "empty", "name")]) == ["  a.csv, row 2: a cell is empty: name"]


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "vi_VN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_language_is_the_terminal_s(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language
