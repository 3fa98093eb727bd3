"""Pictures and PDFs made for tests: photographs, screenshots, papers, and what claims to be more than it is."""

import struct
import zlib
from hashlib import md5
from random import Random
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter

PLACE: Final = b"21.0285N 105.8542E"
"""Where a photograph says it was taken."""


def photo(width: int, height: int, seed: int = 1) -> QImage:
    """Soft patches of many colours, as a photograph has them."""
    small = max(2, width // 40), max(2, height // 40)
    patches = QImage(Random(seed).randbytes(small[0] * small[1] * 4), *small, QImage.Format.Format_RGB32)
    return patches.scaled(width, height, mode=Qt.TransformationMode.SmoothTransformation)


def screen(width: int, height: int) -> QImage:
    """Letters and lines on a plain ground, opaque in a format that could be clear."""
    drawn = QImage(width, height, QImage.Format.Format_ARGB32)
    drawn.fill(QColor("#F6F7F9"))
    painter = QPainter(drawn)
    for line in range(20, height, 24):
        painter.drawText(20, line, "Đã hướng dẫn 312 hộ cài VNeID, còn 18 hộ chưa có điện thoại")
    painter.end()
    return drawn


def quarters(width: int, height: int) -> QImage:
    """Red, green, blue and white from the top left, row by row, by which one sees how a picture was turned."""
    drawn = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(drawn)
    for place, colour in enumerate(("#FF0000", "#00FF00", "#0000FF", "#FFFFFF")):
        painter.fillRect((place % 2) * width // 2, (place // 2) * height // 2, width // 2, height // 2, QColor(colour))
    painter.end()
    return drawn


def encoded(image: QImage, form: str, quality: int = 90) -> bytes:
    """The picture as a file of `form`: jpeg, png, webp or bmp."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(form.encode()))
    writer.setQuality(-1 if form == "png" else quality)
    assert writer.write(image), writer.errorString()
    return bytes(buffer.data().data())


def taken(image: QImage, orientation: int = 1) -> bytes:
    """A JPEG of a telephone: it says how it was held, and where."""
    jpeg = encoded(image, "jpeg")
    told = struct.pack("<HHHII", 2, 0x0112, 3, 1, orientation)
    told += struct.pack("<HHII", 0x010E, 2, len(PLACE) + 1, 38) + bytes(4) + PLACE + b"\0"
    exif = b"Exif\0\0II*\0" + struct.pack("<I", 8) + told
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def png_that_claims(width: int, height: int) -> bytes:
    """A file of some sixty bytes that says it is so large a picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(b"\0")), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def gif(frames: int) -> bytes:
    """A GIF of one pixel, moving where it has more than one frame."""
    one = b"\x21\xf9\x04\x00\x0a\x00\x00\x00" + b"\x2c\0\0\0\0\x01\0\x01\0\0" + b"\x02\x02\x44\x01\x00"
    return b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0" + one * frames + b";"


def pdf(sizes: list[tuple[float, float]], password: str | None = None) -> bytes:
    """Pages of these sizes in points, with a line of words on each; with a password, locked by it."""
    pages = " ".join(f"{3 + 2 * place} 0 R" for place in range(len(sizes)))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{pages}] /Count {len(sizes)} >>"]
    for place, (width, height) in enumerate(sizes):
        words = f"BT /F1 24 Tf 40 {height - 60:g} Td (Trang {place + 1}) Tj ET"
        font = "<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
        box = f"/MediaBox [0 0 {width:g} {height:g}]"
        objects.append(f"<< /Type /Page /Parent 2 0 R {box} /Contents {4 + 2 * place} 0 R /Resources {font} >>")
        objects.append(f"<< /Length {len(words)} >>\nstream\n{words}\nendstream")
    trailer = f"/Size {len(objects) + 1} /Root 1 0 R"
    if password is not None:
        objects.append(_locked_by(password))
        trailer = f"/Size {len(objects) + 1} /Root 1 0 R /Encrypt {len(objects)} 0 R /ID [<{'00' * 16}> <{'00' * 16}>]"
    written, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    return written + f"{head}trailer\n<< {trailer} >>\nstartxref\n{len(written)}\n%%EOF\n".encode()


def _locked_by(password: str) -> str:
    """The entry of a PDF locked by 40-bit RC4, the first kind there was (ISO 32000-1, 7.6.3)."""
    filler = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    padded = (password.encode() + filler)[:32]
    owner = _rc4(md5(padded).digest()[:5], padded)
    key = md5(padded + owner + struct.pack("<i", -4) + bytes(16)).digest()[:5]
    return f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{owner.hex()}> /U <{_rc4(key, filler).hex()}> >>"


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    made, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        made.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(made)
