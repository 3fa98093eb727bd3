"""The dictionaries of the wire: what messages often say, so that small ones need not say it.

Each has a number for ever; `build/train_dictionary.py` makes them. An end uses one only for a peer whose last message
listed it.
"""

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Final

import zstandard

NONE: Final = 0
KNOWN: Final = (1,)
REFUSED: Final = "dictionary_unknown"
"""The refusal of a request that is packed with one that the other end has not: it comes again without."""

LEVEL: Final = 15
"""Of zstd, with and without a dictionary: 10,000 values take 5 ms."""

# Resources lie beside the packages: from source, installed and frozen alike.
_FOLDER: Final = Path(__file__).resolve().parents[2] / "resources" / "wire"


@cache
def dictionary(number: int) -> zstandard.ZstdCompressionDict | None:
    """The dictionary of a KNOWN number, made ready once; None for NONE."""
    if number == NONE:
        return None
    found = zstandard.ZstdCompressionDict((_FOLDER / f"soxa-{number}.dict").read_bytes())
    found.precompute_compress(level=LEVEL)
    return found


def best_of(listed: Collection[int], own: Collection[int]) -> int:
    """The newest that both ends have; NONE where there is none."""
    return max(set(listed) & set(own), default=NONE)
