"""A parcel: a file that carries sealed messages by hand, for a PC that has no line, and the answers back to it.

    magic "SOXAFILE" | format | direction | recipient, 10 bytes | box length, 4 bytes | box | check, 16 bytes
    box, once opened: sender, 10 bytes | Ed25519 signature | what it says

The box is sealed (X25519) to the recipient's signing key in its other form, so that no key is needed that enrolment
did not bring. Who carries it sees for whom it is, and by the check whether it is whole; what it says, and who sent
it, only the recipient does. The signature covers the direction and the recipient too.

Two kinds stand open, since nothing in them is secret, and name their sender as the recipient: what a device says that
asks to be taken in, which knows no key yet to seal to, and a catalogue, which is for every device of the centre.
"""

import os
import struct
from collections.abc import Callable, Mapping
from enum import IntEnum
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Final, NamedTuple, TypeVar

import msgspec
import zstandard
from nacl.exceptions import BadSignatureError, CryptoError
from nacl.public import SealedBox
from nacl.signing import SigningKey, VerifyKey

from sync.domain.errors import EnvironmentFault
from sync.protocol.chain import device_id
from sync.protocol.dictionaries import LEVEL, NONE
from sync.protocol.envelope import MAX_NEW_BODY, MAX_SEALED, SealError, unpack
from sync.protocol.joining import HINT_BYTES
from sync.protocol.messages import MAX_INTEGER, MAX_NAME

MAGIC: Final = b"SOXAFILE"
FORMAT: Final = 1
MAX_PARCEL: Final = MAX_SEALED
"""As large as a message may be, since an online PC hands a parcel on as one: some 400,000 values."""

MAX_REQUESTS: Final = 128
MAX_ASKING: Final = MAX_PARCEL // 2
"""What a PC puts into one: an answer brings the requests back, to be known by what they asked."""

MAX_CATALOGUE: Final = 8 << 20
"""What the files of a catalogue may unpack to."""

SUFFIX: Final = ".soxa"

_HEAD: Final = struct.Struct(">8sBB10sI")
_CHECK_BYTES: Final = 16
_SENDER_BYTES: Final = 10
_KEY_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64

Time = Annotated[int, msgspec.Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)]


PublicKey = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Proof = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class Direction(IntEnum):
    """JOINING asks any centre to take a device in, JOINED is the answer of the one that did; CATALOGUE is its."""

    TO_CENTRE = 1
    TO_DEVICE = 2
    JOINING = 3
    JOINED = 4
    CATALOGUE = 5


class Asking(msgspec.Struct, frozen=True, array_like=True):
    """Sealed requests of one device, in the order of its chain. `made_at` is its clock, seconds since 1970 UTC."""

    made_at: Time
    requests: Annotated[list[bytes], msgspec.Meta(min_length=1, max_length=MAX_REQUESTS)]


class Answering(msgspec.Struct, frozen=True, array_like=True):
    """Each request again with the centre's sealed answer to it. `made_at` is the centre's clock.

    `catalogue` is a whole parcel of that kind, for a device that asked under another one; else b"".
    """

    made_at: Time
    answers: Annotated[list[tuple[bytes, bytes]], msgspec.Meta(min_length=1, max_length=MAX_REQUESTS)]
    catalogue: bytes = b""


class Joining(msgspec.Struct, frozen=True, array_like=True):
    """A device asks to be taken in. `hint` and `proof` are of its code (`protocol.joining`).

    `request` is a sealed request that brings nothing and asks for all.
    """

    made_at: Time
    public_key: PublicKey
    computer: Annotated[str, msgspec.Meta(max_length=100)]
    hint: Annotated[bytes, msgspec.Meta(min_length=HINT_BYTES, max_length=HINT_BYTES)]
    proof: Proof
    request: Annotated[bytes, msgspec.Meta(max_length=MAX_NEW_BODY)]


class Joined(msgspec.Struct, frozen=True, array_like=True):
    """The device was taken in: `enrolled` is the message that says so, `proof` that its sender knows the code.

    `request`, `answer` and `catalogue` as in `Answering`.
    """

    made_at: Time
    enrolled: Annotated[bytes, msgspec.Meta(max_length=MAX_NEW_BODY)]
    proof: Proof
    request: bytes
    answer: bytes
    catalogue: bytes = b""


