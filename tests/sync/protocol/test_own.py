"""What was pushed comes back by number: only what the device can make itself, and exactly that."""

import msgspec
import pytest

from sync.domain.keys import VALUE, Key
from sync.protocol.messages import Change, Cursor, Head, Origin, Page, Record, Subscription, Version
from sync.protocol.own import alone, by_number, whole

AT = 1_790_000_000
BRANCH = "a" * 28
FOLLOWED = Subscription("48.20308", "48.20308")


def change(n: int, item: str, extra: bytes = b"") -> Change:
    return Change(n, BRANCH, Key(VALUE, "48.20308.001", item, "A2026Q2"), str(n), (), "An", AT - n, "1", extra)


CHANGES = [change(1, "ct01"), change(2, "ct02", b"newer"), change(3, "ct03"), change(4, "ct01")]


def page(*records: Record) -> Page:
    return Page(FOLLOWED, Origin.AS_SENT, list(records), Cursor(2, "token"), False, b"12345678")


def test_a_record_that_a_change_alone_made_is_told_by_its_number() -> None:
    served = page(alone(CHANGES[1], AT), alone(CHANGES[2], AT), alone(CHANGES[3], AT))
    lean = by_number(served, CHANGES, AT)
    assert (lean.records, lean.own) == ([], [2, 3, 4])
    assert whole(lean, CHANGES, AT) == served


@pytest.mark.parametrize(
    "record",
    [
        alone(CHANGES[2], AT - 1),
        alone(CHANGES[0], AT),
        msgspec.structs.replace(alone(CHANGES[2], AT), prev=(Version(BRANCH, 1),)),
        msgspec.structs.replace(
            alone(CHANGES[2], AT), heads=(Head(Version("b" * 28, 1), "3", "An", 0, AT), *alone(CHANGES[2], AT).heads)
        ),
        alone(msgspec.structs.replace(CHANGES[2], author="Bình"), AT),
        alone(change(9, "ct09"), AT),
    ],
    ids=["of another time", "displaced by a later one", "replaced another", "beside another", "altered", "of another"],
)
def test_any_other_comes_whole(record: Record) -> None:
    served = page(record)
    assert by_number(served, CHANGES, AT) == served
    assert whole(served, CHANGES, AT) == served


def test_a_number_that_was_not_pushed_is_no_answer() -> None:
    with pytest.raises(KeyError):
        whole(msgspec.structs.replace(page(), own=[5]), CHANGES, AT)
