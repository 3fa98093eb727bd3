"""Digests: sums that do not depend on the order, and hashes that every byte of a record alters."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.domain.keys import Key
from sync.protocol.digests import Digest, heads_bytes, heads_of, row_hash, stored, versions_bytes, versions_of
from sync.protocol.messages import Head, Record, Version
from tests.sync.protocol.generated import heads, keys, records, some_versions

KEY = Key("value", "48.20194.003", "village_ct01", "A2026Q2")
HEAD = Head(Version("a" * 28, 7), "434", "Nguyễn Văn An", 1_790_000_000, 1_790_000_060)
HASHES = st.lists(st.integers(0, 2**256 - 1), max_size=8)


@given(found=st.lists(heads, max_size=3).map(tuple))
def test_stored_heads_come_back(found: tuple[Head, ...]) -> None:
    assert heads_of(heads_bytes(found)) == found


@given(found=some_versions.map(tuple))
def test_stored_versions_come_back(found: tuple[Version, ...]) -> None:
    assert versions_of(versions_bytes(found)) == found


def test_what_no_newer_program_added_is_not_stored() -> None:
    older = msgspec.msgpack.encode([[("a" * 28, 7), "434", "Nguyễn Văn An", 1_790_000_000, 1_790_000_060]])
    assert heads_bytes([HEAD]) == older
    assert heads_bytes([msgspec.structs.replace(HEAD, extra=b"x")]) != older
    assert (heads_bytes([]), versions_bytes(())) == (b"", b"")


@given(hashes=HASHES, data=st.data())
def test_a_sum_does_not_depend_on_the_order(hashes: list[int], data: st.DataObject) -> None:
    assert digest_of(data.draw(st.permutations(hashes))) == digest_of(hashes)


@given(one=HASHES, other=HASHES)
def test_sums_are_put_together_and_taken_apart(one: list[int], other: list[int]) -> None:
    whole = digest_of(one + other)
    assert digest_of(one).plus(digest_of(other)) == digest_of(one).with_rows(other) == whole
    assert whole.without_rows(other) == digest_of(one)
    assert Digest.of(whole[0], whole.total_bytes()) == whole


@given(some=st.lists(HASHES, max_size=4))
def test_kept_sums_are_added_up(some: list[list[int]]) -> None:
    kept = [digest_of(hashes) for hashes in some]
    whole = Digest.sum_of((digest[0], digest.total_bytes()) for digest in kept)
    assert whole == digest_of([hashed for hashes in some for hashed in hashes])


def test_what_a_digest_is_compared_by_tells_counts_and_sums_apart() -> None:
    briefs = {Digest(count, total).brief() for count in range(3) for total in (0, 1, 2**64, 2**256 - 1)}
    assert len(briefs) == 12
    assert {len(brief) for brief in briefs} == {8}


@given(one=st.tuples(keys, heads, some_versions), other=st.tuples(keys, heads, some_versions))
def test_two_records_have_two_hashes(
    one: tuple[Key, Head, list[Version]], other: tuple[Key, Head, list[Version]]
) -> None:
    assert (hash_of(*one) == hash_of(*other)) == (one == other)


@pytest.mark.parametrize("field", Key._fields)
def test_every_part_of_a_key_is_under_the_hash(field: str) -> None:
    assert hash_of(KEY._replace(**{field: "x"}), HEAD, []) != hash_of(KEY, HEAD, [])


def test_bytes_that_move_from_one_part_to_the_next_alter_the_hash() -> None:
    moved = KEY._replace(item=KEY.item + "A", period=KEY.period[1:])
    assert row_hash(moved, b"ab", b"c") != row_hash(KEY, b"ab", b"c")
    assert row_hash(KEY, b"a", b"bc") != row_hash(KEY, b"ab", b"c")


def test_the_hash_of_a_record_stays_what_it_was() -> None:
    """Both ends keep sums of these: another form of them would put every record in doubt."""
    assert hash_of(KEY, HEAD, [Version("b" * 28, 3)]) % 2**64 == 5841553981145042515


@given(found=st.lists(records, max_size=5))
def test_many_records_are_stored_and_hashed_as_one_by_one(found: list[Record]) -> None:
    for record, kept in zip(found, stored(found), strict=True):
        heads, prev = heads_bytes(record.heads), versions_bytes(record.prev)
        assert kept == (heads, prev, row_hash(record.key, heads, prev))


def digest_of(hashes: list[int]) -> Digest:
    found = Digest()
    for hashed in hashes:
        found = found.with_row(hashed)
    return found


def hash_of(key: Key, head: Head, prev: list[Version]) -> int:
    return row_hash(key, heads_bytes([head]), versions_bytes(tuple(prev)))
