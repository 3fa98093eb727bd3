"""Evidence of a task: what is said of a file before the file itself is anywhere, and which files are taken.

One piece of evidence is one cell of its own, typed once and perhaps taken away. The file is named by the SHA-256 of its
bytes, so that the same file under ten names is one file.
"""

import json
import re
import unicodedata
from typing import Final, NamedTuple

from sync.domain.identifiers import is_uuid
from sync.domain.keys import EVIDENCE, Key
from sync.domain.media import ENDINGS, Media
from sync.domain.tasks import Task
from sync.domain.text import nfc
from sync.domain.values import ContentError, canonical

MAX_BYTES: Final = 50 << 20
"""The largest file that is taken, at both ends."""

MAX_LETTERS: Final = 120
"""Letters of a file's name, and at most twice as many bytes: what every system keeps."""

_HASH: Final = re.compile("[0-9a-f]{64}")
_NOT_IN_A_NAME: Final = re.compile(r'[/\\:*?"<>|]')
_UNSEEN: Final = ("Cc", "Cf", "Cs", "Co")
"""Categories of what does not show: controls, marks that turn the direction, halves of letters, private ones."""

_RESERVED: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)
"""Names that Windows gives to its own devices, whatever they end in."""


class Evidence(NamedTuple):
    """What is said of one file: its name, the SHA-256 of its bytes in hexadecimal, their number, and its kind."""

    name: str
    sha256: str
    size: int
    media: Media

    def content(self) -> str:
        """What the cell holds: canonical JSON."""
        return canonical({"media": self.media.value, "name": self.name, "sha256": self.sha256, "size": self.size})

    @classmethod
    def of(cls, content: str) -> "Evidence":
        """Read a cell. Raises ContentError, also for what was taken away."""
        try:
            found = json.loads(content)
            if not isinstance(found, dict) or found.keys() != set(cls._fields):
                raise ContentError(content[:80])
            name, hashed, size, media = (found[field] for field in cls._fields)
            read = cls(name, hashed, size, Media(media))
            if not isinstance(name, str) or not isinstance(hashed, str) or type(size) is not int:
                raise ContentError(content[:80])
            if not _HASH.fullmatch(hashed) or not 0 < size <= MAX_BYTES or clean_name(name, read.media) != name:
                raise ContentError(content[:80])
        except (ValueError, RecursionError) as error:
            raise ContentError(content[:80]) from error
        return read


def key_of(unit: str, task: str, evidence: str) -> Key:
    """The address of the piece of evidence with this UUID of a task."""
    return Key(EVIDENCE, unit, task, "", evidence)


def is_evidence(key: Key) -> bool:
    """Whether this is an address that `key_of` gives."""
    return key.kind == EVIDENCE and not key.period and is_uuid(key.item) and is_uuid(key.part)


def clean_name(name: str, media: Media, otherwise: str = "") -> str:
    """`name` as every system keeps it and nobody is misled by it, ending as files of its kind do.

    What a path is made of becomes a dash; what cannot be seen, or turns what is read around, is left out. Where
    nothing is left it is `otherwise`.
    """
    seen = "".join(" " if letter.isspace() else letter for letter in nfc(name))
    # A mark that stood behind one of these joins the letter before it.
    seen = nfc("".join(letter for letter in seen if unicodedata.category(letter) not in _UNSEEN))
    seen = " ".join(_NOT_IN_A_NAME.sub("-", seen).split()).strip(". ")
    stem, dot, ending = seen.rpartition(".")
    if not dot or ending.lower() not in (media.value, *ENDINGS.get(media, ())):
        stem, ending = seen, media.value
    stem = stem.rstrip(". ") or otherwise
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    most = MAX_LETTERS - len(ending) - 1
    stem = stem[:most]
    while len(stem.encode()) + len(ending) + 1 > 2 * MAX_LETTERS:
        stem = stem[:-1]
    return f"{stem.rstrip('. ')}.{ending}"


def refusal(task: Task) -> str:
    """Why no evidence may be added to a task or taken from it now, one of REFUSALS, or "".

    What another PC added all the same, offline, takes its place: refusing is for whoever types.
    """
    return "withdrawn" if task.is_withdrawn else "closed" if task.is_confirmed else ""


REFUSALS: Final = ("withdrawn", "closed")
