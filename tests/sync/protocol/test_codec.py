"""The codec: every message comes back as it was, and bytes that are no message are refused, whatever they are."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.domain.keys import Key
from sync.protocol import codec
from sync.protocol.codec import Message, MessageError
from sync.protocol.columns import MAX_ROWS, MAX_VERSIONS
from sync.protocol.messages import (
    MAX_CONTENT,
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_INTEGER,
    MAX_NAME,
    START,
    Change,
    Cursor,
    EnrolRequest,
    FileBytes,
    FileHeld,
    FileLack,
    FileOffer,
    FileQuery,
    FileWant,
    Head,
    Heal,
    Link,
    Origin,
    Page,
    Push,
    Record,
    Subscription,
    SyncAnswer,
    SyncRequest,
    Verdict,
    Version,
)
from sync.protocol.version import PROTOCOL
from sync.protocol.wire import MAX_ENDS, MAX_STREAMS
from tests.sync.protocol.generated import messages

BRANCH = "0123456789" * 2 + "abcdef01"
COMMUNE = Subscription("48.20194", "48.20194")
KEY = Key("value", "48.20194.003", "village_ct01", "A2026Q2")
ROOT = Link(0, b"root")
NOTHING = Push(ROOT)


@given(message=messages)
def test_every_message_comes_back_as_it_was(message: Message) -> None:
    assert codec.decode(codec.encode(message)) == message


@given(message=messages)
def test_one_message_has_one_spelling(message: Message) -> None:
    written = codec.encode(message)
    assert codec.encode(codec.decode(written)) == written


def test_what_is_allowed_to_be_empty_comes_back() -> None:
    for message in (
        SyncRequest(3, "", NOTHING, {}, 0),
        SyncRequest(3, "", NOTHING, {COMMUNE: START}, 0),
        SyncAnswer(0, None),
        SyncAnswer(0, ROOT, scope=[]),
        SyncAnswer(0, None, pages=[Page(Subscription("*", "*"), Origin.START, [], START, False)]),
        SyncAnswer(0, None, heals=[Heal(0, Verdict.AGREES)]),
    ):
        assert codec.decode(codec.encode(message)) == message


def test_what_is_empty_costs_next_to_nothing() -> None:
    assert codec.encode(SyncAnswer(0, None)) == b"\x92\xa1S\x00"
    assert len(codec.encode(SyncRequest(3, "", Push(Link(0, b"")), {}, 0))) == 10


def test_the_largest_that_is_allowed_comes_back() -> None:
    change = Change(
        MAX_INTEGER,
        BRANCH,
        Key(*("ắ" * MAX_NAME for _ in Key._fields)),
        "ộ" * MAX_CONTENT,
        (Version(BRANCH, MAX_INTEGER), Version("f" * 28, 0)),
        "a" * MAX_NAME,
        -MAX_INTEGER,
        "c" * MAX_NAME,
        b"x" * MAX_CONTENT,
    )
    push = Push(Link(MAX_INTEGER - 1, b"h" * 64), [change])
    cursors = {Subscription("48", str(number)): Cursor(MAX_INTEGER, "t" * MAX_NAME) for number in range(MAX_STREAMS)}
    request = SyncRequest(3, "c", push, cursors, 1)
    assert codec.decode(codec.encode(request)) == request
    rows = SyncAnswer(0, None, pages=[page_of(MAX_ROWS)])
    assert codec.decode(codec.encode(rows)) == rows
    many = SyncAnswer(0, None, [ROOT] * MAX_ENDS, known=[Version(BRANCH, n) for n in range(MAX_VERSIONS)])
    assert codec.decode(codec.encode(many)) == many


@pytest.mark.parametrize(
    "too_large",
    [
        SyncRequest(3, "c" * (MAX_NAME + 1), NOTHING, {}, 0),
        SyncRequest(MAX_INTEGER + 1, "", NOTHING, {}, 0),
        SyncRequest(-1, "", NOTHING, {}, 0),
        SyncRequest(3, "", Push(Link(-1, b"")), {}, 0),
        SyncRequest(3, "", Push(Link(0, b"h" * 65)), {}, 0),
        SyncRequest(3, "", NOTHING, {COMMUNE: Cursor(-1, "")}, 0),
        SyncRequest(3, "", NOTHING, {COMMUNE: Cursor(0, "t" * (MAX_NAME + 1))}, 0),
        SyncRequest(3, "", NOTHING, {Subscription("48", str(n)): START for n in range(MAX_STREAMS + 1)}, 0),
        SyncRequest(3, "", NOTHING, {}, 0, dictionaries=[0]),
        SyncRequest(3, "", NOTHING, {}, 0, dictionaries=[256]),
        SyncRequest(3, "", NOTHING, {}, 0, dictionaries=[1] * 17),
        SyncRequest(3, "", NOTHING, {}, 0, lost=[Version(BRANCH, -1)]),
        SyncRequest(3, "", NOTHING, {}, 0, lost=[Version(BRANCH, n) for n in range(MAX_VERSIONS + 1)]),
        EnrolRequest(3, "code", b"k" * 65, ""),
        SyncAnswer(MAX_INTEGER + 1, None),
        SyncAnswer(0, None, [ROOT] * (MAX_ENDS + 1)),
    ],
    ids=lambda message: type(message).__name__,
)
def test_what_exceeds_a_bound_is_refused(too_large: Message) -> None:
    with pytest.raises(MessageError):
        codec.decode(codec.encode(too_large))


@pytest.mark.parametrize(
    "altered",
    [
        {"content": "x" * (MAX_CONTENT + 1)},
        {"typed_at": MAX_INTEGER + 1},
        {"typed_at": -MAX_INTEGER - 1},
        {"typed_at": 2**63},
        {"seen": (Version(BRANCH, -1),)},
        {"seen": (Version(BRANCH, MAX_INTEGER + 1),)},
        {"author": "a" * (MAX_NAME + 1)},
        {"key": KEY._replace(item="i" * (MAX_NAME + 1))},
        {"extra": b"x" * (MAX_CONTENT + 1)},
    ],
    ids=lambda altered: ",".join(altered),
)
def test_a_change_that_exceeds_a_bound_is_refused(altered: dict[str, Any]) -> None:
    change = msgspec.structs.replace(Change(1, BRANCH, KEY, "1", (), "An", 0, "1"), **altered)
    with pytest.raises(MessageError):
        codec.decode(codec.encode(SyncRequest(3, "1", Push(ROOT, [change]), {}, 0)))


@pytest.mark.parametrize(
    "branch", ["", "a" * 27, "a" * 29, "A" * 28, "g" * 28, "a" * 26 + " a", "máy thôn An Lợi máy thôn 12"]
)
def test_what_is_no_branch_is_not_even_written(branch: str) -> None:
    with pytest.raises(MessageError):
        codec.encode(SyncRequest(3, "1", Push(ROOT, [Change(1, branch, KEY, "1", (), "An", 0, "1")]), {}, 0))
    with pytest.raises(MessageError):
        codec.encode(SyncRequest(3, "1", NOTHING, {}, 0, lost=[Version(branch, 1)]))


def test_a_record_without_a_head_is_not_even_written() -> None:
    with pytest.raises(MessageError):
        codec.encode(SyncAnswer(0, None, pages=[Page(COMMUNE, Origin.START, [Record(KEY, ())], START, False)]))


def test_a_page_of_more_rows_than_allowed_is_refused() -> None:
    with pytest.raises(MessageError):
        codec.decode(codec.encode(SyncAnswer(0, None, pages=[page_of(MAX_ROWS + 1)])))


def test_more_heads_than_rows_may_be_are_refused() -> None:
    heads = tuple(Head(Version(BRANCH, n), "1", "An", n, n) for n in range(MAX_ROWS // 2 + 1))
    page = Page(COMMUNE, Origin.START, [Record(KEY, heads)] * 2, START, False)
    with pytest.raises(MessageError):
        codec.decode(codec.encode(SyncAnswer(0, None, pages=[page])))


# Bytes that are no message


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


@settings(max_examples=200)
@given(message=messages, data=st.data())
def test_bytes_in_another_order_give_another_message_or_are_refused(message: Message, data: st.DataObject) -> None:
    written = codec.encode(message)
    first, second = sorted(data.draw(st.tuples(*[st.integers(0, len(written))] * 2)))
    read_or_refuse(written[second:] + written[first:second] + written[:first])
    read_or_refuse(written[:first] + written[first:second][::-1] + written[second:])


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
    | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(message=messages, data=st.data())
def test_any_part_replaced_by_anything_is_refused_or_is_a_message(message: Message, data: st.DataObject) -> None:
    tree = msgspec.msgpack.decode(codec.encode(message))
    *path, last = data.draw(st.sampled_from(sorted(places(tree))))
    node = tree
    for step in path:
        node = node[step]
    node[last] = data.draw(packed)
    read_or_refuse(msgspec.msgpack.encode(tree))


ONE_ROW: dict[str, Any] = {
    "count": 1,
    "kinds": "value",
    "units": KEY.unit,
    "parts": "",
    "counts": 1,
    "branches": bytes.fromhex(BRANCH),
    "numbers": b"\x01",
    "contents": [b"\x2a"],
    "authors": "An",
    "typed_at": b"\x05",
    "received_at": b"\x06",
    "prev": None,
    "extra": [],
    "page_counts": b"\x01",
    "origins": b"\x00",
    "more": b"\x00",
    "tokens": ["t"],
    "seqs": b"\x01",
    "digests": [],
    "heal_counts": b"\x00",
    "verdicts": b"\x00",
    "has_up_to": b"\x00",
}


def answer_with(**damage: Any) -> bytes:
    """An answer's bytes, of one page of one record and one heal, whose columns `damage` may alter by name."""
    row = ONE_ROW | damage
    keys = [row["kinds"], row["units"], KEY.item, KEY.period, row["parts"]]
    heads = [row["counts"], row["branches"], row["numbers"]]
    records = [row["count"], keys, heads, row["contents"], row["authors"], row["typed_at"], row["received_at"]]
    records += [row["prev"], row["extra"]]
    pages = [1, "48.20194", "48.20194", row["seqs"], row["tokens"], row["origins"], row["more"], row["page_counts"]]
    heals = [1, b"\x00", row["verdicts"], row["heal_counts"], row["has_up_to"]]
    answer = ["S", 1, None, [*pages, row["digests"]], records, None, None, [], b"", heals]
    return msgspec.msgpack.encode(answer)


