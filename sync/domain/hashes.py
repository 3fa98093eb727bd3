"""BLAKE2b, from where it is: `hashlib` gives the same, but loads OpenSSL first, which every start would wait for."""

from _blake2 import blake2b

__all__ = ["blake2b"]
