"""Who belongs to the centre: enrolment codes, the devices that used them, and how often a code may be guessed."""

from collections import Counter, deque
from collections.abc import Callable, Collection
from hmac import compare_digest
from threading import Lock
from typing import Final, NamedTuple

import msgspec
from nacl.signing import SigningKey
from sqlalchemy import Connection, bindparam, insert, select

from sync.central.database import Database
from sync.central.keys import centre_id
from sync.central.members import Membership, key_of, read_membership, read_people, read_persons, read_units
from sync.central.people import Decisions, rights_of
from sync.central.repository import CENTRE, Repository
from sync.central.tables import device, enrolment_code
from sync.domain.authors import id_of
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import within
from sync.domain.rights import unit_of
from sync.protocol import chain
from sync.protocol.joining import hash_of, hint_of, proof_of_asking, secret_of
from sync.protocol.messages import EnrolAnswer, EnrolRequest
from sync.protocol.parcel import Joining
from sync.protocol.recovery import random_code

_DAY_S: Final = 86_400
_MAX_COMPUTER: Final = 100
_MOST_HINTED: Final = 4
"""Each costs a third of a second, and 50,000 codes in a province have one or none in common."""

_KEY: Final = select(device.c.public_key).where(
    device.c.province_code == bindparam("province"), device.c.device == bindparam("of_device")
)


class Device(NamedTuple):
    """An enrolled device, as the administrator lists it. Times are seconds since 1970 UTC."""

    device: str
    units: tuple[str, ...]
    person: str
    computer: str
    enrolled_at: int
    revoked_at: int | None
    last_n: int
    forks: int


