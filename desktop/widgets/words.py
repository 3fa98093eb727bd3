"""The texts of the screen in the chosen language, read from the translation files when first asked for."""

from decimal import Decimal
from functools import cache
from typing import Any, Final

from desktop.widgets.kept import kept
from desktop.widgets.resources import ROOT
from sync.domain.numbers import Convention, format_number

LANGUAGES: Final = ("vi", "en")
"""The first is the language of a first start."""

_language = LANGUAGES[0]


def language() -> str:
    """The language now shown, one of LANGUAGES."""
    return _language


def set_language(chosen: str) -> None:
    """Show `chosen` from now on; widgets there keep their texts. Raises ValueError for an unknown one."""
    global _language
    if chosen not in LANGUAGES:
        raise ValueError(chosen)
    _language = chosen


def say(key: str, **values: object) -> str:
    """The text of `key`, "room.table.name", with its placeholders filled from `values`.

    A key that holds forms for one and other is chosen by the value `count`, which is written with thousands
    marks. Raises KeyError for a key or placeholder that is missing: a mistake of ours, caught by the tests.
    """
    found = _find(_language, key)
    if isinstance(found, dict):
        count = values["count"]
        found = found["one"] if count == 1 and "one" in found else found["other"]
    if not isinstance(found, str):
        raise KeyError(key)
    if not values:
        return found
    count = values.get("count")
    if isinstance(count, int):
        values["count"] = format_number(Decimal(count), convention())
    return found.format(**values)


def convention() -> Convention:
    """How figures are read and written in the language now shown."""
    return Convention(_language)


def table(of_language: str, room: str) -> dict[str, Any]:
    """All texts of one room in one language, nested as in its file."""
    return _read(of_language, room)


@cache
def _read(of_language: str, room: str) -> dict[str, Any]:
    written = (ROOT / "translations" / of_language / f"{room}.toml").read_bytes()
    texts: dict[str, Any] = kept(f"{of_language}.{room}", written, _parsed)
    return texts


def _parsed(written: bytes) -> dict[str, Any]:
    import tomllib  # not at every start

    return tomllib.loads(written.decode())


def _find(of_language: str, key: str) -> Any:
    room, *path = key.split(".")
    found: Any = _read(of_language, room)
    for name in path:
        if not isinstance(found, dict) or name not in found:
            raise KeyError(key)
        found = found[name]
    return found
