"""The codec: every message comes back as it was, and bytes that are no message are refused, whatever they are."""

import tracemalloc
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.domain.keys import Key
from sync.protocol import codec
from sync.protocol.codec import MAX_ROWS, MAX_STREAMS, Message, MessageError
from sync.protocol.messages import (
    MAX_CONTENT,
    MAX_INTEGER,
    MAX_NAME,
    START,
    Change,
    Cursor,
    EnrolRequest,
    Head,
    Page,
    Push,
    Record,
    SyncAnswer,
    SyncRequest,
    Version,
)
from tests.sync.protocol.generated import messages, sync_answers

KEY = Key("value", "48.20194.003", "village_ct01", "A2026Q2")


@given(message=messages)
def test_every_message_comes_back_as_it_was(message: Message) -> None:
    assert codec.decode(codec.encode(message)) == message


@given(message=messages)
def test_one_message_has_one_spelling(message: Message) -> None:
    written = codec.encode(message)
    assert codec.encode(codec.decode(written)) == written


def test_what_is_allowed_to_be_empty_comes_back() -> None:
    for message in (
        SyncRequest(1, "", None, {}, 0),
        SyncRequest(1, "", None, {"48.20194": START}, 0),
        SyncAnswer(0, 0, b"", [], []),
        SyncAnswer(0, 0, b"", [], [Page("*", [], START, False)]),
    ):
        assert codec.decode(codec.encode(message)) == message


def test_the_largest_that_is_allowed_comes_back() -> None:
    change = Change(
        MAX_INTEGER,
        Key(*("ắ" * MAX_NAME for _ in Key._fields)),
        "ộ" * MAX_CONTENT,
        (Version("d" * MAX_NAME, MAX_INTEGER), Version("d", 0)),
        "a" * MAX_NAME,
        -MAX_INTEGER,
        "c" * MAX_NAME,
    )
    request = SyncRequest(1, "c", Push(b"h" * 64, [change]), {"s" * MAX_NAME: Cursor(MAX_INTEGER, "t")}, 1)
    assert codec.decode(codec.encode(request)) == request
    rows = SyncAnswer(0, 0, b"", [], [page_of(MAX_ROWS)])
    assert codec.decode(codec.encode(rows)) == rows


@pytest.mark.parametrize(
    "too_large",
    [
        SyncRequest(1, "c" * (MAX_NAME + 1), None, {}, 0),
        SyncRequest(MAX_INTEGER + 1, "", None, {}, 0),
        SyncRequest(-1, "", None, {}, 0),
        SyncRequest(1, "", None, {"48": Cursor(-1, "")}, 0),
        SyncRequest(1, "", None, {str(n): Cursor(0, "") for n in range(MAX_STREAMS + 1)}, 0),
        EnrolRequest(1, "code", b"k" * 65, ""),
        SyncAnswer(0, -1, b"", [], []),
        SyncAnswer(MAX_INTEGER + 1, 0, b"", [], []),
    ],
    ids=lambda message: type(message).__name__,
)
def test_what_exceeds_a_bound_is_refused(too_large: Message) -> None:
    with pytest.raises(MessageError):
        codec.decode(codec.encode(too_large))


@pytest.mark.parametrize(
    ("content", "n", "typed_at"),
    [("x" * (MAX_CONTENT + 1), 1, 0), ("1", -1, 0), ("1", 1, MAX_INTEGER + 1), ("1", 1, -MAX_INTEGER - 1)],
    ids=["content too long", "number before the first", "clock too late", "clock too early"],
)
def test_a_change_that_exceeds_a_bound_is_refused(content: str, n: int, typed_at: int) -> None:
    change = Change(n, KEY, content, (), "An", typed_at, "1")
    with pytest.raises(MessageError):
        codec.decode(codec.encode(SyncRequest(1, "1", Push(b"", [change]), {}, 0)))


def test_a_page_of_more_rows_than_allowed_is_refused() -> None:
    with pytest.raises(MessageError):
        codec.decode(codec.encode(SyncAnswer(0, 0, b"", [], [page_of(MAX_ROWS + 1)])))


@given(message=messages, data=st.data())
def test_a_cut_message_is_refused(message: Message, data: st.DataObject) -> None:
    written = codec.encode(message)
    with pytest.raises(MessageError):
        codec.decode(written[: data.draw(st.integers(0, len(written) - 1))])


@settings(max_examples=400)
@given(message=messages, data=st.data())
def test_flipped_bits_give_another_message_or_are_refused(message: Message, data: st.DataObject) -> None:
    written = bytearray(codec.encode(message))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(written) - 1))
        written[place] ^= 1 << data.draw(st.integers(0, 7))
    read_or_refuse(bytes(written))


@settings(max_examples=400)
@given(junk=st.binary(max_size=200))
def test_junk_is_refused_or_is_a_message(junk: bytes) -> None:
    read_or_refuse(junk)


packed = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(message=sync_answers, data=st.data())
def test_any_part_replaced_by_anything_is_refused_or_is_a_message(message: SyncAnswer, data: st.DataObject) -> None:
    tree = msgspec.msgpack.decode(codec.encode(message))
    *path, last = data.draw(st.sampled_from(sorted(places(tree))))
    node = tree
    for step in path:
        node = node[step]
    node[last] = data.draw(packed)
    read_or_refuse(msgspec.msgpack.encode(tree))