class Enrolment:
    """Makes codes and takes devices in, for one province. `clock` gives seconds since 1970 UTC."""

    def __init__(
        self,
        database: Database,
        repository: Repository,
        province: str,
        key: SigningKey,
        clock: Callable[[], float],
        recovery_key: bytes,
    ) -> None:
        self._database = database
        self._repository = repository
        self._province = province
        self._key = key
        self._clock = clock
        self._recovery_key = recovery_key
        self._public_keys: dict[str, bytes] = {}

    def make_code(self, unit: str, person: str, days: int) -> str:
        """A new code for one device of `unit`, good for `days`. Only its hash is kept."""
        code = random_code()
        with self._database.writing() as connection:
            connection.execute(
                insert(enrolment_code),
                {
                    "province_code": self._province,
                    "hash": hash_of(code),
                    "unit": unit,
                    "person": person,
                    "expires_at": int(self._clock()) + days * _DAY_S,
                    "used_by": "",
                },
            )
        return code

    def enrol(self, request: EnrolRequest) -> EnrolAnswer:
        """Take a device in that holds the key in `request`, for the unit and person that its code was made for.

        The same device with the same code is answered again, since the first answer may have been lost: with what it
        is now, which a later code may have changed. Raises EnvironmentFault code_wrong, code_used, code_expired or
        device_revoked.
        """
        # The code is found by its hash: how long that takes says nothing about the code.
        return self._take_in(hash_of(request.code), request.public_key, request.computer)

    def join(self, joining: Joining) -> tuple[EnrolAnswer, bytes]:
        """Take a device in that asked in a file, as `enrol`: the answer, and the secret that proves it.

        Raises as `enrol`, and EnvironmentFault memory_short.
        """
        for code_hash in self._hinted(joining.hint):
            secret = secret_of(code_hash, joining.public_key)
            if compare_digest(proof_of_asking(secret, joining.public_key), joining.proof):
                return self._take_in(code_hash, joining.public_key, joining.computer), secret
        raise EnvironmentFault("code_wrong")

    def _hinted(self, hint: bytes) -> list[bytes]:
        """The hashes of the codes that a hint may be of: one or none, nearly always."""
        query = select(enrolment_code.c.hash).where(enrolment_code.c.province_code == self._province)
        with self._database.reading() as connection:
            return [found for found in connection.scalars(query) if hint_of(found) == hint][:_MOST_HINTED]

    def _take_in(self, code_hash: bytes, public_key: bytes, computer: str) -> EnrolAnswer:
        now = int(self._clock())
        name = chain.device_id(public_key)
        codes, devices = enrolment_code.c, device.c
        this_code = (codes.province_code == self._province, codes.hash == code_hash)
        this_device = (devices.province_code == self._province, devices.device == name)
        with self._database.writing() as connection:
            code = connection.execute(select(enrolment_code).where(*this_code).with_for_update()).one_or_none()
            if code is None:
                raise EnvironmentFault("code_wrong")
            known = connection.execute(select(device).where(*this_device)).one_or_none()
            if known is not None and known.revoked_at is not None:
                raise EnvironmentFault("device_revoked")
            if code.used_by not in ("", name):
                raise EnvironmentFault("code_used")
            unit, person = (
                (code.unit, code.person) if known is None or not code.used_by else (_first(known.units), known.person)
            )
            if not code.used_by:
                if code.expires_at < now:
                    raise EnvironmentFault("code_expired")
                membership = Membership(
                    public_key.hex(),
                    (code.unit,),
                    code.person,
                    printable(computer),
                    now if known is None else known.enrolled_at,
                    code=code_hash.hex(),
                )
                self._repository.decide_in(connection, self._joined(connection, name, membership), CENTRE)
            found = read_persons(connection, self._province).get(id_of(person))
        person = found.author if found else person
        key = bytes(self._key.verify_key)
        return EnrolAnswer(now, centre_id(self._key), key, self._province, unit, person, self._recovery_key)

    def _joined(self, connection: Connection, name: str, membership: Membership) -> Decisions:
        """A device is taken in: for whoever its code was made for, beside those that are its people already.

        Where nobody has said who they are and the person has no role, all hands on it do as the code's unit does.
        """
        person = read_persons(connection, self._province).get(id_of(membership.person))
        people = read_people(connection, self._province).get(name)
        if person is None and people is None:
            return [(key_of(self._province, name), membership.content())]
        author, held = (person.author, person.grants) if person else (membership.person, ())
        return rights_of(self._province, name, membership, {**(people or {}), author: held})

    def public_key(self, name: str) -> bytes | None:
        """The key that a device's seals are checked with; None for a device that is not known."""
        if name not in self._public_keys:
            with self._database.reading() as connection:
                found: bytes | None = connection.scalar(_KEY, {"province": self._province, "of_device": name})
            if found is None:
                return None
            # A device's name is made of its key: it never has another.
            self._public_keys[name] = found
        return self._public_keys[name]

    def devices(self) -> list[Device]:
        """All devices, by unit."""
        columns = [device.c[name] for name in Device._fields]
        query = (
            select(*columns).where(device.c.province_code == self._province).order_by(device.c.units, device.c.device)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [Device(name, read_units(units), *rest) for name, units, *rest in rows]

    def set_scope(self, name: str, units: Collection[str]) -> None:
        """Let a device see and fill in the subtrees of these units and no others.

        Raises EnvironmentFault device_unknown, device_has_people.
        """
        with self._database.reading() as connection:
            if name in read_people(connection, self._province):
                # What it sees is what its people may read.
                raise EnvironmentFault("device_has_people", device=name)
        # A unit below another of them would only be served twice.
        roots = {unit for unit in units if not any(unit != above and within(unit, above) for above in units)}
        self._decide(name, lambda membership: msgspec.structs.replace(membership, units=tuple(sorted(roots))))

    def revoke(self, name: str, author: str = CENTRE) -> None:
        """Take a device's right to speak. Raises EnvironmentFault device_unknown."""
        now = int(self._clock())
        self._decide(name, lambda membership: msgspec.structs.replace(membership, revoked_at=now), author)

    def rename(self, name: str, computer: str, author: str = CENTRE) -> None:
        """Call a device's PC by another name in the list. Raises EnvironmentFault device_unknown."""
        named = printable(computer)
        self._decide(name, lambda membership: msgspec.structs.replace(membership, computer=named), author)

    def _decide(self, name: str, change: Callable[[Membership], Membership], author: str = CENTRE) -> None:
        with self._database.writing() as connection:
            membership = read_membership(connection, self._province, name)
            decided = (key_of(self._province, name), change(membership).content())
            self._repository.decide_in(connection, [decided], author)


def _first(units: str) -> str:
    found = read_units(units)
    return unit_of(found[0]) if found else ""


class Throttle:
    """Counts wrong codes in a sliding window, for each address and for all. Safe to call from several threads."""

    WINDOW_S: Final = 600
    PER_ADDRESS: Final = 10
    FOR_ALL: Final = 5_000

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: deque[tuple[float, str]] = deque(maxlen=self.FOR_ALL)
        self._by_address: Counter[str] = Counter()
        self._lock = Lock()

    def wait_s(self, address: str) -> int:
        """Seconds until this address may try a code again; 0 when it may now."""
        with self._lock:
            now = self._forget()
            if len(self._failures) == self.FOR_ALL:
                first = self._failures[0][0]
            elif self._by_address[address] >= self.PER_ADDRESS:
                first = next(at for at, of in self._failures if of == address)
            else:
                return 0
            return int(first + self.WINDOW_S - now) + 1

    def failed(self, address: str) -> None:
        """Remember a wrong code."""
        with self._lock:
            now = self._forget()
            if len(self._failures) < self.FOR_ALL:
                self._failures.append((now, address))
                self._by_address[address] += 1

    def _forget(self) -> float:
        now = self._clock()
        while self._failures and self._failures[0][0] <= now - self.WINDOW_S:
            _, address = self._failures.popleft()
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]
        return now


def printable(name: str) -> str:
    """A device's name for its PC: an administrator reads it in a terminal, which must not take orders from it."""
    return "".join(sign for sign in name if sign.isprintable())[:_MAX_COMPUTER]
