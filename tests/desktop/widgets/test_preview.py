"""Files are looked at in the window: pictures near and far, papers page by page, and for the rest a card and a copy."""

import multiprocessing
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.widgets import work
from desktop.widgets.preview import MOST_SIDE, Doors, Preview, Viewed
from desktop.widgets.words import say
from sync.domain.errors import EnvironmentFault
from sync.domain.media import Media
from tests.desktop.drawn import encoded, pdf, photo, png_that_claims, screen, taken

A4 = (595.0, 842.0)
OPEN_MS = 20_000


class Shelf:
    """Files in memory, and the copies that were written of them."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.fault: EnvironmentFault | None = None

    def put(self, name: str, media: Media, data: bytes) -> Viewed:
        hashed = sha256(data).hexdigest()
        self.files[hashed] = data
        return Viewed(hashed, name, media, len(data))

    def read(self, hashed: str) -> bytes:
        return self.files[hashed]

    def write(self, hashed: str, path: Path) -> None:
        if self.fault:
            raise self.fault
        path.write_bytes(self.files[hashed])

    @property
    def doors(self) -> Doors:
        return Doors(self.read, self.write)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


Show = Callable[..., Preview]


@pytest.fixture
def show(qtbot: QtBot, shelf: Shelf) -> Iterator[Show]:
    opened: list[Preview] = []

    def it(*files: Viewed, at: int = 0) -> Preview:
        preview = Preview(files, at, shelf.doors)
        preview.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(preview)
        preview.show()
        opened.append(preview)
        return preview

    yield it
    for one in opened:
        one.close()
    qtbot.waitUntil(lambda: not work._running, timeout=OPEN_MS)
    assert not multiprocessing.active_children(), "every PDF is let go"


def wait_seen(qtbot: QtBot, preview: Preview) -> None:
    qtbot.waitUntil(preview.view.isVisible, timeout=OPEN_MS)


def shown_size(preview: Preview) -> tuple[int, int]:
    scene = preview.view.sceneRect()
    return round(scene.width()), round(scene.height())


def test_a_picture_fits_in_and_comes_nearer_by_keys_and_wheel(qtbot: QtBot, shelf: Shelf, show: Show) -> None:
    preview = show(shelf.put("ảnh.jpg", Media.JPG, taken(photo(3000, 2000), 6)))
    wait_seen(qtbot, preview)
    assert shown_size(preview) == (2000, 3000), "upright"
    fitted = preview.view.percent
    assert fitted < 100
    assert preview.view.hasFocus()
    QTest.keyClick(preview.view, Qt.Key.Key_Plus)
    nearer = preview.view.percent
    assert nearer > fitted
    assert preview.percent.text() == f"{nearer} %"
    QTest.keyClick(preview.view, Qt.Key.Key_1)
    assert preview.view.percent == 100
    QTest.keyClick(preview.view, Qt.Key.Key_Minus)
    assert preview.view.percent == 80
    QTest.keyClick(preview.view, Qt.Key.Key_0)
    assert preview.view.percent == fitted
    roll(preview, 120)
    assert preview.view.percent > fitted
    for _ in range(40):
        roll(preview, 120)
    assert preview.view.percent == 800
    preview.buttons["fit"].click()
    assert preview.view.percent == fitted
    preview.resize(preview.width() // 2, preview.height() // 2)
    assert preview.view.percent < fitted, "what fits in fits in again"


def roll(preview: Preview, notch: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    at = QPointF(preview.view.viewport().rect().center())
    event = QWheelEvent(
        at, preview.view.viewport().mapToGlobal(at), QPoint(), QPoint(0, notch), Qt.MouseButton.NoButton, keys,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(preview.view.viewport(), event)


def test_a_small_picture_is_not_blown_up(qtbot: QtBot, shelf: Shelf, show: Show) -> None:
    preview = show(shelf.put("a.png", Media.PNG, encoded(screen(200, 100), "png")))
    wait_seen(qtbot, preview)
    assert preview.view.percent == 100


def test_a_picture_of_a_hundred_million_pixels_is_looked_at_in_bounds(qtbot: QtBot, shelf: Shelf, show: Show) -> None:
    preview = show(shelf.put("a.jpg", Media.JPG, encoded(photo(9000, 6000), "jpeg")))
    wait_seen(qtbot, preview)
    assert max(shown_size(preview)) == MOST_SIDE


def test_a_paper_is_read_page_by_page(qtbot: QtBot, shelf: Shelf, show: Show) -> None:
    preview = show(shelf.put("QĐ 15.pdf", Media.PDF, pdf([A4, A4, (842.0, 595.0)])))
    wait_seen(qtbot, preview)
    assert preview.place.text() == "Trang 1/3"
    assert not preview.buttons["page_before"].isEnabled()
    upright = shown_size(preview)
    assert upright[0] < upright[1]
    QTest.keyClick(preview.view, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: preview.place.text() == "Trang 2/3", timeout=OPEN_MS)
    preview.buttons["page_after"].click()
    qtbot.waitUntil(lambda: preview.place.text() == "Trang 3/3", timeout=OPEN_MS)
    assert not preview.buttons["page_after"].isEnabled()
    assert shown_size(preview)[0] > shown_size(preview)[1]
    QTest.keyClick(preview.view, Qt.Key.Key_PageDown)
    assert preview.place.text() == "Trang 3/3"
    near = preview.view.percent
    roll(preview, 120)
    assert preview.view.percent == near, "the wheel moves a paper"
    roll(preview, 120, Qt.KeyboardModifier.ControlModifier)
    assert preview.view.percent > near


def test_who_turns_fast_sees_the_last_page_that_they_asked_for(qtbot: QtBot, shelf: Shelf, show: Show) -> None:
    preview = show(shelf.put("a.pdf", Media.PDF, pdf([A4] * 9)))
    wait_seen(qtbot, preview)
    for _ in range(8):
        QTest.keyClick(preview.view, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: preview.place.text() == "Trang 9/9", timeout=OPEN_MS)


def test_the_next_file_is_one_key_away(qtbot: QtBot, shelf: Shelf, show: Show) -> None:
    files = (
        shelf.put("1.png", Media.PNG, encoded(screen(300, 200), "png")),
        shelf.put("2.docx", Media.DOCX, b"PK of no interest"),
        shelf.put("3.pdf", Media.PDF, pdf([A4])),
    )
    preview = show(*files)
    wait_seen(qtbot, preview)
    assert not preview.buttons["before"].isEnabled()
    QTest.keyClick(preview.view, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert preview.shown == files[1]
    assert not preview.view.isVisible()
    assert preview.said.text() == say("widgets.preview.other")
    assert "Văn bản Word" in preview.about.text()
    assert "tệp 2/3" in preview.about.text()
    QTest.keyClick(preview, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    wait_seen(qtbot, preview)
    assert preview.shown == files[2]
    assert not preview.place.isVisible(), "one page needs no pages"
    QTest.keyClick(preview.view, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert not multiprocessing.active_children(), "a paper that is not looked at any more is let go"


@pytest.mark.parametrize(
    ("name", "media", "data", "code"),
    [
        ("a.pdf", Media.PDF, b"%PDF-1.4 and no more", "pdf_damaged"),
        ("a.pdf", Media.PDF, pdf([A4], "khoa"), "pdf_password"),
        ("a.png", Media.PNG, png_that_claims(60_000, 60_000), "picture_huge"),
        ("a.jpg", Media.JPG, encoded(photo(300, 200), "jpeg")[:-900], "picture_damaged"),
    ],
)
def test_what_cannot_be_shown_is_told_and_can_be_saved(
    qtbot: QtBot, shelf: Shelf, show: Show, name: str, media: Media, data: bytes, code: str
) -> None:
    preview = show(shelf.put(name, media, data))
    qtbot.waitUntil(preview.fault.isVisible, timeout=OPEN_MS)
    assert preview.fault.accessibleName() == say(f"errors.{code}.title")
    assert not preview.view.isVisible()
    assert preview.buttons["save"].isEnabled()


def test_a_heic_is_kept_and_not_shown(shelf: Shelf, show: Show) -> None:
    preview = show(shelf.put("IMG_1.heic", Media.HEIC, b"\0\0\0\x18ftypheic"))
    assert preview.said.text() == say("widgets.preview.other")


def test_a_copy_says_what_whoever_holds_it_owes_it(qtbot: QtBot, shelf: Shelf, show: Show, tmp_path: Path) -> None:
    file = shelf.put("Bảng.xlsx", Media.XLSX, b"PK")
    preview = show(file)
    preview.save(tmp_path / "ra.xlsx")
    qtbot.waitUntil(lambda: bool(preview.note.text()))
    assert (tmp_path / "ra.xlsx").read_bytes() == b"PK"
    assert preview.note.text() == say("widgets.preview.saved", file="ra.xlsx")
    shelf.fault = EnvironmentFault("file_unwritable", file="ra.xlsx")
    preview.save(tmp_path / "ra.xlsx")
    qtbot.waitUntil(lambda: say("errors.file_unwritable.way_out") in preview.note.text())


def test_closed_while_it_opens_it_leaves_nothing(qtbot: QtBot, shelf: Shelf, show: Show) -> None:
    preview = show(shelf.put("a.pdf", Media.PDF, pdf([A4])))
    assert work._running
    preview.close()
    qtbot.waitUntil(lambda: not work._running, timeout=OPEN_MS)
    assert not multiprocessing.active_children()


def test_a_name_of_120_letters_does_not_widen_the_window(shelf: Shelf, show: Show) -> None:
    short = show(shelf.put("a.docx", Media.DOCX, b"PK"))
    long = show(shelf.put("Báo cáo " * 14 + ".docx", Media.DOCX, b"PK2"))
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    assert long.width() == short.width()
    assert long.minimumSizeHint().width() <= short.minimumSizeHint().width() + long.name.sizeHint().width()


def test_everything_has_a_name_to_be_read_out(shelf: Shelf, show: Show) -> None:
    preview = show(shelf.put("a.docx", Media.DOCX, b"PK"))
    assert preview.view.accessibleName()
    assert all(button.accessibleName() for button in preview.buttons.values())
