"""`bench signin`: from Enter on the sign-in page to the open store, against the bare Argon2id derivation it is set to.

The folder holds a filled store and two people; the page, its thread and the store are the program's own.
"""

import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from sync.store.people import People
from tests.bench.baselines import bare_derivation
from tests.bench.cell import filled
from tests.bench.figures import show

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

VALUES = 5_000
RUNS = 7
NAME, PASSWORD = "Nguyễn Thị Hoa", "con trau di truoc"


def main() -> None:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QApplication

    from desktop.widgets import theme

    qt = QApplication(["soxa", "-style", "fusion"])
    theme.apply(qt, "light", 100)
    with TemporaryDirectory() as name:
        folder, key = Path(name), bytes(range(32))
        filled(folder, VALUES, key).close()
        people = People(folder)
        people.let_in(key)
        people.put(NAME, PASSWORD)
        people.put("Trần Văn An", PASSWORD)
        # One after the other, so that both meet the same moments of a busy machine.
        pairs = [(signed_in_s(qt, folder), bare_derivation()) for _ in range(RUNS + 1)][1:]
    signed, bare = (median(times) for times in zip(*pairs, strict=True))
    rows = [
        ("Enter to the open store", f"{signed * 1000:.0f} ms"),
        ("bare Argon2id derivation", f"{bare * 1000:.0f} ms"),
    ]
    show(rows, {"signin_ratio": median(one / other for one, other in pairs)})


def signed_in_s(qt: "QApplication", folder: Path) -> float:
    """Seconds from the key to the store that is open for reading and typing."""
    from PySide6.QtCore import QEventLoop, Qt
    from PySide6.QtTest import QTest

    from desktop.shell.sign_in import SignIn
    from sync.store import Store

    people = People(folder)
    page = SignIn(folder, people, NAME)
    loop, ended = QEventLoop(), []

    def opened(name: str) -> None:
        assert people.key is not None
        store = Store.open(folder, people.key)
        store.sign_in(name)
        ended.append(perf_counter())
        store.close()
        loop.quit()

    page.signed_in.connect(opened)
    page.show()
    qt.processEvents()
    QTest.keyClicks(page.password, PASSWORD)
    began = perf_counter()
    QTest.keyClick(page.password, Qt.Key.Key_Return)
    loop.exec()
    page.close()
    page.deleteLater()
    return ended[0] - began


if __name__ == "__main__":
    main()