@pytest.mark.parametrize(
    "damage",
    [
        lambda wire: wire.update(counts=[2, 1]),
        lambda wire: wire.update(counts=[1, 2]),
        lambda wire: wire.update(counts=[0, 1]),
        lambda wire: wire.update(counts=[1, -1, 1, 2]),
        lambda wire: wire.update(counts=[1]),
        lambda wire: wire.update(counts=[0, MAX_ROWS, 1, 1]),
        lambda wire: wire.update(counts=[0, 2**62]),
        lambda wire: wire.update(counts=[2**62, 1]),
        lambda wire: wire.update(counts=[]),
        lambda wire: wire.update(units=[["48.20194"], [2]]),
        lambda wire: wire.update(units=[["48.20194"], [0]]),
        lambda wire: wire.update(units=[["48.20194"], [-1]]),
        lambda wire: wire.update(units=[["48.20194"], [1, 1]]),
        lambda wire: wire.update(units=[["48.20194"], []]),
        lambda wire: wire.update(units=[["48.20194"], [2**40]]),
        lambda wire: wire.update(units=[["48.20194", "48.20195"], [-1]]),
        lambda wire: wire.update(units=[["48.20194", "48.20195"], [2]]),
        lambda wire: wire.update(units=[[], [0]]),
        lambda wire: wire.update(units=[[7], [1]]),
        lambda wire: wire.update(contents=[]),
        lambda wire: wire.update(contents=["1", "2"]),
        lambda wire: wire.update(contents=[434]),
        lambda wire: wire.update(typed_at=[1, 2]),
        lambda wire: wire.update(typed_at=[2**63]),
        lambda wire: wire.update(typed_at=[1.5]),
    ],
)
def test_columns_that_do_not_fit_each_other_are_refused(damage: Any) -> None:
    with pytest.raises(MessageError):
        codec.decode(answer_with(damage))


def test_the_same_columns_undamaged_are_read() -> None:
    answer = codec.decode(answer_with(lambda wire: None))
    assert isinstance(answer, SyncAnswer)
    assert answer.pages[0].records == [Record(KEY, (Head(Version("d", 1), "434", "An", 5, 6),))]


@pytest.mark.parametrize(
    "bomb",
    [
        b"\xdd\xff\xff\xff\xff",
        b"\x96\xa1S\x01\x01\xc4\x00\x90\xdd\xff\xff\xff\xff",
        b"\x96\xa1S\x01\x01\xc4\x00\x90\xdd\x00\xff\xff\xff" + b"\x90" * 100_000,
        b"\x96\xa1s\x01\xa0\xc0\xdf\xff\xff\xff\xff",
        b"\x96\xa1S\x01\x01\xc6\xff\xff\xff\xff",
        b"\x91" * 1_000_000,
        b"\x81\xa1a" * 500_000,
        msgspec.msgpack.encode(["e", 1, "code", b"key", "", ["trailing"] * 200_000]),
    ],
    ids=["array", "pages", "pages with some", "map", "bytes", "nesting", "nested maps", "unknown fields"],
)
def test_a_small_message_that_claims_much_takes_little_memory(bomb: bytes) -> None:
    tracemalloc.start()
    try:
        read_or_refuse(bomb)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 4 << 20


def test_many_short_texts_are_refused_before_they_fill_the_memory() -> None:
    bomb = answer_with(lambda wire: wire.update(units=[["ab"] * 4_000_000, [0]]))
    tracemalloc.start()
    try:
        with pytest.raises(MessageError):
            codec.decode(bomb)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 4 << 20


def test_a_column_of_one_text_is_written_once() -> None:
    many = codec.encode(SyncAnswer(0, 0, b"", [], [page_of(1_000)]))
    assert many.count(KEY.unit.encode()) == 1


def page_of(count: int) -> Page:
    records = [Record(KEY, (Head(Version("d", n), "1", "An", n, n),)) for n in range(count)]
    return Page("48.20194", records, Cursor(1, "t"), False)


def answer_with(damage: Any) -> bytes:
    """An answer's bytes whose columns, of one record with one head, `damage` may alter by name."""
    wire: dict[str, Any] = {"counts": [1, 1], "units": [[KEY.unit], [1]], "contents": ["434"], "typed_at": [5]}
    damage(wire)
    one = [[""], [1]]
    keys = [[["value"], [1]], wire["units"], [[KEY.item], [1]], [[KEY.period], [1]], one]
    heads = [wire["counts"], [["d"], [1]], [1]]
    records = [keys, heads, wire["contents"], [["An"], [1]], wire["typed_at"], [6], [[0, 1], [[], []], []]]
    return msgspec.msgpack.encode(["S", 1, 1, b"", [], [["48.20194", 1, "t", False, records]]])


def places(tree: Any, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """Where the lists of a decoded message hold something."""
    found: list[tuple[int, ...]] = []
    for place, inner in enumerate(tree):
        found.append((*path, place))
        if isinstance(inner, list):
            found += places(inner, (*path, place))
    return found


def read_or_refuse(body: bytes) -> None:
    """Either a message, which then can be written again, or MessageError: nothing else may come out."""
    try:
        message = codec.decode(body)
    except MessageError:
        return
    assert codec.decode(codec.encode(message)) == message