def test_the_same_columns_undamaged_are_read() -> None:
    answer = codec.decode(answer_with())
    assert isinstance(answer, SyncAnswer)
    record = Record(KEY, (Head(Version(BRANCH, 1), "42", "An", 5, 6),))
    assert answer.pages == [Page(COMMUNE, Origin.AS_SENT, [record], Cursor(1, "t"), False)]
    assert answer.heals == [Heal(0, Verdict.AGREES)]


@pytest.mark.parametrize(
    "damage",
    [
        {"count": 0},
        {"count": 2},
        {"count": -1},
        {"count": 2**40},
        {"counts": 0},
        {"counts": 0, "numbers": b""},
        {"counts": 2},
        {"counts": MAX_VERSIONS},
        {"counts": b""},
        {"counts": b"\x00"},
        {"counts": b"\xff"},
        {"counts": b"\x01\x00\x00"},
        {"counts": b"\xff\xff\xff\xff\xff\xff\xff\x7f"},
        {"counts": "1"},
        {"branches": b""},
        {"branches": bytes(13)},
        {"branches": bytes(28)},
        {"branches": [bytes(28), b""]},
        {"branches": [bytes(28), b"\x02"]},
        {"branches": [bytes(28), b"\xff"]},
        {"branches": [b"", b"\x00"]},
        {"branches": BRANCH},
        {"numbers": b""},
        {"numbers": b"\x01\x01\x01"},
        {"numbers": b"\xff"},
        {"numbers": b"\xff\xff\xff\xff\xff\xff\xff\x7f"},
        {"units": [[KEY.unit], b"\x01"]},
        {"units": [[KEY.unit], b"\xff"]},
        {"units": [[KEY.unit, "48"], b""]},
        {"units": [[], b""]},
        {"units": [[], b"\x00"]},
        {"units": [[7], b"\x00"]},
        {"units": [[KEY.unit] * (MAX_ROWS + 1), b"\x00"]},
        {"units": 7},
        {"contents": []},
        {"contents": [b""]},
        {"contents": [b"\x2a", ["null"]]},
        {"contents": [b"", ["null", "null"]]},
        {"contents": [b"", ["null"] * 3, b"\x00\x00\x00"]},
        {"contents": ["42"]},
        {"typed_at": b""},
        {"typed_at": b"\x01\x01\x01"},
        {"typed_at": b"\xff\xff\xff\xff\xff\xff\xff\x7f"},
        {"typed_at": [5]},
        {"extra": [b"", b""]},
        {"extra": ["x"]},
        {"page_counts": b"\x00"},
        {"page_counts": b"\x02"},
        {"page_counts": b"\xff"},
        {"origins": b"\x03"},
        {"origins": b""},
        {"more": b"\x02"},
        {"more": b"\x00\x00"},
        {"tokens": []},
        {"tokens": [1]},
        {"seqs": b"\xff"},
        {"digests": [b"", b""]},
        {"heal_counts": b"\x01"},
        {"verdicts": b"\x03"},
        {"has_up_to": b"\x01"},
        {"has_up_to": b"\x02"},
        {"has_up_to": b""},
    ],
    ids=str,
)
def test_columns_that_do_not_fit_each_other_are_refused(damage: dict[str, Any]) -> None:
    with pytest.raises(MessageError):
        codec.decode(answer_with(**damage))


