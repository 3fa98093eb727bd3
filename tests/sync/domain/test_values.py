"""What a cell holds: one spelling for one value, null told from 0, and nothing but canonical contents read."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.domain.values import (
    CLEARED,
    DOES_NOT_APPLY,
    EMPTY,
    MAX_NUMBER,
    MISSING_REASONS,
    NOT_COLLECTED,
    ContentError,
    Value,
    canonical,
    plain,
)


def said(**parts: Any) -> Value:
    """With these parts alone: asked for a Value, Hypothesis would fill in all the others too."""
    return Value(**parts)


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18, places=4)
NOTES = st.text(max_size=20)
VALUES = st.one_of(
    st.just(EMPTY),
    st.builds(said, number=NUMBERS, note=NOTES),
    st.builds(said, text=st.text(max_size=40), note=NOTES),
    st.builds(said, missing=st.sampled_from(MISSING_REASONS), note=NOTES),
    st.builds(said, raw=st.text(max_size=40), note=NOTES),
    st.builds(said, note=NOTES),
)


@pytest.mark.parametrize(
    ("value", "content"),
    [
        (EMPTY, "null"),
        (Value(number=Decimal(434)), "434"),
        (Value(number=Decimal("2.88")), "2.88"),
        (Value(number=Decimal(0)), "0"),
        (Value(number=Decimal("-0.00")), "0"),
        (Value(number=Decimal("2.50")), "2.5"),
        (Value(number=Decimal("1E+2")), "100"),
        (Value(number=Decimal("-1E-3")), "-0.001"),
        (Value(number=Decimal("999999999999999999")), "999999999999999999"),
        (Value(missing=NOT_COLLECTED), '{"missing":"not_collected"}'),
        (Value(missing=DOES_NOT_APPLY), '{"missing":"does_not_apply"}'),
        (Value(raw="12a"), '{"raw":"12a"}'),
        (Value(text="đã xong"), '"đã xong"'),
        (Value(text=""), '""'),
        (Value(text="dòng 1\ndòng 2"), '"dòng 1\\ndòng 2"'),
        (Value(number=Decimal(434), note="sổ thôn"), '{"note":"sổ thôn","number":434}'),
        (Value(text="đã xong", note="x"), '{"note":"x","text":"đã xong"}'),
        (Value(note="chưa rõ"), '{"note":"chưa rõ"}'),
    ],
)
def test_a_value_has_this_one_content(value: Value, content: str) -> None:
    assert value.content() == content
    assert Value.of(content) == value


@given(value=VALUES)
def test_every_value_comes_back_from_its_content(value: Value) -> None:
    content = value.content()
    assert Value.of(content) == value
    assert Value.of(content).content() == content
    json.loads(content)


@given(digits=st.integers(-(10**30), 10**30), exponent=st.integers(-12, 12))
def test_equal_numbers_have_one_spelling(digits: int, exponent: int) -> None:
    number = Decimal(digits).scaleb(exponent)
    assert plain(number) == plain(number.normalize()) == plain(number + Decimal("0.000"))
    assert Decimal(plain(number)) == number


def test_null_is_not_zero_and_a_reason_is_neither() -> None:
    assert len({EMPTY.content(), Value(number=Decimal(0)).content(), Value(missing=NOT_COLLECTED).content()}) == 3
    assert Value.of(CLEARED).is_empty
    assert not Value.of("0").is_empty
    assert not Value.of('{"missing":"not_collected"}').is_empty
    assert not Value.of('""').is_empty
    assert Value.of('{"note":"chưa rõ"}').is_empty


def test_a_number_passes_no_float() -> None:
    for written in ("0.1", "123456789012345678.9", "9007199254740993"):
        assert Value.of(written).content() == written
        assert Value.of(f'{{"note":"x","number":{written}}}').content() == f'{{"note":"x","number":{written}}}'


@pytest.mark.parametrize(
    "content",
    [
        "",
        " ",
        "nul",
        "true",
        "false",
        "[]",
        "[1]",
        "{",
        "NaN",
        "Infinity",
        "-Infinity",
        '{"number":NaN}',
        "1e5",
        "1E+5",
        "1e999999999",
        "1e99999999999999999999999999",
        "1e-99999999999999999999999999",
        '{"number":1e999999999}',
        "1" * (MAX_NUMBER + 1),
        "0." + "1" * MAX_NUMBER,
        '{"number":"434"}',
        '{"number":true}',
        '{"number":null}',
        '{"text":1}',
        '{"note":1}',
        '{"missing":"whatever"}',
        '{"missing":""}',
        '{"missing":["not_collected"]}',
        '{"number":1,"missing":"not_collected"}',
        '{"number":1,"text":"a"}',
        '{"text":"a","raw":"b"}',
        '{"other":1}',
        '"unfinished',
        "01",
        ".5",
        "5.",
        "1,5",
        "0x10",
        "<html>",
        "[" * 100_000,
        '{"note":' * 100_000,
    ],
)
def test_what_is_no_content_is_refused(content: str) -> None:
    with pytest.raises(ContentError):
        Value.of(content)


@given(junk=st.text(max_size=40))
def test_any_text_is_a_content_or_is_refused(junk: str) -> None:
    try:
        value = Value.of(junk)
    except ContentError:
        return
    assert Value.of(value.content()) == value


def test_canonical_sorts_names_and_leaves_vietnamese_letters() -> None:
    assert canonical({"words": "Đã họp", "date": "2026-11-20", "percent": 60}) == (
        '{"date":"2026-11-20","percent":60,"words":"Đã họp"}'
    )
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical(float("nan"))
