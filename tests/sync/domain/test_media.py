"""Kinds of files by what they hold, whatever they are called."""

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.domain.media import Media, media_of

DOCX = "wordprocessingml.document"
XLSX = "spreadsheetml.sheet"
PPTX = "presentationml.presentation"


def zipped(parts: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def office(kind: str, more: str = "") -> bytes:
    main = f"application/vnd.openxmlformats-officedocument.{kind}.main+xml"
    types = f'<Types><Override PartName="/x.xml" ContentType="{main}"/>{more}</Types>'
    return zipped({"[Content_Types].xml": types.encode(), "x.xml": b"<x/>"})


def open_document(kind: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", "<x/>", zipfile.ZIP_DEFLATED)
    return out.getvalue()


def ole(*names: str, before: int = 0) -> bytes:
    """An OLE file whose folder begins in sector 1 and holds `before` other streams first."""
    streams = ["Root Entry", *(f"Ole{number}" for number in range(before)), *names]
    folder = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 2 * len(name) + 2) + bytes(62) for name in streams
    )
    sectors = -(-len(folder) // 512)
    chain = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE]
    table = struct.pack(f"<{len(chain)}L", *chain).ljust(512, b"\xff")
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<H", head, 30, 9)
    struct.pack_into("<L", head, 48, 1)
    struct.pack_into("<109L", head, 76, 0, *[0xFFFFFFFF] * 108)
    return bytes(head) + table + folder.ljust(sectors * 512, b"\0")


SAMPLES = {
    Media.PDF: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    Media.JPG: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    Media.PNG: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17),
    Media.WEBP: b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    Media.HEIC: b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
    Media.DOCX: office(DOCX),
    Media.XLSX: office(XLSX),
    Media.PPTX: office(PPTX),
    Media.ODT: open_document("text"),
    Media.ODS: open_document("spreadsheet"),
    Media.ODP: open_document("presentation"),
    Media.DOC: ole("WordDocument"),
    Media.XLS: ole("Workbook", before=20),
}


@pytest.mark.parametrize("media", Media)
def test_every_kind_is_known_by_its_content(media: Media) -> None:
    assert media_of(io.BytesIO(SAMPLES[media])) is media


def test_of_the_kinds_four_are_pictures() -> None:
    assert [media for media in Media if media.is_picture] == [Media.JPG, Media.PNG, Media.WEBP, Media.HEIC]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%",
        b"#!/bin/sh\n# %PDF-1.7\nrm -rf ~\n",
        b"<html><script>%PDF-1.7</script></html>",
        b"MZ\x90\x00" + bytes(60),
        b"GIF89a" + bytes(60),
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        b"\x00\x00\x00\x18ftypmp42" + bytes(20),
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        b"Rar!\x1a\x07\x00" + bytes(60),
        zipped({"a.txt": b"x"}),
        zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}),
        zipped({"mimetype": b"application/epub+zip"}, zipfile.ZIP_STORED),
        zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<x/>"}),
        office("wordprocessingml.template"),
        office(DOCX, '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'),
        zipped({"[Content_Types].xml": b'"application/vnd.ms-word.document.macroEnabled.main+xml"'}),
        office(DOCX)[:-30],
        b"PK\x03\x04" + bytes(200),
        b"PK\x03\x04" + bytes(200) + b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 65535, 65535, 1, 1, 0),
        ole("EncryptedPackage", "EncryptionInfo"),
        ole("WordDocument", "Macros"),
        ole("PowerPoint Document"),
        ole("WordDocument")[:600],
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(10),
    ],
)
def test_what_is_no_evidence_or_only_pretends_is_no_kind(content: bytes) -> None:
    assert media_of(io.BytesIO(content)) is None


def test_a_list_of_parts_that_unpacks_to_much_is_not_unpacked() -> None:
    bomb = zipped({"[Content_Types].xml": b" " * (64 << 20)})
    assert len(bomb) < 100_000
    assert media_of(io.BytesIO(bomb)) is None


def test_a_list_of_parts_that_is_longer_than_it_says_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file that is taken, a million parts would be read into memory before one is looked at."""
    many = bytearray(office(DOCX))
    with zipfile.ZipFile(io.BytesIO(many)) as archive:
        start = archive.start_dir
    one = bytes(many[start:-22])
    hostile = bytes(many[:start]) + one * 60_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(one) * 60_000, start, 0)
    zip64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 120_000, 120_000, len(one) * 60_000, start)
    where = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(hostile), 1)
    small = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, 100, start, 0)
    opened = []
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: opened.append(1))
    for content in (hostile + end, hostile + zip64 + where + small):
        assert media_of(io.BytesIO(content)) is None
    assert opened == []


def test_an_ole_folder_that_runs_in_a_circle_ends() -> None:
    round_and_round = bytearray(ole("A", "B", "C", "D", "E"))
    struct.pack_into("<L", round_and_round, 512 + 8, 1)
    assert media_of(io.BytesIO(bytes(round_and_round))) is None


@given(st.sampled_from(sorted(SAMPLES)), st.integers(0, 400), st.binary(max_size=60))
def test_no_bytes_make_it_fail(media: Media, at: int, damage: bytes) -> None:
    sample = SAMPLES[media]
    media_of(io.BytesIO(sample[:at] + damage + sample[at + len(damage) :]))