class Catalogued(msgspec.Struct, frozen=True, array_like=True):
    """The catalogue under which the centre works: its files by name, packed."""

    made_at: Time
    edition: Annotated[int, msgspec.Meta(ge=1, le=MAX_INTEGER)]
    version: Annotated[str, msgspec.Meta(max_length=MAX_NAME)]
    packed: bytes

    def files(self) -> dict[str, bytes]:
        """Raises EnvironmentFault parcel_damaged."""
        try:
            return msgspec.msgpack.decode(unpack(self.packed, NONE, MAX_CATALOGUE), type=dict[str, bytes])
        except (SealError, msgspec.DecodeError, ValueError, RecursionError) as error:
            raise EnvironmentFault("parcel_damaged") from error


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files of a catalogue as `Catalogued` carries them."""
    return zstandard.ZstdCompressor(level=LEVEL).compress(msgspec.msgpack.encode(files))


Said = Asking | Answering | Joining | Joined | Catalogued
M = TypeVar("M", Asking, Answering, Joining, Joined, Catalogued)

_DIRECTIONS: Final[dict[type[Said], Direction]] = {
    Asking: Direction.TO_CENTRE,
    Answering: Direction.TO_DEVICE,
    Joining: Direction.JOINING,
    Joined: Direction.JOINED,
    Catalogued: Direction.CATALOGUE,
}
_OPEN: Final = (Direction.JOINING, Direction.CATALOGUE)


class Label(NamedTuple):
    """What anybody sees of a parcel: where it goes, and the name of the device or centre that can open it."""

    direction: Direction
    recipient: str


class Opened(NamedTuple):
    """What its recipient finds: who claims to have sent it, what proves it, and what it says."""

    sender: str
    signature: bytes
    said: bytes
    signed: bytes


def write(message: Said, sender: SigningKey, recipient: bytes) -> bytes:
    """`message` for the holder of `recipient`, an Ed25519 public key, signed by `sender`."""
    direction = _DIRECTIONS[type(message)]
    name = bytes.fromhex(device_id(recipient))
    said = msgspec.msgpack.encode(message)
    signature = sender.sign(_signed(direction, name, said)).signature
    inside = bytes.fromhex(device_id(bytes(sender.verify_key))) + signature + said
    box = inside
    if direction not in _OPEN:
        box = SealedBox(VerifyKey(recipient).to_curve25519_public_key()).encrypt(inside)
    parcel = _HEAD.pack(MAGIC, FORMAT, direction, name, len(box)) + box
    return parcel + _check(parcel)


def label_of(parcel: bytes) -> Label:
    """What stands on it. Raises EnvironmentFault parcel_damaged, parcel_cut, parcel_newer or parcel_too_large."""
    if len(parcel) > MAX_PARCEL:
        raise EnvironmentFault("parcel_too_large")
    if not parcel.startswith(MAGIC):
        raise EnvironmentFault("parcel_cut" if MAGIC.startswith(parcel) and parcel else "parcel_damaged")
    if len(parcel) < _HEAD.size:
        raise EnvironmentFault("parcel_cut")
    _, form, direction, recipient, length = _HEAD.unpack_from(parcel)
    if form != FORMAT:
        raise EnvironmentFault("parcel_newer" if form > FORMAT else "parcel_damaged")
    whole = _HEAD.size + length + _CHECK_BYTES
    if len(parcel) < whole:
        raise EnvironmentFault("parcel_cut")
    if len(parcel) > whole or parcel[-_CHECK_BYTES:] != _check(parcel[:-_CHECK_BYTES]):
        raise EnvironmentFault("parcel_damaged")
    try:
        return Label(Direction(direction), recipient.hex())
    except ValueError as error:
        raise EnvironmentFault("parcel_damaged") from error


def open_parcel(parcel: bytes, key: SigningKey) -> Opened:
    """Open a parcel whose label was read. Raises EnvironmentFault parcel_damaged, also when it is for somebody else."""
    label = label_of(parcel)
    box = parcel[_HEAD.size : -_CHECK_BYTES]
    try:
        inside = SealedBox(key.to_curve25519_private_key()).decrypt(box)
    except (CryptoError, ValueError) as error:
        raise EnvironmentFault("parcel_damaged") from error
    return _opened(label, inside)


def read_joining(parcel: bytes) -> Joining:
    """What a device says that asks to be taken in, once it is signed by the key that it brings.

    Raises EnvironmentFault as `label_of`, and parcel_damaged when it is no such parcel.
    """
    opened = _open(parcel, Direction.JOINING)
    joining = _decoded(opened.said, Joining)
    if device_id(joining.public_key) != opened.sender:
        raise EnvironmentFault("parcel_damaged")
    return read(opened, joining.public_key, Joining)


def read_catalogue(parcel: bytes, centre_key: bytes) -> Catalogued:
    """The catalogue of the centre that has this key.

    Raises EnvironmentFault as `label_of`, parcel_damaged when it is no such parcel, parcel_other_centre.
    """
    opened = _open(parcel, Direction.CATALOGUE)
    if opened.sender != device_id(centre_key):
        raise EnvironmentFault("parcel_other_centre")
    return read(opened, centre_key, Catalogued)


def read_joined(opened: Opened, key_in: Callable[[bytes], bytes]) -> Joined:
    """The answer to it, of a sender whose key it brings itself: `key_in(enrolled)` gives that.

    Raises EnvironmentFault parcel_damaged.
    """
    key = key_in(_decoded(opened.said, Joined).enrolled)
    if len(key) != _KEY_BYTES or device_id(key) != opened.sender:
        raise EnvironmentFault("parcel_damaged")
    return read(opened, key, Joined)


def _open(parcel: bytes, direction: Direction) -> Opened:
    """One that stands open, of this direction, and names its sender."""
    label = label_of(parcel)
    opened = _opened(label, parcel[_HEAD.size : -_CHECK_BYTES])
    if label.direction is not direction or opened.sender != label.recipient:
        raise EnvironmentFault("parcel_damaged")
    return opened


def _opened(label: Label, inside: bytes) -> Opened:
    sender, rest = inside[:_SENDER_BYTES], inside[_SENDER_BYTES:]
    signature, said = rest[:_SIGNATURE_BYTES], rest[_SIGNATURE_BYTES:]
    return Opened(sender.hex(), signature, said, _signed(label.direction, bytes.fromhex(label.recipient), said))


def read(opened: Opened, key: bytes, kind: type[M]) -> M:
    """What was said, once the signature is that of `key`. Raises EnvironmentFault parcel_damaged."""
    try:
        VerifyKey(key).verify(opened.signed, opened.signature)
    except (BadSignatureError, ValueError) as error:
        raise EnvironmentFault("parcel_damaged") from error
    return _decoded(opened.said, kind)


def _decoded(said: bytes, kind: type[M]) -> M:
    try:
        return msgspec.msgpack.decode(said, type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise EnvironmentFault("parcel_damaged") from error


def read_file(path: Path) -> bytes:
    """The bytes of a file that may be a parcel, and no more of it than a parcel may have.

    Raises EnvironmentFault file_missing, file_is_folder, file_busy or parcel_too_large.
    """
    try:
        with path.open("rb") as file:
            found = file.read(MAX_PARCEL + 1)
    except FileNotFoundError as error:
        raise EnvironmentFault("file_missing", file=str(path)) from error
    except IsADirectoryError as error:
        raise EnvironmentFault("file_is_folder", file=str(path)) from error
    except OSError as error:
        raise EnvironmentFault("file_is_folder" if path.is_dir() else "file_busy", file=str(path)) from error
    if len(found) > MAX_PARCEL:
        raise EnvironmentFault("parcel_too_large", file=str(path))
    return found


def write_file(path: Path, parcel: bytes) -> None:
    """Put a parcel where it can be carried from: under another name until it is whole. Raises OSError."""
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("wb") as file:
            file.write(parcel)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def _signed(direction: Direction, recipient: bytes, said: bytes) -> bytes:
    return MAGIC + bytes((FORMAT, direction)) + recipient + said


def _check(parcel: bytes) -> bytes:
    return blake2b(parcel, digest_size=_CHECK_BYTES).digest()
