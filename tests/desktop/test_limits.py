"""Files stay where they are on a line that is paid for and beyond a day's limit, as whoever is here chose."""

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from desktop import limits
from desktop.limits import FileLimits
from desktop.widgets.preferences import Preferences
from sync.client.evidence import Limits


class Network(QObject):
    """The line in use, as a system tells of it: none of those on which tests run is paid for."""

    isMeteredChanged = Signal(bool)  # noqa: N815 - Qt's name
    metered = False

    def isMetered(self) -> bool:
        return self.metered


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    found = Network()

    class Information:
        @staticmethod
        def instance() -> Network:
            return found

    monkeypatch.setattr(limits, "QNetworkInformation", Information)
    return found


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path)


def test_a_system_that_does_not_know_its_line_sends(qtbot: QtBot, preferences: Preferences) -> None:
    owner = QObject()
    assert FileLimits(preferences, owner).now == Limits(metered=False, day_bytes=None)


def test_a_line_that_is_paid_for_lets_files_wait_until_it_is_another(
    qtbot: QtBot, preferences: Preferences, network: Network
) -> None:
    owner = QObject()
    kept = FileLimits(preferences, owner)
    kept.watch(network)  # type: ignore[arg-type]
    with qtbot.waitSignal(kept.changed):
        network.metered = True
        network.isMeteredChanged.emit(True)
    assert kept.now.metered
    with qtbot.waitSignal(kept.changed):
        preferences.sends_metered = True
        kept.look()
    assert not kept.now.metered
    with qtbot.assertNotEmitted(kept.changed):
        network.metered = False
        network.isMeteredChanged.emit(False)


def test_a_limit_for_the_day_is_told_in_bytes(qtbot: QtBot, preferences: Preferences) -> None:
    owner = QObject()
    kept = FileLimits(preferences, owner)
    with qtbot.waitSignal(kept.changed):
        preferences.day_megabytes = 20
        kept.look()
    assert kept.now == Limits(day_bytes=20_000_000)
    with qtbot.assertNotEmitted(kept.changed):
        kept.look()