def test_two_cursors_of_one_subscription_are_refused() -> None:
    cursors = [2, "48", "48", b"\x01\x02", ["t", "u"]]
    with pytest.raises(MessageError):
        codec.decode(msgspec.msgpack.encode(["s", 3, "", [0, b""], 0, cursors]))


@pytest.mark.parametrize("counts", [b"\x00", b"\x02", b"\xff"])
def test_results_of_no_receipt_are_refused(counts: bytes) -> None:
    def request(counts: bytes) -> bytes:
        receipts = [1, b"\x01", b"\x02", [b"hash"], [b"mac"], counts, [1, b"\x02", "parked", "approved"]]
        return msgspec.msgpack.encode(["s", 3, "", [0, b""], 0, None, None, receipts])

    assert isinstance(codec.decode(request(b"\x01")), SyncRequest)
    with pytest.raises(MessageError):
        codec.decode(request(counts))


@pytest.mark.parametrize(
    "bomb",
    [
        b"\xdd\xff\xff\xff\xff",
        b"\x96\xa1S\x01\xc0\xdd\xff\xff\xff\xff",
        b"\x98\xa1S\x01\xc0\xc0\xc0\xc0\xdd\x00\xff\xff\xff" + b"\xa0" * 100_000,
        b"\x96\xa1s\x03\xa0\x92\x00\xc6\xff\xff\xff\xff",
        b"\x91" * 1_000_000,
        b"\x81\xa1a" * 500_000,
        msgspec.msgpack.encode(["e", 1, "code", b"key", "", ["trailing"] * 200_000]),
        answer_with(count=MAX_ROWS, counts=MAX_VERSIONS),
        answer_with(count=MAX_ROWS, page_counts=b"\xff\xff\xff\x7f"),
    ],
    ids=["array", "pages", "names", "bytes", "nesting", "nested maps", "unknown fields", "versions", "records"],
)
def test_a_small_message_that_claims_much_takes_little_memory(bomb: bytes) -> None:
    assert peak_of(lambda: read_or_refuse(bomb)) < 4 << 20


