"""What keeps files of evidence where they are: a line that is paid for by its bytes, and how much a person lets go."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QNetworkInformation

from desktop.widgets.preferences import Preferences
from sync.client.evidence import Limits


class FileLimits(QObject):
    """`changed` says that other files may be moved now than before. `now` may be asked for on any thread."""

    changed = Signal()

    def __init__(self, preferences: Preferences, parent: QObject) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.now = self._found()

    def watch(self, network: QNetworkInformation) -> None:
        """Follow the line in use."""
        network.isMeteredChanged.connect(self.look)
        self.look()

    @Slot()
    def look(self) -> None:
        """Something was chosen, or the line is another."""
        found = self._found()
        if found != self.now:
            self.now = found
            self.changed.emit()

    def _found(self) -> Limits:
        network = QNetworkInformation.instance()
        # A system that does not know counts as free: otherwise nothing would ever go there.
        metered = network is not None and network.isMetered() and not self._preferences.sends_metered
        return Limits(metered, self._preferences.day_megabytes * 1_000_000 or None)
