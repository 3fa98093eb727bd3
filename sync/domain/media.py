"""What kind of file some bytes are, by what they say themselves: a name proves nothing.

Only kinds that are evidence are known: documents, sheets and presentations without macros, pdf and pictures.
"""

import struct
from enum import StrEnum
from typing import BinaryIO, Final


class Media(StrEnum):
    """A kind of file, named as its files' names end."""

    PDF = "pdf"
    JPG = "jpg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    ODT = "odt"
    ODS = "ods"
    ODP = "odp"
    DOC = "doc"
    XLS = "xls"

    @property
    def is_picture(self) -> bool:
        """Whether it is looked at as a picture."""
        return self in (Media.JPG, Media.PNG, Media.WEBP, Media.HEIC)


ENDINGS: Final = {Media.JPG: ("jpg", "jpeg", "jpe", "jfif"), Media.HEIC: ("heic", "heif")}
"""How the names of a kind's files may end besides its own name."""

_HEIC_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"mif1")
_ODF: Final = {
    b"application/vnd.oasis.opendocument.text": Media.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": Media.ODS,
    b"application/vnd.oasis.opendocument.presentation": Media.ODP,
}
_OOXML: Final = b"application/vnd.openxmlformats-officedocument."
_MAIN: Final = {
    _OOXML + b"wordprocessingml.document.main+xml": Media.DOCX,
    _OOXML + b"spreadsheetml.sheet.main+xml": Media.XLSX,
    _OOXML + b"presentationml.presentation.main+xml": Media.PPTX,
}
"""ECMA-376 part 1, 11.3.10, 12.3.23 and 13.3.6: the content type of the part that the package is about."""

_TYPES: Final = "[Content_Types].xml"
_MOST_TYPES: Final = 1 << 20
_MOST_PARTS: Final = 20_000
_MOST_LIST: Final = 4 << 20
"""Bytes of the list at a zip's end, all of which is read into memory, whatever number of parts it says."""

_END_OF_ZIP: Final = struct.Struct("<4s4H2LH")
_MOST_COMMENT: Final = 0xFFFF
_ZIP64: Final = b"PK\x06\x07"
_ZIP64_BYTES: Final = 20

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_SECTORS: Final = 1_024
_FIRST_CHAINS: Final = 109
"""Sectors of the allocation table that an OLE file's head itself names ([MS-CFB] 2.2): seven megabytes and more."""

_OLE_STREAMS: Final = {"WordDocument": Media.DOC, "Workbook": Media.XLS, "Book": Media.XLS}


def media_of(file: BinaryIO) -> Media | None:
    """The kind of a whole file that can be sought in; None for every other, and for one that only pretends.

    Reads a bounded part of it, and unpacks nothing but the list of an office document's parts.
    """
    file.seek(0)
    head = file.read(64)
    if head.startswith(b"%PDF-"):
        return Media.PDF
    if head.startswith(b"\xff\xd8\xff"):
        return Media.JPG
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        return Media.PNG
    if head.startswith(b"RIFF") and head[8:15] == b"WEBPVP8":
        return Media.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return Media.HEIC
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(file)
    if head.startswith(_OLE):
        return _in_ole(file)
    return None


def _in_zip(file: BinaryIO) -> Media | None:
    # Only here: who merely reads what is said of a file does not pay for the import.
    import zipfile
    import zlib

    if not 0 < _parts_of(file) <= _MOST_PARTS:
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            first = archive.infolist()[0]
            if first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED and first.file_size < 100:
                return _ODF.get(archive.read(first))
            with archive.open(_TYPES) as part:
                types = part.read(_MOST_TYPES + 1)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, ValueError, RuntimeError):
        return None
    if len(types) > _MOST_TYPES or b"macroEnabled" in types or b"vbaProject" in types:
        return None
    return next((media for main, media in _MAIN.items() if b'"' + main + b'"' in types), None)


def _parts_of(file: BinaryIO) -> int:
    """How many parts a zip says that it has, before anything of it is read into memory; 0 where it says nothing."""
    size = file.seek(0, 2)
    start = file.seek(max(0, size - _END_OF_ZIP.size - _MOST_COMMENT))
    tail = file.read(size - start)
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or found + _END_OF_ZIP.size > len(tail):
        return 0
    *_, parts, length, _, _ = _END_OF_ZIP.unpack_from(tail, found)
    # What is meant for more than 4 GB would say other numbers elsewhere, and be believed.
    file.seek(max(0, start + found - _ZIP64_BYTES))
    if length > _MOST_LIST or file.read(len(_ZIP64)) == _ZIP64:
        return 0
    return int(parts)


def _in_ole(file: BinaryIO) -> Media | None:
    """[MS-CFB]: the head names the sectors of the allocation table, and the first of the folder's."""
    file.seek(0)
    head = file.read(512)
    if len(head) < 512:
        return None
    (shift,) = struct.unpack_from("<H", head, 30)
    if shift not in (9, 12):
        return None
    size = 1 << shift
    (sector,) = struct.unpack_from("<L", head, 48)
    chains = struct.unpack_from(f"<{_FIRST_CHAINS}L", head, 76)
    found = None
    for _ in range(_MOST_SECTORS):
        folder = _sector(file, sector, size)
        if len(folder) < size:
            break
        for at in range(0, size, 128):
            (letters,) = struct.unpack_from("<H", folder, at + 64)
            name = folder[at : at + max(0, min(letters, 64) - 2)].decode("utf-16-le", "replace")
            if name in ("EncryptedPackage", "_VBA_PROJECT_CUR", "Macros"):
                return None
            found = found or _OLE_STREAMS.get(name)
        place, rest = divmod(sector, size // 4)
        if place >= _FIRST_CHAINS:
            break
        chain = _sector(file, chains[place], size)
        if len(chain) < size:
            break
        (sector,) = struct.unpack_from("<L", chain, rest * 4)
    return found


def _sector(file: BinaryIO, number: int, size: int) -> bytes:
    file.seek((number + 1) * size)
    return file.read(size)
