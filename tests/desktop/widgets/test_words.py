"""Both languages say the same things with the same placeholders, and every key that the code names exists."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from desktop.widgets import words
from desktop.widgets.resources import ROOT
from desktop.widgets.words import say
from sync.domain.errors import CODES

ROOMS = sorted(file.stem for file in (ROOT / "translations" / "vi").glob("*.toml"))
DESKTOP = Path(__file__).resolve().parents[3] / "desktop"


def texts(language: str, room: str) -> dict[str, Any]:
    """Every text by its key; the forms of a plural together under theirs."""
    with (ROOT / "translations" / language / f"{room}.toml").open("rb") as file:
        return dict(_flat(room, tomllib.load(file)))


def _flat(lead: str, table: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        key = f"{lead}.{name}"
        if isinstance(value, dict) and not value.keys() <= {"one", "other"}:
            yield from _flat(key, value)
        else:
            yield key, value


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def said_keys() -> Iterator[tuple[str, str, bool]]:
    """File, key and whether it is whole, of every `say(...)` in the desktop; a key with parts ends where they begin."""
    for file in sorted(DESKTOP.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "say" or not node.args:
                continue
            key = node.args[0]
            if isinstance(key, ast.Constant):
                yield file.name, str(key.value), True
            elif isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
                yield file.name, str(key.values[0].value), False


def test_both_languages_have_the_same_files() -> None:
    assert sorted(file.stem for file in (ROOT / "translations" / "en").glob("*.toml")) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_have_the_same_keys_and_placeholders(room: str) -> None:
    vi, en = texts("vi", room), texts("en", room)
    assert vi.keys() == en.keys()
    for key in vi:
        assert isinstance(vi[key], dict) == isinstance(en[key], dict), key
        ours, theirs = ({"": t[key]} if isinstance(t[key], str) else t[key] for t in (vi, en))
        assert set(theirs) >= set(ours), key
        assert {frozenset(placeholders(text)) for text in (*ours.values(), *theirs.values())} == {
            frozenset(placeholders(next(iter(ours.values()))))
        }, key


@pytest.mark.parametrize("room", ROOMS)
def test_no_text_is_missing_and_plurals_are_complete(room: str) -> None:
    for language in words.LANGUAGES:
        for key, value in texts(language, room).items():
            forms = value.values() if isinstance(value, dict) else [value]
            assert all(isinstance(form, str) for form in forms), key
            if isinstance(value, dict):
                assert "other" in value, key
                assert language == "en" or "one" not in value, key


def test_every_key_in_the_code_exists() -> None:
    known = {key for room in ROOMS for key in texts("vi", room)}
    said = list(said_keys())
    assert len(said) > 50
    wrong = [
        (file, key)
        for file, key, whole in said
        if not (key in known if whole else any(other.startswith(key) for other in known))
    ]
    assert not wrong


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_fault_has_a_title_a_sentence_and_a_way_out(language: str) -> None:
    words.set_language(language)
    for code in CODES:
        for part in ("title", "text", "way_out"):
            assert say(f"errors.{code}.{part}").strip()


def test_a_count_chooses_the_form_and_is_written_in_the_language() -> None:
    assert say("widgets.ago.days", count=1) == "1 ngày trước"
    assert say("widgets.ago.days", count=1234) == "1.234 ngày trước"
    words.set_language("en")
    assert say("widgets.ago.days", count=1) == "1 day ago"
    assert say("widgets.ago.days", count=1234) == "1,234 days ago"


def test_an_unknown_key_placeholder_or_language_is_an_error_of_ours() -> None:
    for key in ("widgets.no_such", "widgets.period", "widgets.near.yesterday.deeper"):
        with pytest.raises(KeyError):
            say(key)
    with pytest.raises(KeyError):
        say("widgets.near.yesterday", hour="8")
    with pytest.raises(ValueError, match="fr"):
        words.set_language("fr")
