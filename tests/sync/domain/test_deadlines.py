"""A deadline's cell: written and read back, and what is none refused."""

from datetime import datetime

import pytest

from sync.domain.deadlines import Deadline
from sync.domain.values import CLEARED, ContentError

DUE = datetime.fromisoformat("2026-06-15T17:00+07:00")


def test_written_as_it_is_read() -> None:
    content = '{"due":"2026-06-15T17:00+07:00","source":"Công văn của UBND xã"}'
    assert Deadline.of(content) == Deadline(DUE, "Công văn của UBND xã")
    assert Deadline.of(content).content() == content


def test_the_source_may_be_unknown() -> None:
    assert Deadline.of('{"due":"2026-06-15T17:00+07:00"}').source == ""


@pytest.mark.parametrize(
    "content",
    [
        CLEARED,
        "5",
        "[]",
        "{}",
        '{"due":null}',
        '{"due":"15/06/2026"}',
        '{"due":"2026-06-15T17:00"}',
        '{"due":"9999-12-31T23:59-10:00"}',
        '{"due":"0001-01-01T00:00+10:00"}',
        '{"due":"0001-01-01T06:00+07:00"}',
        '{"due":"2026-06-15T17:00+07:00","source":1}',
        "{",
        "[" * 100_000,
    ],
)
def test_what_is_no_deadline_is_refused(content: str) -> None:
    with pytest.raises(ContentError):
        Deadline.of(content)
