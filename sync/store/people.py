"""The people of one data folder: each opens the store's key by a password, in one small file beside the store.

A password locks a person's own private key, and the store's key is sealed to each of these (`sealed`): so it can be
another one without anybody's password. When a person is taken out, it becomes another one (`rekeying`) at the next
sign-in, before anything is typed: what they copied and what they know opens nothing new. Whoever has not signed in
since there are private keys still has the store's key itself behind their password; it waits for them.

A password has eight signs at least; digits alone are a PIN (`weakness`). One of six digits is not taken: whoever has
the disk is not throttled, and tries all million of them at a third of a second each within four days on one core, or
within hours on a large PC. Eight digits take a hundred times as long, letters far longer. The system's keyring is no
second lock to lean on instead: offices share one login of the system, and where there is no keyring there is none.

    soxa.people        version and checksum on the first line, then the people as JSON
    soxa.people.copy   the same once more: one of the two may be damaged, and everybody still gets in

A wrong password costs a wait that grows with each. Only their number is kept, and the wait begins anew with every
start: neither a restart nor another time on the PC's clock shortens it. It never ends in a lock for ever.
"""

import errno
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec

from sync.domain.errors import EnvironmentFault
from sync.domain.text import fold, nfc
from sync.protocol.disk import write_secret
from sync.protocol.locked import COST, Cost, Locked, WrongPasswordError, lock, unlock
from sync.protocol.messages import MAX_NAME
from sync.store.connection import FILE_NAME, salt_at
from sync.store.key import PEOPLE as FILE
from sync.store.key import PEOPLE_COPY as COPY
from sync.store.key import forget_key, has_people
from sync.store.sealed import make_pair, seal, unseal

LEAST_SIGNS: Final = 8
FREE_TRIES: Final = 3
LONGEST_WAIT_S: Final = 300.0

_MAGIC: Final = "soxa-people"
_VERSION: Final = 2
_FIRST_WAIT_S: Final = 5.0
_CHECK_BYTES: Final = 16
_MOST_USED: Final = 100


class _Person(msgspec.Struct, frozen=True):
    """`locked` is their private key, and `sealed` the store's to their `public` one. Without these two, it is the
    store's key itself, as the program before wrote it."""

    name: str
    locked: Locked
    wrong: int = 0
    public: bytes = b""
    sealed: bytes = b""


class _Next(msgspec.Struct, frozen=True):
    """The key that comes next: the salt of the database under it, and the key sealed to each, by name."""

    store: bytes
    sealed: dict[str, bytes]


class _Body(msgspec.Struct, frozen=True):
    """`store` is the salt of the database that the key opens, `first` that of the one to which the passwords were bound
    where it was another; `used` are the resets that were taken already.

    `bare`: the key may still lie in a file or a keyring without a lock of ours. `stale`: somebody was taken out who
    knows the key. `next`: another is about to take its place.
    """

    store: bytes
    people: tuple[_Person, ...] = ()
    used: tuple[str, ...] = ()
    bare: bool = True
    stale: bool = False
    next: _Next | None = None
    first: bytes = b""


class _DamagedError(ValueError):
    """Bytes that are no people file."""


def weakness(password: str, name: str) -> str:
    """Why `password` would be guessed at once: short, run or named; "" for one that may be taken."""
    signs = nfc(password)
    if len(signs) < LEAST_SIGNS:
        return "short"
    steps = {ord(after) - ord(before) for before, after in pairwise(signs)}
    if len(set(signs)) < 3 or (len(steps) == 1 and steps <= {1, -1}):
        return "run"
    plain = fold(signs).replace(" ", "")
    return "named" if plain in fold(name).replace(" ", "") else ""


def waits_s(wrong: int) -> float:
    """How long after the last of `wrong` passwords in a row the next may be tried."""
    # Past some twenty doublings the number itself would grow without end.
    doublings = min(wrong - FREE_TRIES, 20)
    return min(_FIRST_WAIT_S * 2.0**doublings, LONGEST_WAIT_S) if doublings >= 0 else 0.0


