"""Numbers in the two conventions: what is read, what is refused, and what is written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.domain.numbers import MAX_DIGITS, Convention, NumberError, format_number, parse_number

VI, EN = Convention.VIETNAMESE, Convention.ENGLISH
READABLE = st.decimals(
    min_value=Decimal(-(10**12)), max_value=Decimal(10**12), places=4, allow_nan=False, allow_infinity=False
)


@pytest.mark.parametrize(
    ("text", "convention", "number"),
    [
        ("72.595", VI, "72595"),
        ("72.595", EN, "72.595"),
        ("72,595", VI, "72.595"),
        ("72,595", EN, "72595"),
        ("1.234.567,8", VI, "1234567.8"),
        ("1,234,567.8", EN, "1234567.8"),
        ("1 234 567,8", VI, "1234567.8"),
        ("1\u00a0234", VI, "1234"),
        ("1\u202f234.5", EN, "1234.5"),
        ("  434\t", VI, "434"),
        ("\u00a0434\u00a0", VI, "434"),
        ("-5", VI, "-5"),
        ("−5,5", VI, "-5.5"),
        ("+5", VI, "5"),
        ("0", VI, "0"),
        ("007", VI, "7"),
        ("9" * MAX_DIGITS, VI, "9" * MAX_DIGITS),
    ],
)
def test_a_number_is_read_in_the_chosen_convention(text: str, convention: Convention, number: str) -> None:
    assert parse_number(text, convention) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "convention", "reason"),
    [
        ("", VI, "empty"),
        (" \u00a0", VI, "empty"),
        ("12.34", VI, "grouping"),
        ("12,34", EN, "grouping"),
        ("1.23.4", VI, "grouping"),
        ("1.23.4", EN, "decimal_mark"),
        ("0.123", VI, "grouping"),
        ("1234.567", VI, "grouping"),
        ("1 234.567", VI, "grouping"),
        ("1..234", VI, "grouping"),
        ("1,234.5", VI, "grouping"),
        ("1 23", VI, "grouping"),
        ("- 5", VI, "grouping"),
        ("1,2,3", VI, "decimal_mark"),
        (",5", VI, "decimal_mark"),
        ("5,", VI, "decimal_mark"),
        ("12a", VI, "character"),
        ("1e5", EN, "character"),
        ("NaN", EN, "character"),
        ("Infinity", EN, "character"),
        ("1_000", EN, "character"),
        ("--5", VI, "character"),
        ("5-", VI, "character"),
        ("12%", VI, "character"),
        ("１２", VI, "character"),
        ("٣", VI, "character"),
        ("²", VI, "character"),
        ("1\u200b2", VI, "character"),
        ("1\n2", VI, "character"),
        ("9" * (MAX_DIGITS + 1), VI, "too_long"),
        ("0," + "1" * (MAX_DIGITS + 1), VI, "too_long"),
        ("9" * 1_000_000, VI, "too_long"),
    ],
)
def test_what_is_no_number_is_refused_with_a_reason(text: str, convention: Convention, reason: str) -> None:
    with pytest.raises(NumberError) as caught:
        parse_number(text, convention)
    assert caught.value.reason == reason
    assert reason in NumberError.REASONS


@given(READABLE, st.sampled_from(Convention))
def test_what_is_written_reads_back(number: Decimal, convention: Convention) -> None:
    assert parse_number(format_number(number, convention), convention) == number


@given(st.text(alphabet="0123456789.,+- \u00a0−", max_size=24), st.sampled_from(Convention))
def test_any_text_is_a_number_or_refused(text: str, convention: Convention) -> None:
    try:
        number = parse_number(text, convention)
    except NumberError:
        return
    assert parse_number(format_number(number, convention), convention) == number


@given(READABLE)
def test_a_grouped_whole_number_never_means_two_things(number: Decimal) -> None:
    """What one convention writes, the other refuses or reads as another number, unless it is short and whole."""
    written = format_number(number, VI)
    try:
        other = parse_number(written, EN)
    except NumberError:
        return
    assert other != number or not set(written) & set(".,")


@pytest.mark.parametrize(
    ("number", "decimals", "vietnamese", "english"),
    [
        ("72595", None, "72.595", "72,595"),
        ("2.88", None, "2,88", "2.88"),
        ("4.125", 2, "4,13", "4.13"),
        ("-0.004", 2, "0,00", "0.00"),
        ("-1234.5", 1, "-1.234,5", "-1,234.5"),
        ("0", None, "0", "0"),
        ("-0", None, "0", "0"),
        ("1E+3", None, "1.000", "1,000"),
        ("5", 2, "5,00", "5.00"),
        ("999.995", 2, "1.000,00", "1,000.00"),
    ],
)
def test_numbers_are_written(number: str, decimals: int | None, vietnamese: str, english: str) -> None:
    assert format_number(Decimal(number), VI, decimals) == vietnamese
    assert format_number(Decimal(number), EN, decimals) == english
