"""The dictionaries of the wire: each stays what it was, lies where every build finds it, and makes messages smaller."""

from hashlib import sha256
from pathlib import Path

import pytest
import zstandard

from sync.domain.keys import Key
from sync.protocol import codec
from sync.protocol.dictionaries import KNOWN, NONE, best_of, dictionary
from sync.protocol.messages import Change, Cursor, Link, Push, Subscription, SyncRequest

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "wire"
HASHES = {
    1: "b4707422a7d9d80f",
}
"""A dictionary that changes is another one: what it packed would open no more. A better one gets the next number."""


def test_every_dictionary_stays_what_it_was() -> None:
    found = {path.name: sha256(path.read_bytes()).hexdigest()[:16] for path in FOLDER.iterdir()}
    assert found == {f"soxa-{number}.dict": HASHES[number] for number in KNOWN}
    assert all(path.stat().st_size <= 16 << 10 for path in FOLDER.iterdir())


@pytest.mark.parametrize("number", KNOWN)
def test_an_edit_is_much_smaller_with_it(number: int) -> None:
    key = Key("value", "48.20308.004", "village_ct07", "A2026Q3")
    change = Change(31, "0123456789" * 2 + "abcdef01", key, "317", (), "Nguyễn Thị Thu Hà", 1_790_000_000, "2026.1")
    cursors = {Subscription("48.20308", "48.20308"): Cursor(7, "t"), Subscription("*", "*"): Cursor(3, "u")}
    request = SyncRequest(3, "2026.1", Push(Link(30, bytes(range(16))), [change]), cursors, 1 << 15)
    body = codec.encode(request)
    with_it, without = (
        len(zstandard.ZstdCompressor(level=15, dict_data=dictionary(used), write_dict_id=False).compress(body))
        for used in (number, NONE)
    )
    assert with_it < 0.75 * without


def test_the_newest_that_both_ends_have_is_used() -> None:
    assert best_of([1, 2, 3], (1, 2)) == 2
    assert best_of([3], (1, 2)) == NONE
    assert best_of([], (1,)) == NONE
