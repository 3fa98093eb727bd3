"""The seal: it opens with the sender's key only, and for nothing that is cut, altered, foreign or too large."""

import tracemalloc

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from sync.protocol import chain, codec, envelope
from sync.protocol.dictionaries import KNOWN, NONE
from sync.protocol.envelope import SealError, UnknownDictionaryError, seal, sender_of, unseal, unseal_new
from sync.protocol.messages import EnrolRequest, SyncAnswer

KEY = SigningKey(bytes(range(32)))
PUBLIC = bytes(KEY.verify_key)
SENDER = chain.device_id(PUBLIC)
OTHER = SigningKey(bytes(32))
BODY = "số liệu quý II của thôn An Lợi ".encode() * 20
SEALED = seal(BODY, SENDER, KEY)
HEAD_BYTES = 20


@settings(max_examples=50)
@given(body=st.binary(max_size=5_000))
def test_a_body_comes_back_with_its_sender(body: bytes) -> None:
    sealed = seal(body, SENDER, KEY)
    assert sender_of(sealed) == SENDER
    assert unseal(sealed, PUBLIC) == (SENDER, body)


def test_what_repeats_is_small() -> None:
    assert len(SEALED) < len(BODY) / 3


def test_a_seal_of_another_key_does_not_open() -> None:
    with pytest.raises(SealError, match="signature"):
        unseal(seal(BODY, SENDER, OTHER), PUBLIC)
    with pytest.raises(SealError, match="signature"):
        unseal(SEALED, bytes(OTHER.verify_key))


def test_the_senders_name_cannot_be_exchanged() -> None:
    other = bytes.fromhex(chain.device_id(bytes(OTHER.verify_key)))
    with pytest.raises(SealError, match="signature"):
        unseal(SEALED[:6] + other + SEALED[16:], PUBLIC)


@pytest.mark.parametrize("key", [b"", b"short", bytes(31), bytes(33), bytes(32)])
def test_what_is_no_key_opens_nothing(key: bytes) -> None:
    with pytest.raises(SealError):
        unseal(SEALED, key)


def test_every_cut_is_refused() -> None:
    for length in range(len(SEALED)):
        with pytest.raises(SealError):
            unseal(SEALED[:length], PUBLIC)


def test_every_flipped_bit_is_refused() -> None:
    for place in range(len(SEALED)):
        for bit in range(8):
            altered = bytearray(SEALED)
            altered[place] ^= 1 << bit
            with pytest.raises(SealError):
                unseal(bytes(altered), PUBLIC)


@pytest.mark.parametrize(
    "foreign",
    [
        b"",
        b"SOXA",
        b"<!DOCTYPE html><html><body>Sign in to the hotel's Wi-Fi</body></html>" * 5,
        b'{"error":"bad gateway"}' * 10,
        b"PK\x03\x04" + bytes(200),
        bytes(200),
        SEALED + b"\n",
        b"\xef\xbb\xbf" + SEALED,
        SEALED + SEALED,
        b"SOXB" + SEALED[4:],
        b"soxa" + SEALED[4:],
    ],
)
def test_what_is_not_the_protocols_is_refused(foreign: bytes) -> None:
    with pytest.raises(SealError):
        unseal(foreign, PUBLIC)
    with pytest.raises(SealError):
        sender_of(foreign)


@pytest.mark.parametrize("byte", [0, 2, 255])
def test_a_form_that_is_not_known_is_refused_although_its_sender_signed_it(byte: int) -> None:
    altered = SEALED[:4] + bytes([byte]) + SEALED[5:-64]
    with pytest.raises(SealError, match="foreign"):
        unseal(altered + signature(altered), PUBLIC)


def test_a_length_that_is_not_true_is_refused_although_its_sender_signed_it() -> None:
    for length in (0, len(SEALED), 2**32 - 1):
        altered = SEALED[:16] + length.to_bytes(4, "big") + SEALED[HEAD_BYTES:-64]
        with pytest.raises(SealError, match="length"):
            unseal(altered + signature(altered), PUBLIC)


def test_an_answer_opens_for_its_own_request_alone() -> None:
    request, other = seal(b"one", SENDER, KEY), seal(b"two", SENDER, KEY)
    answer = seal(BODY, SENDER, KEY, answers=request)
    assert unseal(answer, PUBLIC, answers=request).body == BODY
    for asked in (other, b""):
        with pytest.raises(SealError, match="signature"):
            unseal(answer, PUBLIC, answers=asked)
    with pytest.raises(SealError, match="signature"):
        unseal(SEALED, PUBLIC, answers=request)


def signature(signed: bytes) -> bytes:
    return KEY.sign(signed).signature


