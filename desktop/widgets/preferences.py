"""What a person chose for this data folder: language, theme, text size, working offline, the window's place."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QSettings

from desktop.widgets import theme, words

FILE: Final = "soxa.ini"
TEXT_PERCENTS: Final = (100, 125, 150, 175, 200)
IDLE_MINUTES: Final = (5, 10, 15, 30)
PICTURE_SIDES: Final = (1280, 2048, 3072)
"""Pixels of a picture's longer side as evidence: enough for a screen, for a page of letters, for an A3 page."""

DAY_MEGABYTES: Final = (20, 100, 500, 0)
"""How much of files may be moved in a day; 0 for any."""


class Preferences:
    """The settings file of one data folder. A value that cannot be read counts as not set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = QSettings(str(folder / FILE), QSettings.Format.IniFormat)
        self.personal = self.file
        """The part of the file for who is here now: the places where they were last."""

    def work_for(self, person: str) -> None:
        """Keep places for this person from now on."""
        self.personal = QSettings(str(self.folder / FILE), QSettings.Format.IniFormat)
        # A name may hold a stroke, which the file takes for a folder.
        self.personal.beginGroup(f"person-{person.encode().hex()}")

    @property
    def language(self) -> str:
        found = str(self.file.value("language", ""))
        return found if found in words.LANGUAGES else words.LANGUAGES[0]

    @language.setter
    def language(self, chosen: str) -> None:
        self.file.setValue("language", chosen)

    @property
    def theme(self) -> str:
        found = str(self.file.value("theme", ""))
        return found if found in theme.THEMES else theme.SYSTEM

    @theme.setter
    def theme(self, chosen: str) -> None:
        self.file.setValue("theme", chosen)

    @property
    def text_percent(self) -> int:
        found = str(self.file.value("text_percent", ""))
        return int(found) if found.isascii() and found.isdigit() and int(found) in TEXT_PERCENTS else 100

    @text_percent.setter
    def text_percent(self, chosen: int) -> None:
        self.file.setValue("text_percent", chosen)

    @property
    def offline(self) -> bool:
        """Whether the person chose to work offline."""
        return str(self.file.value("offline", "")).lower() == "true"

    @offline.setter
    def offline(self, chosen: bool) -> None:
        self.file.setValue("offline", chosen)

    @property
    def own_name(self) -> str:
        """What the person called their unit before it was enrolled; "" if never asked."""
        return str(self.file.value("own_name", ""))

    @own_name.setter
    def own_name(self, name: str) -> None:
        self.file.setValue("own_name", name)

    @property
    def room(self) -> str:
        """The room that was open last, which the next start opens; "" before the first."""
        return str(self.personal.value("room", ""))

    @room.setter
    def room(self, name: str) -> None:
        if name != self.room:  # else every start would write the file, while the person waits
            self.personal.setValue("room", name)

    @property
    def person(self) -> str:
        """Who signed in last; "" for nobody."""
        return str(self.file.value("person", ""))

    @person.setter
    def person(self, name: str) -> None:
        self.file.setValue("person", name)

    @property
    def idle_minutes(self) -> int:
        """How long nobody touches anything until it is locked."""
        found = str(self.file.value("idle_minutes", ""))
        return int(found) if found.isascii() and found.isdigit() and int(found) in IDLE_MINUTES else 10

    @idle_minutes.setter
    def idle_minutes(self, chosen: int) -> None:
        self.file.setValue("idle_minutes", chosen)

    @property
    def picture_side(self) -> int:
        """How large pictures are attached, in pixels of their longer side."""
        found = str(self.file.value("picture_side", ""))
        return int(found) if found.isascii() and found.isdigit() and int(found) in PICTURE_SIDES else 2048

    @picture_side.setter
    def picture_side(self, chosen: int) -> None:
        self.file.setValue("picture_side", chosen)

    @property
    def keep_originals(self) -> bool:
        """Whether pictures are attached as they are."""
        return str(self.file.value("keep_originals", "")).lower() == "true"

    @keep_originals.setter
    def keep_originals(self, chosen: bool) -> None:
        self.file.setValue("keep_originals", chosen)

    @property
    def sends_metered(self) -> bool:
        """Whether files are sent over a line that is paid for by its bytes."""
        return str(self.file.value("sends_metered", "")).lower() == "true"

    @sends_metered.setter
    def sends_metered(self, chosen: bool) -> None:
        self.file.setValue("sends_metered", chosen)

    @property
    def day_megabytes(self) -> int:
        """How many megabytes of files may be moved in a day; 0 for any."""
        found = str(self.file.value("day_megabytes", ""))
        return int(found) if found.isascii() and found.isdigit() and int(found) in DAY_MEGABYTES else 0

    @day_megabytes.setter
    def day_megabytes(self, chosen: int) -> None:
        self.file.setValue("day_megabytes", chosen)

    @property
    def geometry(self) -> QByteArray:
        """Where the window stood; empty before the first time."""
        found = self.file.value("geometry")
        return found if isinstance(found, QByteArray) else QByteArray()

    @geometry.setter
    def geometry(self, stood: QByteArray) -> None:
        self.file.setValue("geometry", stood)
