"""What the room remembers in this data folder's settings: the last place, how it was turned, and columns' widths."""

from PySide6.QtCore import QSettings

from desktop.entry.layout import Turn
from desktop.widgets.place import Place

_PARTS = ("form", "period", "unit", "item")


class Keeping:
    """Reads and writes the settings; what cannot be read counts as never kept."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def place(self, room: str) -> Place:
        """Where the person was last."""
        form, period, unit, item = (str(self._settings.value(f"entry/{part}", "")) for part in _PARTS)
        return Place(room, unit=unit, form=form, period=period, item=item)

    def keep_place(self, place: Place) -> None:
        for part, value in zip(_PARTS, (place.form, place.period, place.unit, place.item), strict=True):
            self._settings.setValue(f"entry/{part}", value)

    def turn(self) -> Turn:
        """How the grid was turned last."""
        kept = str(self._settings.value("entry/turn", ""))
        return Turn(kept) if kept in tuple(Turn) else Turn.UNITS

    def keep_turn(self, turn: Turn) -> None:
        self._settings.setValue("entry/turn", str(turn))

    def switch(self, name: str) -> bool:
        """Whether a switch of the bar is on, as it is at first."""
        return self._settings.value(f"entry/{name}", True, bool) is True

    def keep_switch(self, name: str, on: bool) -> None:
        if on != self.switch(name):  # else every start would write the file, while the person waits
            self._settings.setValue(f"entry/{name}", on)

    def widths(self, form: str, turn: Turn) -> dict[int, int]:
        """The columns' widths that a person gave a form so turned, in pixels."""
        kept = str(self._settings.value(f"entry/widths/{form}/{turn}", ""))
        pairs = (pair.split(":") for pair in kept.split())
        return {int(pair[0]): int(pair[1]) for pair in pairs if len(pair) == 2 and all(map(str.isdecimal, pair))}

    def keep_widths(self, form: str, turn: Turn, widths: dict[int, int]) -> None:
        kept = " ".join(f"{column}:{width}" for column, width in widths.items())
        self._settings.setValue(f"entry/widths/{form}/{turn}", kept)
