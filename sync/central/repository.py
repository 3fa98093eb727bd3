"""How the centre keeps: one call takes what a device pushes and answers with what it may see and has not yet."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, select

from sync.central import escrow, log, members, parked, push
from sync.central.arrivals import Book, commits
from sync.central.database import Database
from sync.central.healing import heals
from sync.central.judgement import Judge, Rules, Standing
from sync.central.members import Release, read_hands, read_member
from sync.central.pull import Names, Vectors, pages, stream_ends, subscriptions
from sync.central.receipts import mac_of_one
from sync.central.reclassing import is_stale, narrowings, reclass
from sync.central.register import Register
from sync.central.room import Room
from sync.central.tables import commit_token
from sync.central.tables import record as record_table
from sync.central.tables import stream as stream_table
from sync.domain.catalogue import Catalogue
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import BROADCAST, ESCROW, UNIT, WITHDRAWAL, Key, is_for_one_unit, stream_of, stream_of_device
from sync.domain.program import VERSION
from sync.domain.rights import is_seen
from sync.domain.units import Unit
from sync.protocol.messages import START, Change, Cursor, Link, Push, Subscription, SyncAnswer, SyncRequest
from sync.protocol.own import by_number
from sync.protocol.remote import Remote
from sync.protocol.version import FIRST_WITH_NUMBERS, FIRST_WITH_PROOFS, FIRST_WITH_RESEND

_RUN_BYTES: Final = 4

TOKEN_DAYS: Final = 400
"""How long a commit is known by its token."""

MAX_CHECKS: Final = 16
MAX_LOST: Final = 200
"""As many as a device sends: more would only keep the centre busy."""

CENTRE: Final = "Trung tâm"
"""The author of what the centre itself decides: a name, as those of people are, and so data."""


_TOKEN: Final = select(stream_table.c.token).where(
    stream_table.c.province_code == bindparam("province"), stream_table.c.stream == BROADCAST
)
"""Of the broadcast stream's last commit."""


def random_token() -> str:
    """A commit's token: short, and never the same after a restore."""
    return secrets.token_urlsafe(6)


def random_run() -> str:
    """A name for one opening of the centre: 8 hexadecimal digits."""
    return secrets.token_hex(_RUN_BYTES)


