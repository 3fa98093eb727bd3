"""Columns: they come back as they were, take no more than they need, and are refused when they do not fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.domain.keys import Key
from sync.protocol import codec, columns
from sync.protocol.columns import MessageError
from sync.protocol.messages import MAX_INTEGER, SyncAnswer, Version
from tests.sync.protocol.generated import CONTENTS, REPEATED_NAMES, branches, keys, some_versions
from tests.sync.protocol.test_codec import KEY, page_of


@given(rows=st.lists(REPEATED_NAMES, max_size=8))
def test_texts_come_back(rows: list[str]) -> None:
    assert columns.read_texts(columns.texts(rows), len(rows)) == rows


@given(rows=st.lists(CONTENTS, max_size=8))
def test_contents_come_back(rows: list[str]) -> None:
    assert columns.read_contents(columns.contents(rows), len(rows)) == rows


@given(rows=st.lists(branches, min_size=1, max_size=8))
def test_branches_come_back(rows: list[str]) -> None:
    assert columns.read_branches(columns.branches(rows), len(rows)) == rows


@given(rows=st.lists(keys, min_size=1, max_size=5), versions=st.lists(some_versions.map(tuple), max_size=5))
def test_keys_and_lists_of_versions_come_back(rows: list[Key], versions: list[tuple[Version, ...]]) -> None:
    assert columns.read_keys(columns.keys(rows), len(rows)) == rows
    assert columns.read_versions(columns.lists(versions), len(versions)) == versions


def test_contents_outside_their_rows_are_refused() -> None:
    for rows in (b"\x02", b"\xff", b"", b"\x00\x00\x00"):
        with pytest.raises(MessageError):
            columns.read_contents(columns.Contents(b"\x01", ["null"], rows), 2)
    with pytest.raises(MessageError):
        columns.read_contents(columns.Contents(b"\x01", ["null", "true"], b"\x00\x00"), 3)


def test_a_column_of_one_text_is_written_once() -> None:
    many = codec.encode(SyncAnswer(0, None, pages=[page_of(1_000), page_of(1_000)]))
    assert many.count(KEY.unit.encode()) == 1


def test_whole_numbers_take_as_few_bytes_as_the_largest_needs() -> None:
    small, large = (codec.encode(SyncAnswer(0, None, pages=[page_of(100, content)])) for content in ("7", "700"))
    assert len(large) - len(small) == 100


@given(rows=st.lists(st.integers(-MAX_INTEGER, MAX_INTEGER), max_size=20))
def test_columns_of_integers_come_back(rows: list[int]) -> None:
    assert list(columns.read_integers(columns.integers(rows), len(rows))) == rows
    assert columns.read_times(columns.deltas(rows), len(rows)) == rows
