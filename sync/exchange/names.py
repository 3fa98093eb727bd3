"""Names that files write for indicators and units: every one that a folded text may mean, and words for totals."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from sync.domain.text import fold, nfc

TOTALS: Final = frozenset(
    (
        *("tong", "tong cong", "tong so", "cong", "cong tong"),
        *("toan xa", "toan phuong", "toan dac khu", "toan tinh", "toan thanh pho"),
        *("cac thon cong lai", "cac to cong lai"),
        *("total", "totals", "grand total", "sum", "all"),
        *("whole commune", "whole ward", "whole special zone", "sum of villages", "sum of groups"),
    )
)
"""What a row or a column of sums is called, folded."""

_WORDS: Final = re.compile(r"\w+")
_WORD: Final = re.compile(r"[^\W\d]")
_NUMBERING: Final = re.compile(r"^\W*[0-9]+(?:[.)]|\s*[-:])")
_BESIDE: Final = re.compile(rf"{_NUMBERING.pattern}|\([^()]*\)")
"""What headings put before a name, "1.", and before and after it: "(hộ)" too."""


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a text, without marks between them."""
    return tuple(_WORDS.findall(fold(text)))


def is_total(text: str) -> bool:
    """Whether a heading says that sums stand there."""
    return " ".join(words_of(text)) in TOTALS


class Names:
    """Keys by their names: what a form, a catalogue or a list of villages calls them.

    A key with `words` of its own, such as "Nữ" of a part of a figure, is meant only where one of them stands, with its
    accents or with none: "Năm" is no "Nam".
    """

    def __init__(self, names: Mapping[str, Iterable[str]], words: Mapping[str, Iterable[str]] | None = None) -> None:
        self.keys = tuple(names)
        self._own = {key: tuple(map(_plain, own)) for key, own in (words or {}).items()}
        self._order = {key: place for place, key in enumerate(names)}
        self._called = [(key, name) for key, called in names.items() for name in dict.fromkeys(called)]
        self._exact: defaultdict[str, list[str]] = defaultdict(list)
        self._having: defaultdict[str, set[int]] = defaultdict(set)
        self._names: list[tuple[str, frozenset[str]]] = []
        self._found: dict[str, tuple[str, ...]] = {}
        for key, name in self._called:
            exact = self._exact[_plain(name)]
            if key not in exact and _WORD.search(name):
                exact.append(key)

    def _index(self) -> None:
        """Take the names apart, once one is asked for that is not written exactly so."""
        for key, name in self._called:
            words = frozenset(words_of(name))
            if all(word.isdecimal() for word in words):
                continue  # a form's line number means a line number everywhere
            for word in words:
                self._having[word].add(len(self._names))
            self._names.append((key, words))

    def has(self, text: str) -> bool:
        """Whether something is called just so, accents and all."""
        return _plain(text) in self._exact

    def candidates(self, text: str) -> tuple[str, ...]:
        """The keys that `text` may mean: one alone when it is sure, all of them when it is not.

        A name with its accents is sure, unless what stands with it in brackets is of another name: "Phú Hòa (1)". Else
        all names that hold every word of the text are meant, so that "thon phu hoa" finds Thôn Phú Hòa and Thôn Phú
        Hòa 1; else the longest names whose words it holds.
        """
        known = self._found.get(text)
        if known is None:
            known = self._found[text] = self._search(text)
        return known

    def _search(self, text: str) -> tuple[str, ...]:
        exact = self._exact.get(_plain(text), [])
        if len(exact) == 1:
            return tuple(exact)
        if not self._names:
            self._index()
        exact = exact or self._exact.get(_plain(_BESIDE.sub(" ", text)), [])
        if len(exact) == 1:
            return self._in_order({*exact, *self._with_brackets(text)})
        words = set(words_of(text))
        if not words or all(word.isdecimal() for word in words):
            return tuple(exact)
        written = _plain(text)
        having = [{place for place in self._having.get(word, ()) if self._fits(place, written)} for word in words]
        found = set.intersection(*having)
        if not found:
            near = set[int]().union(*having)
            inside = [place for place in near if self._names[place][1] <= words]
            most = max((len(self._names[place][1]) for place in inside), default=0)
            found = {place for place in inside if len(self._names[place][1]) == most and self._telling(place)}
        return self._in_order({self._names[place][0] for place in found})

    def _with_brackets(self, text: str) -> set[str]:
        """The keys whose names hold also what a text says in brackets, where it is not said before them."""
        outside, whole = (set(words_of(part.sub(" ", text))) for part in (_BESIDE, _NUMBERING))
        if whole <= outside:
            return set()
        found = set.intersection(*(self._having.get(word, set()) for word in whole))
        return {self._names[place][0] for place in found if self._fits(place, _plain(text))}

    def _in_order(self, keys: set[str]) -> tuple[str, ...]:
        return tuple(sorted(keys, key=self._order.__getitem__))

    def _fits(self, place: int, written: str) -> bool:
        """Whether a text, which is plain, says what the key of a name alone is called, if it is called something."""
        own = self._own.get(self._names[place][0])
        if own is None:
            return True
        said = set(_WORDS.findall(written))
        return any(all(word in said or fold(word) in said for word in _WORDS.findall(name)) for name in own)

    def _telling(self, place: int) -> bool:
        """Whether a name tells enough to be found inside of a longer text: two words, or a code such as CT01."""
        words = self._names[place][1]
        return len(words) > 1 or any(letter.isdecimal() for word in words for letter in word)


def _plain(text: str) -> str:
    """A name as its accents and letters tell it apart, whatever its case and spaces."""
    return " ".join(nfc(nfc(text).casefold()).split())
