"""Ids and names of people, and their cells."""

import pytest

from sync.domain.authors import alike, among, author_of, id_of, is_name, name_of
from sync.domain.catalogue import Sensitivity
from sync.domain.persons import Person
from sync.domain.rights import Grant, Role
from sync.domain.values import ContentError

HELD = (Grant(Role.VILLAGE_ENTRY, "48.20308.001", Sensitivity.INTERNAL),)


def test_an_author_is_one_person_whatever_they_are_called() -> None:
    assert author_of("An", "An") == "An"
    corrected = author_of("An", "Ân")
    assert corrected == "Ân~An"
    assert (id_of("An"), name_of("An")) == ("An", "An")
    assert (id_of(corrected), name_of(corrected)) == ("An", "Ân")
    assert (id_of(""), name_of("")) == ("", "")


@pytest.mark.parametrize("name", ["", " An", "An ", "A  n", "A~n", "A\nn", "x" * 91, "a\u0302n"])
def test_nobody_is_called_so(name: str) -> None:
    assert not is_name(name)


def test_names_that_read_alike_are_alike_and_accents_tell_apart() -> None:
    assert is_name("Trần Thị Bình")
    assert alike("Trần  thị BÌNH") == alike("Trần Thị Bình") != alike("Trần Thị Binh")


def test_who_is_meant_among_some() -> None:
    authors = ("Ân~An", "Bình", "Bình (Thôn Một)")
    assert among(authors, "An") == among(authors, "Ân") == among(authors, "Ân~An") == "Ân~An"
    assert among(authors, "Bình") == "Bình"
    assert among(authors, "Chi") == "Chi"
    assert among(("Ân~An", "Ân~Binh"), "Ân") == "Ân"


@pytest.mark.parametrize(
    "person", [Person("An", "An", HELD), Person("An", "Ân", HELD), Person("An", "An", (), "48.20308"), Person("A", "B")]
)
def test_a_cell_says_what_was_decided(person: Person) -> None:
    assert Person.of(person.id, person.content()) == person


@pytest.mark.parametrize("content", ["", "{}", "1", '{"at":"","name":1,"grants":[]}', '{"at":"","name":"A"}', "[[1]]"])
def test_what_is_no_cell_is_refused(content: str) -> None:
    with pytest.raises(ContentError):
        Person.of("An", content)
