"""Vietnamese text: one Unicode form, a folded form for search, and the order of its letters and tones."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

Item = TypeVar("Item")

_RANKS: Final = {letter: rank for rank, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
"""The 29 Vietnamese letters in their order, with f, j, w and z where Latin order puts them."""

_TONES: Final = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
"""Huyền, hỏi, ngã, sắc, nặng by their combining mark; ngang, which has none, is 0."""

_TOKENS: Final = re.compile(r"[0-9]+|[^\W0-9_]+|[^\w\s]+|_+")


class _Folded(dict[int, str]):
    """What each letter folds to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFD", chr(code)).casefold())
        bare = "".join(letter for letter in decomposed if unicodedata.category(letter) != "Mn")
        self[code] = bare.replace("đ", "d").replace("’", "'")
        return self[code]


_FOLDED: Final = _Folded()


def nfc(text: str) -> str:
    """`text` in Unicode form C, the only form that is stored, sent or compared."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """The search form of `text`: no case, no accents, đ as d, straight apostrophes, single spaces.

    Never a key: "Mỹ Tho" and "Mỹ Thọ" of one province fold to the same text.
    """
    return " ".join(text.translate(_FOLDED).split())


def search(query: str, items: Iterable[Item], key: Callable[[Item], str]) -> list[Item]:
    """Every item whose folded text holds all words of `query`, in their order; all of them for no word."""
    words = fold(query).split()
    found = []
    for item in items:
        folded = fold(key(item))
        if all(word in folded for word in words):
            found.append(item)
    return found


def sort_key(text: str) -> tuple[Any, ...]:
    """Key that sorts in Vietnamese dictionary order: syllable by syllable, letters before tones, case last.

    Digits compare as numbers, so that "Thôn 2" stands before "Thôn 10"; marks stand before both.
    """
    normal = nfc(text)
    return tuple(_token_key(token) for token in _TOKENS.findall(nfc(normal.casefold()))), normal


def _token_key(token: str) -> tuple[Any, ...]:
    if token[0].isascii() and token[0].isdigit():
        digits = token.lstrip("0")
        return 1, len(digits), digits
    if not token[0].isalnum():
        return 0, token
    letters, tones = zip(*map(_letter_key, token), strict=True)
    return 2, letters, tones


def _letter_key(letter: str) -> tuple[int, int]:
    """Rank of the letter without its tone, and the tone."""
    parts = unicodedata.normalize("NFD", letter)
    tone = next((_TONES[part] for part in parts if part in _TONES), 0)
    base = nfc("".join(part for part in parts if part not in _TONES))
    return _RANKS.get(base, len(_RANKS) + ord(base[0])), tone
