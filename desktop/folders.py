"""Which data folder is opened: the one of the command line, else the one chosen for the next start, else the user's."""

from pathlib import Path

from PySide6.QtCore import QSettings, QStandardPaths

_CHOSEN = "data_folder"


def folder_to_open(given: Path | None) -> Path:
    """The folder for this start, which may not exist yet."""
    if given:
        return given
    chosen = str(_file().value(_CHOSEN, ""))
    if chosen:
        return Path(chosen)
    home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    return Path(home) / "soxa"


def choose_next_folder(folder: Path) -> None:
    """Open `folder` from the next start on."""
    _file().setValue(_CHOSEN, str(folder))


def _file() -> QSettings:
    """The user's own settings, beside no data folder."""
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "soxa", "soxa")
