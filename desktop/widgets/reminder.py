"""Something that a person should hear of even while the window is out of sight."""

from typing import NamedTuple

from desktop.widgets.place import Place


class Reminder(NamedTuple):
    """`token` names what it is about: of each token a person is told once."""

    token: str
    title: str
    text: str
    place: Place