class People:
    """See the module. `clock` only moves forward, in seconds; `cost` is what a new password is locked with.

    Once somebody signed in, or `let_in` was given the key, others may be added. `fault` is what was found wrong with
    the files, for the sign-in page to say. Raises EnvironmentFault: store_missing, store_newer.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic, cost: Cost = COST) -> None:
        self._folder, self._clock, self._cost = folder, clock, cost
        self.fault: EnvironmentFault | None = None
        self.key: bytes | None = None
        store = salt_of(self._folder)
        if store is None and has_people(folder):
            raise EnvironmentFault("store_missing", folder=str(folder))
        self._body = self._found(store or b"")
        self._since = {person.name: clock() for person in self._body.people}

    def names(self) -> list[str]:
        """Who has a password, in the order in which they came."""
        return [person.name for person in self._body.people]

    def wait_s(self, name: str) -> float:
        """Seconds until this person may try again; 0 when they may now."""
        left = waits_s(self._person(name).wrong) - (self._clock() - self._since.get(name, self._clock()))
        return max(0.0, left)

    def sign_in(self, name: str, password: str) -> bytes:
        """The store's key. It takes the time of one derivation; on any one thread at a time.

        Raises EnvironmentFault: password_wrong, password_wait (nothing was tried), each with `wait_s`; memory_short.
        """
        if wait_s := self.wait_s(name):
            raise EnvironmentFault("password_wait", wait_s=wait_s)
        person = self._person(name)
        about = self._about(name)
        try:
            secret = unlock(person.locked, password, about)
            key = unseal(person.sealed, self._body.store, secret) if person.public else secret
        except (WrongPasswordError, ValueError) as error:
            self._count(name, person.wrong + 1)
            raise EnvironmentFault("password_wrong", wait_s=self.wait_s(name)) from error
        if person.locked.cost != self._cost or not person.public:  # it was dear enough some years ago
            person = self._locked(name, key, password)
        if person.wrong or person is not self._person(name):
            with suppress(EnvironmentFault):  # a full disk keeps nobody out
                self._keep(msgspec.structs.replace(person, wrong=0))
        self.let_in(key)
        self._forget_bare()
        return key

    def let_in(self, key: bytes) -> None:
        """Somebody has the store's key: by a password, by a reset, or because nobody has a password yet."""
        self.key = key

    def put(self, name: str, password: str) -> None:
        """Give `name` this password, in place of any before; whoever is new comes last.

        From the first on, the key lies nowhere but behind passwords. Raises EnvironmentFault: store_folder_unwritable,
        disk_full, memory_short; then nothing changed.
        """
        if not is_name(name) or weakness(password, name):
            raise ValueError("no name, or a password that may not be taken")
        assert self.key is not None, "only who is in lets others in"
        if not self._body.store:
            self._body = _Body(salt_of(self._folder) or b"")
        self._keep(self._locked(name, self.key, password))
        self._since[name] = self._clock()
        self._forget_bare()

    def change(self, name: str, old: str, new: str) -> None:
        """Another password for who knows the old one. Raises as `sign_in` and `put`."""
        self.sign_in(name, old)
        self.put(name, new)

    def remove(self, name: str) -> None:
        """Take a person's way in; what they typed stays. The store is to have another key.

        Raises ValueError for the last one, EnvironmentFault as `put`.
        """
        left = tuple(person for person in self._body.people if person.name != name)
        if not left:
            raise ValueError("the last one")
        self._write(msgspec.structs.replace(self._body, people=left, stale=True))

    # Another key for the store

    @property
    def waits_for(self) -> list[str]:
        """Who must sign in before the key can be another: to them none can be sealed yet. Nobody where it need not."""
        return [person.name for person in self._body.people if self._body.stale and not person.public]

    @property
    def must_change(self) -> bool:
        """Whether the store's key is to be another one now."""
        return self._body.stale and not self.waits_for

    def prepare(self, key: bytes, store: bytes) -> None:
        """Let everybody open `key` as soon as the database has this salt. Raises EnvironmentFault as `put`."""
        sealed = {person.name: seal(key, store, person.public) for person in self._body.people}
        self._write(msgspec.structs.replace(self._body, next=_Next(store, sealed)))

    def settle(self, key: bytes) -> None:
        """The database has the key that was prepared. Raises EnvironmentFault as `put`; then it is settled later."""
        self.key = key
        self._body = _settled(self._body)
        self._write(self._body)

    # A reset opens once

    def was_used(self, reset: str) -> bool:
        return reset in self._body.used

    def mark_used(self, reset: str) -> None:
        """Never take this reset again. Raises EnvironmentFault as `put`."""
        self._write(msgspec.structs.replace(self._body, used=(*self._body.used, reset)[-_MOST_USED:]))

    # Inside

    def _person(self, name: str) -> _Person:
        return next(person for person in self._body.people if person.name == name)

    def _about(self, name: str) -> bytes:
        """What a locked key is of: of this store and this person alone."""
        return (self._body.first or self._body.store) + name.encode()

    def _count(self, name: str, wrong: int) -> None:
        self._since[name] = self._clock()
        counted = msgspec.structs.replace(self._person(name), wrong=wrong)
        self._body = self._with(counted)
        with suppress(EnvironmentFault):  # a disk that is full: it is counted until the program ends
            self._write(self._body, twice=False)

    def _forget_bare(self) -> None:
        if self._body.bare and forget_key(self._folder):
            with suppress(EnvironmentFault):
                self._write(msgspec.structs.replace(self._body, bare=False))

    def _with(self, person: _Person) -> _Body:
        known = {one.name: one for one in self._body.people} | {person.name: person}
        return msgspec.structs.replace(self._body, people=tuple(known.values()))

    def _locked(self, name: str, key: bytes, password: str) -> _Person:
        """Somebody with a new private key behind this password."""
        pair = make_pair()
        locked = lock(pair.private, password, self._about(name), self._cost)
        return _Person(name, locked, 0, pair.public, seal(key, self._body.store, pair.public))

    def _keep(self, person: _Person) -> None:
        self._write(self._with(person))

    def _write(self, body: _Body, *, twice: bool = True) -> None:
        written = _written(body)
        # One after the other: when the power fails, one of them is whole.
        for name in (FILE, COPY) if twice else (FILE,):
            replace_file(self._folder / name, written)
        self._body = body

    def _ended(self, body: _Body, store: bytes) -> _Body:
        """The power failed while the key was changed: all is as before, or done but for the end."""
        from sync.store import swapping

        assert body.next is not None
        with _faults(self._folder):
            if body.next.store != store:
                swapping.discard(self._folder)
                return msgspec.structs.replace(body, next=None)
            swapping.swap(self._folder)
        body = _settled(body)
        with suppress(EnvironmentFault):  # a full disk: the next start does it
            self._write(body)
        return body

    def _found(self, store: bytes) -> _Body:
        """What the file says, or its copy; nobody when neither can be read."""
        empty = _Body(store)
        damaged: Path | None = None
        for name in (FILE, COPY):
            path = self._folder / name
            try:
                body = _read(path.read_bytes())
            except FileNotFoundError:
                continue
            except OSError as error:
                raise EnvironmentFault("store_folder_unwritable", folder=str(self._folder)) from error
            except _DamagedError:
                damaged = _kept_aside(path)
                continue
            if body.next is not None:
                body = self._ended(body, store)
            if body.store != store:
                self.fault = EnvironmentFault("people_foreign", file=str(path))
                _kept_aside(path)
                return empty
            if damaged or name == COPY:
                self.fault = EnvironmentFault("people_mended", copy=str(damaged or ""))
                with suppress(EnvironmentFault):
                    self._write(body)
            return body
        if damaged:
            self.fault = EnvironmentFault("people_damaged", copy=str(damaged))
        return empty


