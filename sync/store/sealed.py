"""The store's key sealed to a person: only their private key opens it, and anybody may seal another one to them."""

from typing import NamedTuple


class Pair(NamedTuple):
    """A person's private key, which their password locks, and the public one, to which keys are sealed."""

    private: bytes
    public: bytes


def make_pair() -> Pair:
    from nacl.public import PrivateKey

    made = PrivateKey.generate()
    return Pair(bytes(made), bytes(made.public_key))


def seal(key: bytes, store: bytes, public: bytes) -> bytes:
    """`key` of the store with this salt, sealed."""
    from nacl.public import PublicKey, SealedBox

    return bytes(SealedBox(PublicKey(public)).encrypt(store + key))


def unseal(sealed: bytes, store: bytes, private: bytes) -> bytes:
    """The key of the store with this salt. Raises ValueError for one that is another's, or another store's."""
    from nacl.exceptions import CryptoError
    from nacl.public import PrivateKey, SealedBox

    try:
        opened = SealedBox(PrivateKey(private)).decrypt(sealed)
    except CryptoError as error:
        raise ValueError("sealed for another") from error
    if opened[: len(store)] != store:
        raise ValueError("of another store")
    return opened[len(store) :]
