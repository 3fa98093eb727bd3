"""The sentences of the administrator's commands, in the language of the terminal."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from sync.exchange.tables import Wrong

RESOURCES: Final = Path(__file__).resolve().parents[2] / "resources"
"""Beside the packages, from source and installed alike."""


def language_of(environment: Mapping[str, str]) -> str:
    """Vietnamese where the terminal's locale is, else English."""
    locale = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return "vi" if locale.startswith("vi") else "en"


class Words:
    """The texts of one language, "vi" or "en"."""

    def __init__(self, language: str) -> None:
        self._texts = _read(language)

    def say(self, key: str, **details: object) -> str:
        """The text of `key`, "table.name", with its placeholders filled. Raises KeyError: a mistake of ours."""
        found: Any = self._texts
        for name in key.split("."):
            found = found[name]
        return str(found).format(**details)

    def errors(self, wrongs: Iterable[Wrong]) -> list[str]:
        """What is wrong in a file, one line each, with file and row."""
        return [
            self.say(
                "wrong.at_line" if wrong.line else "wrong.in_file",
                file=wrong.file,
                line=wrong.line,
                reason=self.say(f"wrong.{wrong.reason}"),
                text=wrong.text,
            ).rstrip(" :")
            for wrong in wrongs
        ]


@cache
def _read(language: str) -> dict[str, Any]:
    with (RESOURCES / "translations" / language / "central.toml").open("rb") as file:
        return tomllib.load(file)
