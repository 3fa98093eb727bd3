"""Where in the window something is: what a room asks the shell to open."""

from typing import NamedTuple


class Place(NamedTuple):
    """A room by name and, as far as known, the unit, form, period code, indicator (`item`) and task to show in it."""

    room: str
    unit: str = ""
    form: str = ""
    period: str = ""
    item: str = ""
    task: str = ""
