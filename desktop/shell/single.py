"""One window for each data folder: a second start raises the first one's window and ends."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QLockFile, QObject, Signal, Slot

from sync.domain.hashes import blake2b

FILE: Final = "soxa.lock"
_ANSWER_MS: Final = 2000


class Single(QObject):
    """Holds the folder's lock while the program runs; `raised` when another start knocked."""

    raised = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = "soxa-" + blake2b(str(folder.resolve()).encode(), digest_size=12).hexdigest()
        self._lock = QLockFile(str(folder / FILE))
        # A lock is stale only when its process is gone, however long a window stays open.
        self._lock.setStaleLockTime(0)

    def is_first(self) -> bool:
        """Take the lock. False when another program holds it, or when the folder cannot be written."""
        return self._lock.tryLock(0)

    def is_taken(self) -> bool:
        """Whether it was another start that kept us from the lock."""
        return self._lock.error() == QLockFile.LockError.LockFailedError

    def knock(self) -> bool:
        """Ask the first start to show its window; False when it does not answer."""
        from PySide6.QtNetwork import QLocalSocket

        line = QLocalSocket()
        line.connectToServer(self._name)
        if not line.waitForConnected(_ANSWER_MS):
            return False
        line.disconnectFromServer()
        return True

    def listen(self) -> None:
        """Hear later starts; called after the first paint, since only they need it."""
        from PySide6.QtNetwork import QLocalServer

        QLocalServer.removeServer(self._name)  # left behind by a power failure; the lock says that we are first
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._knocked)
        self._server.listen(self._name)

    @Slot()
    def _knocked(self) -> None:
        caller = self._server.nextPendingConnection()
        caller.disconnected.connect(caller.deleteLater)
        self.raised.emit()

    def release(self) -> None:
        """Let another start take the folder."""
        self._lock.unlock()