def _settled(body: _Body) -> _Body:
    """What a file says once the key that was next is the key."""
    assert body.next is not None
    people = tuple(
        msgspec.structs.replace(person, sealed=body.next.sealed[person.name])
        for person in body.people
        if person.name in body.next.sealed
    )
    first = body.first or body.store
    return msgspec.structs.replace(body, store=body.next.store, first=first, people=people, stale=False, next=None)


def is_name(name: str) -> bool:
    """Whether changes may bear `name`: something that can be read, in one form, and not too long."""
    return bool(name) and name == nfc(name.strip()) and name.isprintable() and len(name) <= MAX_NAME


def _written(body: _Body) -> bytes:
    content = msgspec.json.encode(body)
    return f"{_MAGIC} {_VERSION} {_check(content)}\n".encode() + content + b"\n"


def _read(written: bytes) -> _Body:
    """Raises _DamagedError, and EnvironmentFault store_newer."""
    head, _, rest = written.partition(b"\n")
    magic, _, version_and_check = head.decode("ascii", "replace").partition(" ")
    version, _, check = version_and_check.partition(" ")
    if magic == _MAGIC and version.isdecimal() and int(version) > _VERSION:
        raise EnvironmentFault("store_newer", found=int(version), known=_VERSION)
    content = rest.removesuffix(b"\n")
    if magic != _MAGIC or check != _check(content):
        raise _DamagedError
    try:
        return msgspec.json.decode(content, type=_Body)
    except (msgspec.DecodeError, ValueError) as error:
        raise _DamagedError from error


def _check(content: bytes) -> str:
    return blake2b(content, digest_size=_CHECK_BYTES).hexdigest()


def salt_of(folder: Path) -> bytes | None:
    """The salt of the folder's database; None without one."""
    try:
        return salt_at(folder / FILE_NAME)
    except OSError:
        return None


def replace_file(path: Path, written: bytes) -> None:
    """All of it or nothing, and on the disk: what it takes the place of may be the only key.

    Raises EnvironmentFault: store_folder_unwritable, disk_full.
    """
    with _faults(path.parent):
        write_secret(path, written)


def _kept_aside(path: Path) -> Path | None:
    """A copy of a file that cannot be read, before anyone writes over it; the same one is kept once."""
    with suppress(OSError):
        found = path.read_bytes()
        for number in range(1, 1000):
            kept = path.with_name(f"soxa-damaged-{number}.people")
            if not kept.exists():
                shutil.copy2(path, kept)
                return kept
            if kept.read_bytes() == found:
                return kept
    return None


@contextmanager
def _faults(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        code = "disk_full" if error.errno == errno.ENOSPC else "store_folder_unwritable"
        raise EnvironmentFault(code, folder=str(folder)) from error
