"""Where in the window something is: what a room asks the shell to open."""

from typing import NamedTuple


class Place(NamedTuple):
    """A room by name and what it shall show: unit, form, period code, indicator, task; "" where open."""

    room: str
    unit: str = ""
    form: str = ""
    period: str = ""
    item: str = ""
    task: str = ""
