"""A small province in one process: its PCs, its centre and the line, moved on step by step from one seed."""

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Final
from unittest import mock

from nacl.signing import SigningKey

from sync.central.centre import Centre, open_centre
from sync.central.desk import Desk
from sync.client.remote import Post
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import OWN_UNIT, Key
from sync.domain.rights import Grant, implied, roots
from sync.domain.values import CLEARED
from sync.protocol.dictionaries import KNOWN
from sync.protocol.messages import START, SyncAnswer, Version
from sync.store import ChangeSet, Store
from sync.store.withdrawing import withdraw
from tests.simulation import invariants, seam
from tests.simulation.disk import Blow, Bomb, Crash, armed, copy_of, put_back
from tests.simulation.line import Far, Line, Sender
from tests.simulation.model import Edit, Model
from tests.simulation.newer import extra_of
from tests.simulation.pc import PC, Copy, WrongClock
from tests.simulation.province import BEGIN_S, CAST, CATALOGUES, PROVINCE, SECRET, Clock, Place, Template, enrol
from tests.simulation.trace import Trace, Violation
from tests.simulation.watch import Watch

ADMINISTRATOR: Final = "admin"


class World(Far):
    """Everything that one seed brings about. Whoever drives it calls its verbs; each checks what must hold then."""

    def __init__(self, seed: int, template: Template, folder: Path, cast: tuple[Place, ...]) -> None:
        self.random = Random(seed)
        self.trace = Trace()
        self.model = Model()
        self.true_clock = Clock(BEGIN_S)
        self.centre_clock = WrongClock(self.true_clock)
        self.centre_copies: list[dict[Path, bytes]] = []
        self.centre_catalogue = "1"
        self.centre_dictionaries: tuple[int, ...] = KNOWN
        self.line = Line(self.random, self.trace, self)
        self.while_pulling: list[tuple[Key, str]] = []
        """What somebody types at the next moment when a sync is under way."""
        self.watch = Watch()
        self.grants: dict[str, tuple[Grant, ...]] = {}
        """What was given to whom; nobody who is not named here was ever given a role."""
        self._folder = folder
        self._tokens = count()
        self._bomb_at_centre: Bomb | None = None
        self._garbage: tuple[PC, object] | None = None
        self._armed: Bomb | None = None
        self.restores = 0
        """How often the centre was restored."""
        template.lay_out(folder)
        self.open_the_centre()
        self.pcs: list[PC] = []
        for place in cast:
            self._add(place.name, folder / place.name, place.person, {place.unit}, [])
        self.note_decisions()

    def close(self) -> None:
        for pc in self.pcs:
            pc.close()
        self._reader.close()
        self.centre.close()

    # The centre

    def open_the_centre(self) -> None:
        """Start the centre's program."""
        self.centre: Centre = open_centre(
            self._folder / "centre",
            CATALOGUES[self.centre_catalogue],
            self.centre_clock,
            new_token=lambda: f"{self.random.getrandbits(32):x}.{next(self._tokens)}",
            new_run=lambda: f"{self.random.getrandbits(32):08x}",
        )
        self._reader = seam.CentreReader(self.centre_file)
        self.desk = Desk(self.centre, self.centre_clock, self.centre_dictionaries)

    def key(self) -> SigningKey:
        return self.centre.key

    def deliver(self, sealed: bytes) -> bytes:
        bomb, self._bomb_at_centre = self._bomb_at_centre, None
        if bomb is None:
            return self.desk.sync(sealed)
        with armed(bomb):
            try:
                return self.desk.sync(sealed)
            except Crash:
                self.trace.fault(f"{bomb.blow.value}_centre")
                self.restart_the_centre(bomb.wreck)
                raise EnvironmentFault("server_unreachable") from None
            except seam.DISK_FULL as error:
                if not bomb.struck:
                    raise
                self.trace.fault("full_centre", type(error).__name__)
                raise EnvironmentFault("server_busy") from error

    def fingerprint(self) -> object:
        return self._reader.fingerprint()

    def everything(self) -> object:
        """What the centre and all PCs hold; equal if nothing changed."""
        return self.fingerprint(), [seam.fingerprint_of_pc(pc.gui) for pc in self.pcs]

    @property
    def centre_file(self) -> Path:
        return self._folder / "centre" / seam.CENTRE_NAME

    def restart_the_centre(self, files: dict[Path, bytes]) -> None:
        """End its program, whatever it was doing, and start it again on a disk that holds `files`."""
        self._reader.close()
        self.centre.close()
        put_back(self.centre_file, files)
        self.open_the_centre()
        self.note_decisions()

    def decide(self, decisions: list[tuple[Key, str]]) -> None:
        """The administrator decides."""
        bomb, self._bomb_at_centre = self._bomb_at_centre, None
        before = self.fingerprint()
        try:
            with self.under(bomb):
                self.centre.repository.decide(decisions, ADMINISTRATOR)
        except ValueError as error:
            self.trace.say(f"  refused: {error}"[:100])
            if self.fingerprint() != before:
                raise Violation("I16", "a decision that was refused changed the centre") from error
        except Crash:
            assert bomb is not None
            self.trace.fault(f"{bomb.blow.value}_centre", "deciding")
            self.restart_the_centre(bomb.wreck)
        except seam.DISK_FULL:
            if bomb is None or not bomb.struck:
                raise
            self.trace.fault("full_centre", "deciding")
        self.note_decisions()

    def decide_without_power(self, decisions: list[tuple[Key, str]]) -> None:
        """The power fails while the register is written: its last line is torn, and nothing was committed."""
        files, register = copy_of(self.centre_file), self.centre_file.with_name(seam.REGISTER_NAME)
        before = register.read_bytes()
        with suppress(ValueError):
            self.centre.repository.decide(decisions, ADMINISTRATOR)
        if line := register.read_bytes()[len(before) :]:
            cut = self.random.randrange(1, len(line))
            # Of a line that is longer than a sector the end may be on the disk before the beginning.
            torn = bytes(cut) + line[cut:] if self.random.random() < 0.3 else line[:cut]
            register.write_bytes(before + torn)
            self.trace.fault("torn_register")
        self.restart_the_centre(files)
        if register.read_bytes() != before:
            raise Violation("I5", "a torn line of the register was kept")

    def note_decisions(self) -> None:
        """What the centre's own device has in its log is known to the model; and look at the whole centre."""
        state = self._reader.read()
        for version in sorted(
            state.log.keys() - self.model.edits.keys(), key=lambda version: (version.n, version.branch)
        ):
            if version.device == self.centre_device:
                row = state.log[version]
                self.model.add(Edit(row.version, row.key, row.content, row.seen, row.author))
                self.watch.decided.append(row.version)
        self.watch.hands = {pc.device: pc.grants for pc in self.pcs}
        self.watch.centre(self.model, state)

    @property
    def centre_device(self) -> str:
        return seam.centre_device(self.centre)

    def plant(self, bomb: Bomb) -> None:
        """It lies under the centre when it is next asked for something."""
        self._bomb_at_centre = bomb

    def bomb(self, file: Path, blow: Blow, most: int) -> Bomb:
        """A bomb that strikes soon, at a place that the seed chooses."""
        return Bomb(file, blow, self.random.randrange(most), lambda low, high: self.random.randint(low, max(low, high)))

    def set_scope(self, pc: PC, scope: set[str]) -> None:
        """The administrator gives a device these units; a copied folder is the same device."""
        self.centre.enrolment.set_scope(pc.device, scope)
        for twin in self.pcs:
            if twin.device == pc.device:
                twin.roots = set(scope)
                twin.grants = implied(scope)
        self.note_decisions()

    def set_role(self, person: str, grant: Grant, *, gives: bool) -> None:
        """The administrator gives somebody a role, or takes it; every device of theirs is one of people from now on."""
        others = tuple(one for one in self.grants.get(person, ()) if one[:2] != grant[:2])
        if gives:
            self.centre.staff.give(person, *grant)
        else:
            self.centre.staff.take(person, grant.role, grant.unit)
        self.grants[person] = (*others, grant) if gives else others
        for pc in self.pcs:
            if pc.person == person:
                pc.has_people, pc.grants = True, self.grants[person]
                pc.roots = set(roots({person: pc.grants}))
        self.note_decisions()

    def change_the_catalogue(self) -> None:
        """The centre is started with the other version of the catalogue."""
        self.centre_catalogue = "2" if self.centre_catalogue == "1" else "1"
        self.restart_the_centre(copy_of(self.centre_file))

    def change_dictionaries(self) -> None:
        """The centre is started without its dictionaries, or with them again."""
        self.centre_dictionaries = () if self.centre_dictionaries else KNOWN
        self.restart_the_centre(copy_of(self.centre_file))

    def copy_the_centre(self) -> None:
        """A backup of the database is made."""
        self.centre_copies.append(copy_of(self.centre_file))

    def restore_the_centre(self) -> None:
        """An older copy of the database takes the place of the present one; key and register are as they are."""
        files = self.random.choice(self.centre_copies)
        before = self._reader.read()
        self.watch.centre_restored()
        self.restores += 1
        for pc in self.pcs:
            pc.centre_was_restored = True
        self.restart_the_centre(files)
        after = self._reader.read()
        self._bury(set(before.log) - set(after.log))

    # PCs

    def _add(self, name: str, folder: Path, person: str, scope: set[str], typed: list[Version]) -> PC:
        clock = WrongClock(self.true_clock)
        pc = PC(name, folder, person, scope, clock, self.random, "1", self._post, self._changed, typed)
        pc.open()
        pc.grants = implied(scope)
        self.pcs.append(pc)
        return pc

    def change_catalogue_of(self, pc: PC) -> None:
        """The PC is started with the other version of the catalogue."""
        pc.catalogue = "2" if pc.catalogue == "1" else "1"
        pc.become(copy_of(pc.file))

    def change_dictionaries_of(self, pc: PC) -> None:
        """The PC is started without its dictionaries, or with them again."""
        pc.dictionaries = () if pc.dictionaries else KNOWN
        pc.become(copy_of(pc.file))

    def enrol(self, place: Place, edits: list[tuple[Key, str]]) -> PC:
        """A PC that was used before it belonged to anybody is taken in, with what was typed there for its own unit."""
        folder = self._folder / place.name
        with closing(Store.open(folder, SECRET, "1", new_run=lambda: f"{self.random.getrandbits(32):08x}")) as store:
            at = datetime.fromtimestamp(self.true_clock(), UTC)
            for key, content in edits:
                store.record_changes([(key._replace(unit=OWN_UNIT), content)], place.person, at)
            with mock.patch.object(secrets, "choice", self.random.choice):
                enrol(self.centre, store, place)
            store.adopt(place.unit)
        pc = self._add(place.name, folder, place.person, {place.unit}, [])
        self._note_typed(pc)
        for key, content in dict(edits).items():
            shown = pc.gui.shown(key._replace(unit=place.unit))
            if (shown.content if shown else CLEARED) != content:
                raise Violation("I1", f"{pc.name} typed {content} before it was enrolled, and shows {shown}")
        self.note_decisions()
        return pc

    def revoke(self, pc: PC) -> None:
        """The administrator takes a device's right to speak; a copied folder is the same device."""
        self.centre.enrolment.revoke(pc.device)
        for twin in self.pcs:
            twin.is_revoked |= twin.device == pc.device
        self.note_decisions()

    def clone(self, pc: PC) -> PC:
        """Somebody copies the data folder to another PC, and both are used."""
        copy = pc.take_copy()
        name = f"{pc.name}'{len(self.pcs)}"
        folder = self._folder / name
        folder.mkdir()
        for path, content in copy.files.items():
            (folder / path.name).write_bytes(content)
        twin = self._add(name, folder, pc.person, set(pc.roots), copy.typed)
        twin.complete = set(pc.complete)
        twin.heard, twin.unproven = copy.heard, set(pc.unproven)
        twin.is_revoked, twin.grants, twin.has_people = pc.is_revoked, pc.grants, pc.has_people
        twin.believed, twin.anew = pc.believed, set(pc.anew)
        twin.centre_was_restored = pc.centre_was_restored
        pc.become(copy.files)
        return twin

    def restore(self, pc: PC, copy: Copy) -> None:
        """An older copy of the folder takes the place of the present one."""
        lost = set(pc.typed) - set(copy.typed)
        pc.become(copy.files)
        pc.typed, pc.heard = list(copy.typed), set(copy.heard)
        pc.centre_was_restored = self.restores > 0
        pc.proven = frozenset()
        pc.shown.clear()
        pc.looked_at.clear()
        pc.complete.clear()
        self._bury(lost)

    def _bury(self, versions: set[Version]) -> None:
        """Those of `versions` that no log holds any more are gone, unless a message on its way brings them back."""
        kept = {version for pc in self.pcs for version in pc.typed}
        kept |= self._reader.read().log.keys()
        self.model.gone |= {version for version in versions - kept if version.device != self.centre_device}

    def type(
        self,
        pc: PC,
        edits: list[tuple[Key, str]],
        *,
        author: str = "",
        resolving: bool = False,
        bomb: Bomb | None = None,
    ) -> None:
        """The PC's person types, or `author`. Whatever happens then, all of it is kept or nothing."""
        before = {key: seam.read_cell(pc.gui, key) for key, _ in edits}
        at = datetime.fromtimestamp(max(0, pc.clock()), UTC)
        during_sync = self._armed is not None
        try:
            with self.under(bomb):
                seam.record(pc.gui, edits, author or pc.person, at, resolving=resolving)
        except Crash:
            if bomb is None or during_sync:
                raise
            self.died(pc, bomb)
        except EnvironmentFault as fault:
            struck = bomb or self._armed
            if struck is None or not struck.struck or fault.code != "disk_full":
                raise Violation("I1", f"{pc.name} could not type: {fault}") from fault
            self.trace.fault("full_pc", f"{pc.name} typing")
        kept = self._note_typed(pc)
        invariants.check_typing(self.model, pc, before, edits, kept, resolving=resolving)
        if bomb is None and not during_sync and not kept:
            invariants.check_no_edit(pc, edits)
        for key in before:
            invariants.check_cell(self.model, pc, self.watch.now, key, seam.read_cell(pc.gui, key))

    def take_back(self, pc: PC, key: Key, instead: list[tuple[Key, str]]) -> None:
        """Somebody takes back what is parked in a cell, and perhaps types it elsewhere."""
        at = datetime.fromtimestamp(max(0, pc.clock()), UTC)
        withdraw(pc.gui, [key], pc.person, at, instead)
        self._note_typed(pc)
        self.trace.fault("taken_back", f"{pc.name} {'/'.join(key)}")
        shown = pc.gui.shown(key)
        if shown is not None and shown.reason:
            raise Violation("I1", f"{pc.name} took back what is parked in {key}, and still shows {shown}")
        invariants.check_pc(self.model, pc, self.watch.now)

    def _note_typed(self, pc: PC) -> list[seam.Logged]:
        """Changes in the PC's log that the model does not know yet."""
        kept = seam.tail_of(pc.gui, self.model.edits[pc.typed[-1]].version.n if pc.typed else 0)
        for row in kept:
            self.model.add(Edit(row.version, row.key, row.content, row.seen, row.author))
            pc.typed.append(row.version)
            self.trace.say(f"  {row.version.branch[20:]}.{row.version.n} {'/'.join(row.key)} = {row.content[:40]}")
            if extra_of(row.version) and not self.trace.faults["newer_field"]:
                self.trace.fault("newer_field")
        return kept

    def sync(self, pc: PC, *, rounds: int = 0, bomb: Bomb | None = None) -> bool:
        """A session, or only so many of its rounds. Whether it ended well."""
        self._compare_cursors(pc)
        self.line.begin()
        faults_before = self.trace.faults.total()
        left = count(1)
        well = False
        try:
            with self.under(bomb):
                pc.session.run(lambda: rounds == 0 or next(left) < rounds)
            well = True
        except EnvironmentFault as fault:
            self.trace.say(f"  {pc.name}: {fault.code} after {self.line.posts}")
            self._check_fault(pc, fault, bomb, faults_before)
        except Crash:
            assert bomb is not None
            self.died(pc, bomb)
        self._garbage = None
        self.while_pulling.clear()
        self._note_typed(pc)
        self.note_decisions()
        if self.line.lacked_receipts:
            pc.unproven |= invariants.in_effect(pc) - pc.heard
        invariants.check_pc(self.model, pc, self.watch.now)
        if well and rounds == 0:
            pc.centre_was_restored = False
            invariants.no_reader_is_left_behind(self.watch.now, pc)
        return well

    def _compare_cursors(self, pc: PC) -> None:
        """A PC comes to a centre that was restored: note how far that is compared with what the PC has read."""
        if not pc.centre_was_restored:
            return
        for (_, stream), cursor in pc.reader.read().cursors.items():
            end = self.watch.now.streams.get(stream, START)
            if cursor.seq and (stream, *cursor) not in self.watch.now.commits:
                kind = "lower" if end.seq < cursor.seq else "equal" if end.seq == cursor.seq else "higher"
                self.trace.fault(f"restore_centre_{kind}", f"{pc.name} {stream}")

    @contextmanager
    def under(self, bomb: Bomb | None) -> Iterator[None]:
        """What happens inside happens on a disk that fails."""
        if bomb is None:
            yield
            return
        self._armed = bomb
        try:
            with armed(bomb):
                yield
        finally:
            self._armed = None

    def _check_fault(self, pc: PC, fault: EnvironmentFault, bomb: Bomb | None, faults_before: int) -> None:
        if bomb is not None and bomb.struck and fault.code == "disk_full":
            self.trace.fault("full_pc", f"{pc.name} syncing")
        elif pc.is_revoked and fault.code == "device_revoked":
            pass
        elif self.trace.faults.total() == faults_before:
            raise Violation("I17", f"{pc.name} could not sync over a good line: {fault}") from fault
        if self._garbage is not None:
            sender, before = self._garbage
            if seam.fingerprint_of_pc(sender.worker) != before:
                raise Violation("I16", f"bytes that are no answer changed {sender.name}")

    def died(self, pc: PC, bomb: Bomb) -> None:
        """The bomb ended the PC's program."""
        self.trace.fault(f"{bomb.blow.value}_pc", pc.name)
        pc.become(bomb.wreck)

    def _post(self, pc: PC) -> Post:
        def garbage() -> None:
            self._garbage = (pc, seam.fingerprint_of_pc(pc.worker))

        def look(answer: SyncAnswer) -> None:
            self._garbage = None
            if pc.is_revoked and (answer.scope is not None or answer.pages or answer.heals or answer.known):
                raise Violation("I18", f"{pc.name} was revoked, and is answered {answer}")
            invariants.check_answer(pc, answer)

        def post(sealed: bytes) -> bytes:
            pc.note_scope()  # the answer before may have changed nothing else
            self._type_meanwhile(pc)
            return self.line.post(Sender(pc.name, pc.key, not pc.centre_was_restored, look, garbage), sealed)

        return post

    def _changed(self, pc: PC, _: ChangeSet) -> None:
        pc.note_scope()
        self._type_meanwhile(pc)

    def _type_meanwhile(self, pc: PC) -> None:
        if self.while_pulling:
            edits = self.while_pulling[:]
            self.while_pulling.clear()
            self.trace.fault("edit_during_pull", pc.name)
            self.type(pc, edits)


def cast_of(random: Random) -> tuple[Place, ...]:
    """Two to six PCs, always those of a village and of its commune."""
    others = random.sample(CAST[2:], random.randrange(len(CAST) - 1))
    return (*CAST[:2], *sorted(others, key=CAST.index))


__all__ = ["PROVINCE", "World", "cast_of"]