def signed(packed: bytes) -> bytes:
    """A seal around a body that need not be zstd."""
    head = b"SOXA\x01\x00" + bytes.fromhex(SENDER) + len(packed).to_bytes(4, "big")
    return head + packed + KEY.sign(head + packed).signature


def test_a_signed_body_that_is_not_compressed_is_refused() -> None:
    for packed in (BODY, b"\x1f\x8b" + bytes(100), zstandard.compress(BODY)[:4] + b"\xff" * 50):
        with pytest.raises(SealError, match="compression"):
            unseal(signed(packed), PUBLIC)


def test_the_largest_body_opens_and_one_byte_more_does_not() -> None:
    assert len(unseal(seal(bytes(envelope.MAX_BODY), SENDER, KEY), PUBLIC).body) == envelope.MAX_BODY
    with pytest.raises(SealError, match="too large"):
        unseal(seal(bytes(envelope.MAX_BODY + 1), SENDER, KEY), PUBLIC)


def test_a_bomb_is_refused_in_bounded_memory() -> None:
    """A gigabyte in a hundred kilobytes, with a true and with no claim of its size."""
    compressor = zstandard.ZstdCompressor(level=3)
    for bomb in (compressor.compress(bytes(1 << 30)), streamed_bomb(1 << 30)):
        assert len(bomb) < 200_000
        tracemalloc.start()
        try:
            with pytest.raises(SealError):
                unseal(signed(bomb), PUBLIC)
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak_bytes < 2 * envelope.MAX_BODY


def test_a_window_larger_than_ours_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=27)
    stream = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    wide = stream.compress(bytes(1000)) + stream.flush()
    with pytest.raises(SealError, match="compression"):
        unseal(signed(wide), PUBLIC)


def test_a_seal_that_would_be_too_large_is_refused_unread() -> None:
    with pytest.raises(SealError, match="size"):
        unseal(signed(bytes(envelope.MAX_SEALED)), PUBLIC)


def streamed_bomb(size_bytes: int) -> bytes:
    stream = zstandard.ZstdCompressor(level=3).compressobj()
    chunk = bytes(1 << 20)
    return b"".join(stream.compress(chunk) for _ in range(size_bytes >> 20)) + stream.flush()


def key_in(body: bytes) -> bytes:
    message = codec.decode(body)
    return message.public_key if isinstance(message, EnrolRequest) else b""


def test_a_new_sender_is_opened_with_the_key_that_it_brings() -> None:
    body = codec.encode(EnrolRequest(1, "KX4T-9QMW", PUBLIC, "máy thôn"))
    assert unseal_new(seal(body, SENDER, KEY), key_in) == (SENDER, body)
    with pytest.raises(SealError, match="signature"):
        unseal_new(seal(body, SENDER, OTHER), key_in)


def test_a_new_sender_may_not_make_the_other_end_unpack_much() -> None:
    body = codec.encode(EnrolRequest(1, "KX4T-9QMW", PUBLIC, "máy thôn"))
    padded = msgspec.msgpack.encode([*msgspec.msgpack.decode(body), bytes(envelope.MAX_NEW_BODY)])
    assert isinstance(codec.decode(padded), EnrolRequest)
    with pytest.raises(SealError, match="too large"):
        unseal_new(seal(padded, SENDER, KEY), key_in)


# Dictionaries


@given(body=st.binary(max_size=2_000))
def test_a_body_comes_back_through_every_dictionary(body: bytes) -> None:
    for number in (NONE, *KNOWN):
        assert unseal(seal(body, SENDER, KEY, number=number), PUBLIC) == (SENDER, body)


def test_a_dictionary_that_is_not_had_here_is_a_refusal_of_its_own() -> None:
    with pytest.raises(UnknownDictionaryError):
        unseal(seal(BODY, SENDER, KEY, number=1), PUBLIC, numbers=())
    newer = SEALED[:5] + b"\xff" + SEALED[6:-64]
    with pytest.raises(UnknownDictionaryError):
        unseal(newer + signature(newer), PUBLIC)
    with pytest.raises(UnknownDictionaryError):
        unseal_new(seal(BODY, SENDER, KEY, number=1), key_in)


def test_an_altered_message_with_an_unknown_dictionary_is_altered_first() -> None:
    with pytest.raises(SealError, match="signature"):
        unseal(SEALED[:5] + b"\xff" + SEALED[6:], PUBLIC)


def test_a_body_packed_with_a_dictionary_does_not_open_without_it() -> None:
    sealed = seal(codec.encode(SyncAnswer(0, None, scope=["48.20194"] * 9)), SENDER, KEY, number=1)
    without = sealed[:5] + b"\x00" + sealed[6:-64]
    with pytest.raises(SealError, match="compression"):
        unseal(without + signature(without), PUBLIC)