class Repository(Remote):
    """The centre's side of `Remote` for one province. `centre` is the centre's own device.

    `clock` gives seconds since 1970 UTC: shown beside what was received, never decided by. Several threads may call at
    once, and other processes may write to the same database. `receipt_key` is from `receipts.receipt_key`.
    """

    def __init__(
        self,
        database: Database,
        province: str,
        centre: str,
        catalogue: Catalogue,
        register: Register,
        receipt_key: bytes,
        clock: Callable[[], float],
        new_token: Callable[[], str] = random_token,
        new_run: Callable[[], str] = random_run,
    ) -> None:
        self._database = database
        self._province = province
        self._centre = centre
        self._rules = Rules(catalogue)
        self._register = register
        self._receipt_key = receipt_key
        self._clock = clock
        self._new_token = new_token
        self._branch = centre + new_run()
        self._units: tuple[str, frozenset[str]] = ("", frozenset())
        self._vectors = Vectors()

    def push_pull(self, device: str, request: SyncRequest) -> SyncAnswer:
        """One round trip of a device whose seal was checked.

        A revoked one may still hand in what it had to send: it is held, and the answer is its receipt and nothing
        else. Raises EnvironmentFault device_unknown or device_revoked, and MessageError for a push that no device
        sends.
        """
        now = int(self._clock())
        # Even an empty push asks whether its link is known, which needs no right to write.
        opening = self._database.writing if request.push.changes else self._database.reading
        with opening() as connection:
            is_revoked = read_member(connection, self._province, device).is_revoked
            if is_revoked:
                if request.protocol < FIRST_WITH_RESEND:
                    raise EnvironmentFault("device_revoked")
                escrow.check_room(connection, self._province, device, len(request.push.changes))
            book = self._book(connection, now)
            pushed = push.take(connection, self._province, device, request.push, book, self._receipt_key, now)
            if any(change.key.kind == WITHDRAWAL for change in request.push.changes):
                self.decide_in(connection, parked.to_decide(connection, self._province, device), CENTRE)
        if is_revoked:
            if pushed.held and not request.push.changes:
                raise EnvironmentFault("device_revoked")
            # Also that the centre was restored, and has not what it once held of this device.
            return _receipt_alone(pushed, now)
        with self._database.reading() as connection:
            return self._answer(connection, device, request, pushed, now)

    def _answer(
        self, connection: Connection, device: str, request: SyncRequest, pushed: push.Pushed, now: int
    ) -> SyncAnswer:
        answer = SyncAnswer(now, pushed.held, pushed.ends, pushed.results, pushed.mac)
        cursors: Mapping[Subscription, Cursor] | None = request.cursors
        if request.vector:
            cursors = self._vectors.find(request.vector)
            if cursors is None:
                return msgspec.structs.replace(answer, resend=True)
        assert cursors is not None
        member = read_member(connection, self._province, device)
        if member.is_revoked:
            # Between the two halves of its round trip.
            return _receipt_alone(pushed, now)
        scope = member.scope
        names = Names(scope, request.protocol)
        sent = {names.ours(subscription): cursor for subscription, cursor in cursors.items()}
        # A stream that a device has read and that is not here was lost with everything in it: it ends at its start.
        ends = dict.fromkeys((stream for _, stream in cursors), START) | stream_ends(connection, self._province)
        narrowed = narrowings(connection, self._province)
        stale = {root for root in scope if is_stale(connection, self._province, narrowed, sent, ends, root)}
        if stale:
            # All of it leaves the device, which asks again at once and reads it anew.
            kept_scope = [root for root in names.scope if names.ours(Subscription(root, "")).root not in stale]
            return msgspec.structs.replace(answer, scope=kept_scope, resend=True)
        followed = subscriptions(device, scope, ends)
        streams = {stream_of(change.key) for change in request.push.changes} if pushed.held else set()
        if any(result.reason for result in pushed.results):
            streams.add(stream_of_device(device))
        proves = request.protocol >= FIRST_WITH_PROOFS
        room = Room(request.page_bytes)
        found = pages(connection, self._province, followed, ends, sent, narrowed, streams, room, proves=proves)
        checks = [check._replace(subscription=names.ours(check.subscription)) for check in request.checks[:MAX_CHECKS]]
        healed = heals(connection, self._province, checks, frozenset(followed), sent, ends, room)
        # What the device will have when it has taken this answer.
        kept = {names.theirs(each): sent[each] for each in followed if each in sent}
        found = [msgspec.structs.replace(page, subscription=names.theirs(page.subscription)) for page in found]
        self._vectors.keep(kept | {page.subscription: page.cursor for page in found})
        if pushed.held and request.protocol >= FIRST_WITH_NUMBERS:
            found = [by_number(page, request.push.changes, now) for page in found]
        roots = {root for root, stream in cursors if is_for_one_unit(stream)}
        return msgspec.structs.replace(
            answer,
            scope=None if roots == set(names.scope) else names.scope,
            pages=found,
            heals=healed,
            known=log.held(
                connection,
                self._province,
                device,
                lambda key: is_seen(self._rules.catalogue, scope, key),
                request.lost[:MAX_LOST],
            ),
        )

    def decide(self, decisions: Iterable[tuple[Key, str]], author: str) -> int:
        """Write what the centre decides (units, tasks, deadlines, given values) as changes of its own device.

        All in one transaction. A cell of which the centre's last word has this content already is left alone, so that
        deciding the same again changes nothing; a value that others typed since becomes a conflict, never overwritten.
        Gives the number of changes. Raises ValueError when one of them may not take effect.
        """
        with self._database.writing() as connection:
            return self.decide_in(connection, decisions, author)

    def decide_in(self, connection: Connection, decisions: Iterable[tuple[Key, str]], author: str) -> int:
        """As `decide`, in a transaction with the right to write that the caller holds."""
        now = int(self._clock())
        self.restore_in(connection)
        last = read_member(connection, self._province, self._centre).last
        decided = dict(decisions)
        words = log.last_words(connection, self._province, self._centre, decided)
        changes: list[Change] = []
        for key, content in decided.items():
            before, said = words.get(key, (None, None))
            if content != said:
                seen = (before,) if before else ()
                n = last.n + len(changes) + 1
                catalogue = self._rules.catalogue.version
                changes.append(Change(n, self._branch, key, content, seen, author, now, catalogue))
        self._take_own(connection, last, changes, now)
        if changes:
            self._register.append(changes)
        return len(changes)

    def restore_in(self, connection: Connection) -> None:
        """Give a database that was restored what the centre decided since, and a register that is behind its own."""
        last = read_member(connection, self._province, self._centre).last
        register_n = self._register.last_n()
        if register_n > last.n:
            missing = self._register.after(last.n)
            # Whatever gives parked changes their effect stands in front of it, or in a part of its own.
            parked.take_back(connection, self._province, [change.key for change in missing])
            self._take_own(connection, last, missing, int(self._clock()), again=True)
        elif register_n < last.n:
            self._register.append(log.changes_of(connection, self._province, self._centre, register_n))

    def _take_own(
        self, connection: Connection, last: Link, changes: list[Change], now: int, *, again: bool = False
    ) -> None:
        for part in commits([change.content for change in changes]):
            run = changes[part]
            book = self._book(connection, now)
            taken = push.take(connection, self._province, self._centre, Push(last, run), book, self._receipt_key, now)
            refused = [result for result in taken.results if result.reason]
            if refused and not again:
                raise ValueError(f"{refused[0].reason}: {run[refused[0].n - run[0].n].key}")
            assert taken.held is not None, "its own chain"
            last = taken.held

    def catch_up(self) -> None:
        """Do what was left to do when the centre opens: after a restore, or with a catalogue that knows more.

        Raises EnvironmentFault register_damaged.
        """
        now = int(self._clock())
        with self._database.writing() as connection:
            self._register.check()
            self.restore_in(connection)
            if undecided := members.undecided(connection, self._province, self._centre):
                self.decide_in(connection, undecided, CENTRE)
            self.decide_in(connection, parked.to_decide(connection, self._province), CENTRE)
            reclass(connection, self._province, self._rules.catalogue, now, self._new_token)
            rules = f"{VERSION} {self._rules.catalogue.version}"
            parked.judge_anew(connection, self._province, self._book(connection, now), rules)
            # A device that was away for longer proves what it holds instead.
            connection.execute(
                delete(commit_token).where(
                    commit_token.c.province_code == self._province, commit_token.c.at < now - TOKEN_DAYS * 86_400
                )
            )

    def release_escrow(self, device: str, author: str, *, take: bool) -> int:
        """Let what is held of a revoked device be judged as any other change, or leave it without effect for good.

        How many changes were held. Whose decision that was stands in the audit, as one of the centre's.
        """
        now = int(self._clock())
        with self._database.writing() as connection:
            if take:
                count = escrow.take(connection, self._province, self._book(connection, now), device)
                self.decide_in(connection, parked.to_decide(connection, self._province, device), CENTRE)
            else:
                count = escrow.dismiss(connection, self._province, device, now)
            if count:
                decided = (Key(ESCROW, self._province, device), Release(take, count, now).content())
                self.decide_in(connection, [decided], author)
            return count

    def units(self) -> dict[str, Unit]:
        """All units of the province by key, as they stand."""
        columns = record_table.c
        query = select(columns.unit, columns.content).where(
            columns.province_code == self._province, columns.stream == BROADCAST, columns.kind == UNIT
        )
        with self._database.reading() as connection:
            return {key: Unit.of(key, content) for key, content in connection.execute(query)}

    def decided(self, kind: str) -> dict[Key, str]:
        """What stands in every cell of a kind that is for all, by key."""
        columns = record_table.c
        query = select(*(columns[name] for name in Key._fields), columns.content).where(
            columns.province_code == self._province, columns.stream == BROADCAST, columns.kind == kind
        )
        with self._database.reading() as connection:
            return {Key(*address): content for *address, content in connection.execute(query)}

    def _book(self, connection: Connection, now: int) -> Book:
        def judge_of(device: str, standing: Standing, again: bool) -> Judge:
            units = self._known_units(connection)
            hands = read_hands(connection, self._province, device)
            # What was taken in before, or was taken out of the escrow, waits for nothing but its own cause.
            is_held = hands.is_revoked and not again
            is_centre = device == self._centre
            return Judge(self._rules, units, hands, standing, is_centre=is_centre, is_revoked=is_held)

        receipt_of = partial(mac_of_one, self._receipt_key)
        return Book(connection, self._province, self._rules, judge_of, receipt_of, now, self._new_token)

    def _known_units(self, connection: Connection) -> frozenset[str]:
        """Keys of all units that the province has or had, read again when the broadcast stream moved."""
        # The token, unlike the sequence number, is never used again after a rollback or a restore.
        token: str | None = connection.scalar(_TOKEN, {"province": self._province})
        known_at, units = self._units
        if token is not None and token != known_at:
            units = frozenset(
                connection.scalars(
                    select(record_table.c.unit).where(
                        record_table.c.province_code == self._province,
                        record_table.c.stream == BROADCAST,
                        record_table.c.kind == UNIT,
                    )
                )
            )
            # One assignment of one tuple: another thread sees the old pair or the new.
            self._units = (token, units)
        return units


def _receipt_alone(pushed: push.Pushed, now: int) -> SyncAnswer:
    """What a revoked device hears. Nothing was read for it: what it holds is no more proven than before."""
    return SyncAnswer(now, pushed.held, pushed.ends, pushed.results, pushed.mac, resend=True)
