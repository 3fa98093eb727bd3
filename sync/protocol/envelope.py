"""The seal around a message: who sent it, that it is whole, and that it is the protocol's at all.

    magic "SOXA" | format | dictionary | sender, 10 bytes | body length, 4 bytes | body, zstd | Ed25519 signature

The signature covers everything before it, and an answer's also the signature of its request. A portal's page, a
proxy's error, a cut or altered body, another centre's answer and the answer to another request all fail to open, and
change nothing.
"""

import struct
from collections.abc import Callable, Collection
from typing import Final, NamedTuple

import zstandard
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from sync.protocol.dictionaries import KNOWN, LEVEL, NONE, dictionary

MAGIC: Final = b"SOXA"
FORMAT: Final = 1
MAX_SEALED: Final = 4 << 20
MAX_BODY: Final = 32 << 20
MAX_NEW_BODY: Final = 16 << 10
"""What a sender whom nobody knows yet may make the other end unpack: an enrolment is small."""
CONTENT_TYPE: Final = "application/x-soxa"

_HEAD: Final = struct.Struct(">4sBB10sI")
_SIGNATURE_BYTES: Final = 64


class SealError(ValueError):
    """Bytes that are no sealed message: foreign, cut, too large or altered."""


class UnknownDictionaryError(SealError):
    """A whole message of its sender, packed with a dictionary that is not had here."""


class Opened(NamedTuple):
    """A message's body and the device (or centre) that claims to have sent it."""

    sender: str
    body: bytes


def seal(body: bytes, sender: str, key: SigningKey, answers: bytes = b"", number: int = NONE) -> bytes:
    """`body` compressed and signed by `key`, whose `device_id` is `sender`.

    `answers` is the sealed request that this answers, if it does: the signature covers the request's too, so that
    the answer opens for that request alone, at no cost in bytes. `number` is that of the dictionary to use.
    """
    compressor = zstandard.ZstdCompressor(level=LEVEL, dict_data=dictionary(number), write_dict_id=False)
    packed = compressor.compress(body)
    sealed = _HEAD.pack(MAGIC, FORMAT, number, bytes.fromhex(sender), len(packed)) + packed
    return sealed + key.sign(sealed + _signature(answers)).signature


def sender_of(sealed: bytes) -> str:
    """Who claims to have sent this, for finding the key to open it with. Raises SealError."""
    return _parts(sealed).sender


def length_of(begun: bytes | bytearray) -> int | None:
    """How many bytes the sealed message has that begins so; None while too few are there to tell. Raises SealError."""
    if len(begun) < _HEAD.size:
        return None
    magic, form, _, _, length = _HEAD.unpack_from(begun)
    if magic != MAGIC or form != FORMAT:
        raise SealError("foreign")
    return int(_HEAD.size + length + _SIGNATURE_BYTES)


def unseal(sealed: bytes, key: bytes, answers: bytes = b"", numbers: Collection[int] = KNOWN) -> Opened:
    """Check and unpack a sealed message with the sender's public `key` (32 bytes), as the answer to `answers`.

    `numbers` are those of the dictionaries that may be used. Raises SealError.
    """
    parts = _parts(sealed)
    try:
        VerifyKey(key).verify(sealed[:-_SIGNATURE_BYTES] + _signature(answers), _signature(sealed))
    except (BadSignatureError, ValueError) as error:
        raise SealError("signature") from error
    if parts.number != NONE and parts.number not in numbers:
        raise UnknownDictionaryError("dictionary")
    return Opened(parts.sender, unpack(parts.packed, parts.number, MAX_BODY))


def unseal_new(sealed: bytes, key_in: Callable[[bytes], bytes], answers: bytes = b"") -> Opened:
    """Open a message of a sender that is not known yet, whose key the message itself brings; without a dictionary.

    `key_in(body)` gives that key. The seal then shows that the sender holds the key, not who they are: an enrolment
    code or the connection's certificate has to show that. Raises SealError.
    """
    parts = _parts(sealed)
    if parts.number != NONE:
        raise UnknownDictionaryError("dictionary")
    return unseal(sealed, key_in(unpack(parts.packed, NONE, MAX_NEW_BODY)), answers)


class _Parts(NamedTuple):
    sender: str
    number: int
    packed: bytes


def _signature(sealed: bytes) -> bytes:
    return sealed[-_SIGNATURE_BYTES:]


def _parts(sealed: bytes) -> _Parts:
    if not _HEAD.size + _SIGNATURE_BYTES <= len(sealed) <= MAX_SEALED:
        raise SealError("size")
    magic, form, number, sender, length = _HEAD.unpack_from(sealed)
    if magic != MAGIC or form != FORMAT:
        raise SealError("foreign")
    if len(sealed) != _HEAD.size + length + _SIGNATURE_BYTES:
        raise SealError("length")
    return _Parts(sender.hex(), number, sealed[_HEAD.size : _HEAD.size + length])


def unpack(packed: bytes, number: int, most_bytes: int) -> bytes:
    """Decompress, refusing before it is allocated whatever would grow past `most_bytes`. Raises SealError."""
    decompressor = zstandard.ZstdDecompressor(dict_data=dictionary(number), max_window_size=8 << 20)
    try:
        with decompressor.stream_reader(packed) as reader:
            body: bytes = reader.read(most_bytes + 1)
    except (zstandard.ZstdError, MemoryError) as error:
        raise SealError("compression") from error
    if len(body) > most_bytes:
        raise SealError("body too large")
    return body
