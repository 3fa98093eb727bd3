"""Pictures become upright, small and silent; what is damaged or claims to be enormous is told by its code."""

from threading import Thread, current_thread

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtGui import QColor, QImage, QImageReader, QTransform
from PySide6.QtWidgets import QApplication

from desktop.widgets.pictures import MOST_PIXELS, check, prepare, prepare_pasted, read
from sync.domain.errors import EnvironmentFault
from tests.desktop.drawn import PLACE, encoded, gif, photo, png_that_claims, quarters, screen, taken

SIDE = 2048
CORNERS = ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))


def corners(image: QImage) -> list[str]:
    """The plain colour in the middle of each quarter."""

    def plain(at: tuple[float, float]) -> str:
        colour = image.pixelColor(round(at[0] * image.width()), round(at[1] * image.height()))
        return QColor(*(255 * (part > 127) for part in (colour.red(), colour.green(), colour.blue()))).name()

    return [plain(at) for at in CORNERS]


HELD = {
    1: QTransform(),
    2: QTransform().scale(-1, 1),
    3: QTransform().rotate(180),
    4: QTransform().scale(1, -1),
    5: QTransform().rotate(90).scale(1, -1),
    6: QTransform().rotate(-90),
    7: QTransform().rotate(-90).scale(1, -1),
    8: QTransform().rotate(90),
}
"""How the sensor sees what stands upright, by EXIF orientation (CIPA DC-008, tag 0x0112)."""


@pytest.mark.parametrize("orientation", HELD)
def test_a_photo_stands_upright_however_the_telephone_was_held(orientation: int) -> None:
    upright = quarters(320, 200)
    made = prepare("a.jpg", taken(upright.transformed(HELD[orientation]), orientation), SIDE)
    found = QImage.fromData(made.data)
    assert (found.width(), found.height()) == (320, 200)
    assert corners(found) == corners(upright)


@pytest.mark.parametrize("orientation", HELD)
def test_a_large_photo_is_scaled_in_its_own_proportions_whatever_its_orientation(orientation: int) -> None:
    upright = quarters(1600, 1000)
    data = taken(upright.transformed(HELD[orientation]), orientation)
    for found in (QImage.fromData(prepare("a.jpg", data, 400).data), read("a.jpg", data, 400)):
        assert (found.width(), found.height()) == (400, 250)
        assert corners(found) == corners(upright)


def test_place_of_taking_and_orientation_stay_behind() -> None:
    data = taken(photo(400, 300), 6)
    assert PLACE in data
    made = prepare("a.jpg", data, SIDE)
    assert PLACE not in made.data
    assert b"Exif" not in made.data
    noted = screen(40, 30)
    noted.setText("Comment", "21.0285N")
    assert b"21.0285N" in encoded(noted, "png")
    assert b"21.0285N" not in prepare("a.png", encoded(noted, "png"), SIDE).data


def test_a_small_picture_is_not_made_larger() -> None:
    found = QImage.fromData(prepare("a.jpg", taken(photo(300, 200)), SIDE).data)
    assert (found.width(), found.height()) == (300, 200)


@pytest.mark.parametrize(
    ("name", "form", "kept"),
    [
        ("IMG_1.JPEG", "jpeg", "IMG_1.JPEG"),
        ("ảnh chụp.webp", "webp", "ảnh chụp.jpg"),
        ("quet.bmp", "bmp", "quet.jpg"),
        ("photo.png", "png", "photo.jpg"),
        ("no ending", "jpeg", "no ending.jpg"),
        ("lies.pdf", "jpeg", "lies.jpg"),
    ],
)
def test_a_photo_of_any_kind_becomes_a_jpeg_and_its_ending_says_so(name: str, form: str, kept: str) -> None:
    made = prepare(name, encoded(photo(1200, 900), form), SIDE)
    assert made.name == kept
    assert made.data.startswith(b"\xff\xd8\xff")


def test_letters_of_a_screen_stay_sharp() -> None:
    shown = screen(1366, 768)
    made = prepare("a.png", encoded(shown, "png"), SIDE)
    assert made.name == "a.png"
    assert QImage.fromData(made.data).convertToFormat(shown.format()) == shown


def test_what_is_clear_stays_clear() -> None:
    seal = photo(200, 200).convertToFormat(QImage.Format.Format_ARGB32)
    seal.setPixelColor(0, 0, QColor(0, 0, 0, 0))
    made = prepare("dau.png", encoded(seal, "png"), SIDE)
    assert made.data.startswith(b"\x89PNG")
    assert QImage.fromData(made.data).pixelColor(0, 0).alpha() == 0


