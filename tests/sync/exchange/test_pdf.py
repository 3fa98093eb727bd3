"""Pages of a PDF are drawn by another process, in bounds, and what is wrong with the file is told by its code."""

import multiprocessing
from collections.abc import Iterator

import pytest

from sync.domain.errors import EnvironmentFault
from sync.exchange import pdf
from sync.exchange.pdf import MOST_PIXELS, Page, Pages
from tests.desktop.drawn import pdf as paper

A4 = (595.0, 842.0)


@pytest.fixture(scope="module")
def two() -> Iterator[Pages]:
    pages = Pages(paper([A4, (842.0, 595.0)]), "a.pdf")
    yield pages
    pages.close()


def dark(page: Page) -> int:
    """Pixels that are not white."""
    return sum(page.pixels[at] < 128 for at in range(0, len(page.pixels), 4))


def test_every_page_is_drawn_into_what_it_shall_fit(two: Pages) -> None:
    assert two.count == 2
    upright, flat = two.draw(0, 600, 800), two.draw(1, 600, 800)
    assert abs(upright.height - 800) <= 1
    assert upright.width < 600
    assert abs(flat.width - 600) <= 1
    for page in (upright, flat):
        assert len(page.pixels) == page.width * page.height * 4
        assert 50 < dark(page) < len(page.pixels) / 8


def test_a_page_that_is_not_there_ends_nothing(two: Pages) -> None:
    with pytest.raises(EnvironmentFault, match="pdf_damaged"):
        two.draw(2, 600, 800)
    assert two.draw(0, 60, 80).height > 0


def test_a_page_of_enormous_size_is_drawn_in_bounds() -> None:
    pages = Pages(paper([(14_000.0, 14_000.0)]), "a.pdf")
    page = pages.draw(0, 100_000, 100_000)
    assert 0.9 * MOST_PIXELS < page.width * page.height < 1.01 * MOST_PIXELS
    pages.close()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "pdf_damaged"),
        (b"#!/bin/sh\n", "pdf_damaged"),
        (paper([A4])[:120], "pdf_damaged"),
        (b"%PDF-1.7\n" + bytes(3_000_000), "pdf_damaged"),
        (paper([A4], password="quangnam"), "pdf_password"),
    ],
)
def test_what_cannot_be_opened_is_told(data: bytes, code: str) -> None:
    before = multiprocessing.active_children()
    with pytest.raises(EnvironmentFault, match=code) as told:
        Pages(data, "a.pdf")
    assert told.value.details == {"file": "a.pdf"}
    assert multiprocessing.active_children() == before


def test_a_paper_locked_with_nothing_opens() -> None:
    """Many offices lock their papers against changes only: everybody may read them."""
    pages = Pages(paper([A4], password=""), "a.pdf")
    assert pages.count == 1
    pages.close()


def test_who_takes_too_long_is_ended(two: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_DRAW_S", 0.0)
    pages = Pages(paper([A4]), "a.pdf")
    with pytest.raises(EnvironmentFault, match="pdf_damaged"):
        pages.draw(0, 4000, 4000)
    assert two.count == 2
    assert len(multiprocessing.active_children()) == 1, "that of the other papers"


def test_closed_it_draws_nothing_more() -> None:
    pages = Pages(paper([A4]), "a.pdf")
    pages.close()
    with pytest.raises(EnvironmentFault, match="pdf_damaged"):
        pages.draw(0, 60, 80)
