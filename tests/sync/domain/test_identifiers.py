"""Identifiers are UUIDs of version 7: they carry the clock they were given, and sort by it."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from sync.domain.identifiers import is_uuid, made_at, uuid7

AT = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)


def test_the_example_of_the_standard() -> None:
    # RFC 9562, appendix A.6: unix_ts_ms 0x017F22E279B0, rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F
    given = {12: 0xCC3, 62: 0x18C4DC0C0C07398F}
    assert uuid7(AT, given.__getitem__) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_later_ones_sort_behind_earlier_ones() -> None:
    made = [uuid7(AT + timedelta(milliseconds=step)) for step in range(200)]
    assert made == sorted(made)
    assert len(set(made)) == 200


def test_version_and_variant_hold_whatever_the_random_bits() -> None:
    for bits in (lambda count: 0, lambda count: (1 << count) - 1):
        made = UUID(uuid7(AT, bits))
        assert made.version == 7
        assert made.variant == RFC_4122


def test_two_at_the_same_moment_differ() -> None:
    assert len({uuid7(AT) for _ in range(1000)}) == 1000


def test_a_clock_before_1970_still_gives_one() -> None:
    assert UUID(uuid7(datetime(1960, 1, 1, tzinfo=UTC))).int >> 80 == 0


def test_only_the_one_written_form_is_an_identifier() -> None:
    made = uuid7(datetime(2026, 11, 20, tzinfo=UTC))
    assert is_uuid(made)
    assert not any(is_uuid(other) for other in ("", "1", made.upper(), made.replace("-", ""), f"{{{made}}}"))


def test_an_identifier_says_when_it_was_made() -> None:
    at = datetime(2026, 11, 21, 2, 3, 4, 567_000, tzinfo=UTC)
    assert made_at(uuid7(at)) == at
    assert made_at("ffffffff-ffff-7fff-bfff-ffffffffffff") is not None, "a clock gone wild is no bug of ours"
    assert made_at("019324c1-5a00-4000-8000-000000000001") is None
    assert made_at("x") is None
