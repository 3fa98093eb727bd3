"""Who a person is: an id, made once and never given again, and the name that is shown.

The id is the name that somebody was first given, in a spelling that nobody else has: a namesake gets words beside it,
such as the village. Whatever a person does bears their id; once their name was corrected it bears both, the name first,
so that old words keep their author, and new ones show the right name.
"""

from collections.abc import Iterable
from typing import Final

from sync.domain.text import nfc

MAX_NAME: Final = 90
"""Letters of a name: with the id beside it, an author is still one that every program carries."""

APART: Final = "~"
"""Stands between a name and the id, and in neither."""


def id_of(author: str) -> str:
    """Who an author is, whatever they are called."""
    return author.rpartition(APART)[2] or author


def is_one_hand(author: str, other: str) -> bool:
    """Whether two changes of one PC may be one person's: what nobody's name stands by is of whoever uses it."""
    return author == other or not author or not other or id_of(author) == id_of(other)


def name_of(author: str) -> str:
    """What an author is called."""
    return author.partition(APART)[0] or author


def author_of(person: str, name: str) -> str:
    """What is written by the person of this id when they are called so."""
    return person if name == person else f"{name}{APART}{person}"


def is_name(name: str) -> bool:
    """Whether somebody may be called so."""
    return (
        bool(name)
        and name == nfc(" ".join(name.split()))
        and name.isprintable()
        and APART not in name
        and len(name) <= MAX_NAME
    )


def alike(name: str) -> str:
    """The same for two spellings that one reads as the same name; accents tell names apart."""
    return nfc(" ".join(name.split())).casefold()


def among(authors: Iterable[str], name: str) -> str:
    """Who of these authors somebody is who is known by `name` or by their id; `name` itself where that is none."""
    known = list(authors)
    found = [author for author in known if id_of(author) == id_of(name)]
    found = found or [author for author in known if name_of(author) == name]
    return found[0] if len(found) == 1 else name