def test_a_pasted_picture_is_named_by_what_it_became() -> None:
    assert prepare_pasted("Ảnh dán", screen(1366, 768), SIDE).name == "Ảnh dán.png"
    large = prepare_pasted("Ảnh dán", photo(3000, 1500), SIDE)
    assert large.name == "Ảnh dán.jpg"
    assert QImage.fromData(large.data).width() == SIDE
    with pytest.raises(EnvironmentFault, match="picture_damaged"):
        prepare_pasted("Ảnh dán", QImage(), SIDE)


@pytest.mark.parametrize("frames", [1, 3])
def test_a_moving_picture_is_kept_as_it_begins(frames: int) -> None:
    made = prepare("a.gif", gif(frames), SIDE)
    assert made.name == "a.png"
    assert made.data.startswith(b"\x89PNG")


def test_a_line_of_pixels_is_a_picture() -> None:
    found = QImage.fromData(prepare("a.png", encoded(photo(9000, 2), "png"), 1000).data)
    assert (found.width(), found.height()) == (1000, 1)


def test_the_same_picture_gives_the_same_bytes() -> None:
    data = taken(photo(900, 700), 8)
    assert prepare("a.jpg", data, 500).data == prepare("b.jpg", data, 500).data


@pytest.mark.parametrize("side", [60_000, 10_000])
def test_a_bomb_is_told_before_a_pixel_of_it_is_read(side: int) -> None:
    bomb = png_that_claims(side, side)
    assert len(bomb) < 100
    for look in (lambda: prepare("a.png", bomb, SIDE), lambda: check("a.png", bomb), lambda: read("a.png", bomb, 96)):
        with pytest.raises(EnvironmentFault, match="picture_huge"):
            look()


def test_a_jpeg_that_claims_too_much_is_told() -> None:
    jpeg = bytearray(taken(photo(64, 64)))
    frame = jpeg.index(b"\xff\xc0") + 5
    jpeg[frame : frame + 4] = b"\xfd\xe8\xfd\xe8"  # 65,000 each way
    with pytest.raises(EnvironmentFault, match="picture_huge"):
        prepare("a.jpg", bytes(jpeg), SIDE)


@pytest.mark.parametrize("form", ["jpeg", "png", "webp", "bmp"])
@pytest.mark.parametrize("part", [0.02, 0.4, 0.9])
def test_a_cut_picture_is_damaged(form: str, part: float) -> None:
    data = encoded(photo(800, 600), form)
    cut = data[: int(len(data) * part)]
    for look in (lambda: prepare(f"a.{form}", cut, SIDE), lambda: check(f"a.{form}", cut)):
        with pytest.raises(EnvironmentFault, match="picture_damaged"):
            look()


def test_a_photo_with_its_small_one_inside_is_whole_only_with_its_own_end() -> None:
    """The end of a preview within the head is not the picture's, and a film behind the picture does not matter."""
    inner, outer = encoded(photo(40, 30), "jpeg"), encoded(photo(800, 600), "jpeg")
    head = b"\xff\xe1" + (len(inner) + 2).to_bytes(2) + inner
    whole = outer[:2] + head + outer[2:]
    check("a.jpg", whole + b"\xff\xda film \xff\xda")
    with pytest.raises(EnvironmentFault, match="picture_damaged"):
        check("a.jpg", whole[:-900])


@pytest.mark.parametrize("data", [b"", b"#!/bin/sh\nexit", b"<svg xmlns='http://www.w3.org/2000/svg' width='9'/>"])
def test_what_is_no_picture_is_damaged(data: bytes) -> None:
    with pytest.raises(EnvironmentFault, match="picture_damaged"):
        prepare("a.png", data, SIDE)


def test_the_limit_lies_below_what_qt_takes_in_one_piece() -> None:
    assert QImageReader.allocationLimit() << 20 >= MOST_PIXELS * 4


class Asked(QTranslator):
    """Notes what words are asked for beside the window's thread."""

    def __init__(self) -> None:
        super().__init__()
        self.beside: list[tuple[str, str]] = []

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        if current_thread().name == "beside":
            self.beside.append((context, text))
        return None


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "bmp", "gif"])
def test_no_words_are_asked_for_while_a_picture_is_opened_beside_the_window(qapp: QApplication, kind: str) -> None:
    """Qt holds a lock there for which the window may wait, with the interpreter in its hands: nobody would go on."""
    data = gif(1) if kind == "gif" else encoded(quarters(32, 20), kind)
    asked, sizes = Asked(), list[int]()
    qapp.installTranslator(asked)
    try:
        beside = Thread(target=lambda: sizes.append(read("a", data, 16).width()), name="beside")
        beside.start()
        beside.join()
    finally:
        qapp.removeTranslator(asked)
    assert sizes
    assert asked.beside == []
