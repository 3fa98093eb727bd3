"""What a person chose for this data folder: language, theme, text size, working offline, the window's place."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QSettings

from desktop.widgets import theme, words

FILE: Final = "soxa.ini"
TEXT_PERCENTS: Final = (100, 125, 150, 175, 200)


class Preferences:
    """The settings file of one data folder. A value that cannot be read counts as not set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = QSettings(str(folder / FILE), QSettings.Format.IniFormat)

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
        return str(self.file.value("room", ""))

    @room.setter
    def room(self, name: str) -> None:
        self.file.setValue("room", name)

    @property
    def geometry(self) -> QByteArray:
        """Where the window stood; empty before the first time."""
        found = self.file.value("geometry")
        return found if isinstance(found, QByteArray) else QByteArray()

    @geometry.setter
    def geometry(self, stood: QByteArray) -> None:
        self.file.setValue("geometry", stood)
