"""Comments: the address of each, and what one may say."""

import pytest

from sync.domain.comments import MAX_LETTERS, Part, content_of, key_of, text_of
from sync.domain.keys import COMMENT, VALUE, Key, stream_of
from sync.domain.values import CLEARED, ContentError

ID = "019324c1-5a00-7000-8000-000000000201"
CELL = Key(VALUE, "48.20308.001", "village_ct01", "A2026Q2")


@pytest.mark.parametrize(
    ("breakdown", "part"), [("", ID), ("female", f"female/{ID}"), ("sex/female", f"sex/female/{ID}")]
)
def test_a_comment_lies_with_its_cell_and_names_the_breakdown(breakdown: str, part: str) -> None:
    about = CELL._replace(part=breakdown)
    key = key_of(about, ID)
    assert key == Key(COMMENT, CELL.unit, CELL.item, CELL.period, part)
    assert Part.of(key.part) == (breakdown, ID)
    assert stream_of(key) == stream_of(about)


@pytest.mark.parametrize("part", ["", "female", f"/{ID}", ID.upper(), f"{ID}/", f"{ID}/female", ID[:-1]])
def test_no_other_part_is_a_comments(part: str) -> None:
    with pytest.raises(ContentError):
        Part.of(part)


def test_a_comment_is_kept_in_one_spelling_without_blanks_around_it() -> None:
    typed = "  Sao la\u0323i ta\u0306ng?\nXem sổ.\n"
    assert content_of(typed) == '"Sao lại tăng?\\nXem sổ."'
    assert text_of(content_of(typed)) == "Sao lại tăng?\nXem sổ."


@pytest.mark.parametrize("text", ["", "   \n", "ô" * (MAX_LETTERS + 1)])
def test_nothing_and_too_much_is_no_comment(text: str) -> None:
    with pytest.raises(ValueError, match="letters"):
        content_of(text)


def test_the_longest_comment_is_one() -> None:
    assert text_of(content_of("ô" * MAX_LETTERS)) == "ô" * MAX_LETTERS


@pytest.mark.parametrize(
    "content",
    [CLEARED, "5", '""', '" a"', '"a', '{"text":"a"}', '"a\\u0300"', '"' + "a" * (MAX_LETTERS + 1) + '"', "[" * 15_000],
)
def test_a_withdrawn_or_misspelt_comment_says_nothing(content: str) -> None:
    with pytest.raises(ContentError):
        text_of(content)