def test_many_short_texts_are_refused_before_they_fill_the_memory() -> None:
    bomb = answer_with(units=[["ab"] * 4_000_000, b"\x00"])

    def read() -> None:
        with pytest.raises(MessageError):
            codec.decode(bomb)

    assert peak_of(read) < 4 << 20


def test_the_most_rows_that_a_few_bytes_may_claim_take_bounded_memory() -> None:
    many = {"counts": MAX_VERSIONS // MAX_ROWS, "numbers": bytes(MAX_VERSIONS)}
    bomb = answer_with(count=MAX_ROWS, **many)
    assert peak_of(lambda: read_or_refuse(bomb)) < 100 << 20


def peak_of(action: Callable[[], None]) -> int:
    """The most bytes of memory that `action` took at a time."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def page_of(count: int, content: str = "1") -> Page:
    records = [Record(KEY, (Head(Version(BRANCH, n), content, "An", n, n),)) for n in range(count)]
    return Page(COMMUNE, Origin.AS_SENT, records, Cursor(1, "t"), False)


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


@pytest.mark.parametrize(
    "message",
    [
        FileOffer(PROTOCOL, bytes(32), 5_000_000, 1 << 20, MAX_FILE_BYTES),
        FileHeld(1, 2, True),
        FileWant(PROTOCOL, bytes(32), 0, 1),
        FileBytes(1, bytes(MAX_FILE_BYTES)),
        FileQuery(PROTOCOL, [bytes(32)] * MAX_FILES),
        FileLack(1, bytes(MAX_FILES)),
    ],
)
def test_what_is_said_of_files_comes_as_it_was_said(message: Message) -> None:
    assert codec.decode(codec.encode(message)) == message


@pytest.mark.parametrize(
    "message",
    [
        FileOffer(PROTOCOL, bytes(32), 1, -1, 0),
        FileOffer(PROTOCOL, bytes(65), 1, 0, 0),
        FileOffer(PROTOCOL, bytes(32), 1, 0, MAX_FILE_BYTES + 1),
        FileWant(PROTOCOL, bytes(32), 2**63, 1),
        FileBytes(1, bytes(MAX_FILE_BYTES + 1)),
        FileQuery(PROTOCOL, [bytes(32)] * (MAX_FILES + 1)),
        FileLack(1, bytes(MAX_FILES + 1)),
    ],
)
def test_more_of_a_file_than_a_message_may_say_is_none(message: Message) -> None:
    with pytest.raises(MessageError):
        codec.decode(codec.encode(message))
