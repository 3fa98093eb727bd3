"""Parcels between PCs and the centre: made, carried late, twice and in any order, and their answers as well."""

from random import Random
from typing import Final, NamedTuple

from sync.central import carrying
from sync.client import parcels
from sync.domain.errors import EnvironmentFault
from sync.protocol import codec, envelope, parcel
from sync.protocol.messages import SyncAnswer
from sync.protocol.parcel import Answering
from tests.simulation import invariants
from tests.simulation.disk import Bomb, Crash
from tests.simulation.pc import PC
from tests.simulation.trace import Violation
from tests.simulation.world import World

_KEPT: Final = 6
_LEFT: Final = ("parcel_old", "parcel_other_device", "push_branch", "device_revoked")
"""Why an answer may be of no use where it comes."""


class _Carried(NamedTuple):
    name: str
    parcel: bytes
    restores: int
    """How often the centre had been restored when it was made."""


class Carrier:
    """Somebody with a stick in their bag, and what is on it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random: Random = world.random
        self._sent: list[_Carried] = []
        self._answers: list[_Carried] = []

    def act(self, pc: PC, bomb: Bomb | None) -> None:
        """Make a parcel at `pc`, bring one to the centre, bring `pc` an answer, whichever it is for, or all of it."""
        match self._random.randrange(6):
            case 0:
                self._make(pc)
            case 3 | 4 | 5:
                # All the way, while the PC itself is left alone.
                self._make(pc)
                self._bring(self._sent[-1])
                if self._answers:
                    self._bring_back(pc, self._answers[-1], bomb)
            case 1 if self._sent:
                self._bring(self._taken_from(self._sent))
            case 2 if self._answers:
                self._bring_back(pc, self._taken_from(self._answers), bomb)

    def _make(self, pc: PC) -> None:
        made = parcels.make(pc.worker, pc.clock(), lambda changes: None)
        self._world.trace.fault("usb", f"{pc.name} makes a parcel of {made.changes}")
        self._sent = [*self._sent, _Carried(pc.name, made.parcel, 0)][-_KEPT:]

    def _bring(self, carried: _Carried) -> None:
        world = self._world
        world.trace.fault("usb_at_centre", carried.name)
        try:
            taken = carrying.take(world.centre, carried.parcel, world.deliver, world.centre_clock)
        except EnvironmentFault as fault:
            # Revoked, or the centre's disk failed under it.
            world.trace.say(f"  {fault.code}")
            world.note_decisions()
            return
        world.note_decisions()
        pc = next((one for one in world.pcs if one.device == taken.device), None)
        if pc is not None:
            self._check(pc, taken.answer)
        self._answers = [*self._answers, _Carried(carried.name, taken.answer, world.restores)][-_KEPT:]

    def _bring_back(self, pc: PC, carried: _Carried, bomb: Bomb | None) -> None:
        world = self._world
        # Mostly to one whom it is for.
        others = [one for one in world.pcs if one.name == carried.name]
        if others and self._random.random() < 0.9:
            pc = others[0]
        try:
            with world.under(bomb if bomb and bomb.file == pc.file else None):
                parcels.take(pc.worker, carried.parcel, lambda changes: None)
            world.trace.fault("usb_answered", pc.name)
        except EnvironmentFault as fault:
            world.trace.fault("usb_left", f"{pc.name}: {fault.code}")
            if fault.code not in _LEFT and not (bomb and bomb.struck):
                raise Violation("I17", f"{pc.name} could not take an answer: {fault}") from fault
        except Crash:
            assert bomb is not None
            world.died(pc, bomb)
        # What it says may be of a time before the centre was restored, and the PC does not know.
        pc.centre_was_restored |= carried.restores < world.restores
        invariants.check_pc(world.model, pc, world.watch.now)

    def _check(self, pc: PC, answer: bytes) -> None:
        centre_key = bytes(self._world.key().verify_key)
        answering = parcel.read(parcel.open_parcel(answer, pc.key), centre_key, Answering)
        for asked, answered in answering.answers:
            found = codec.decode(envelope.unseal(answered, centre_key, asked).body)
            if isinstance(found, SyncAnswer):
                if pc.is_revoked and (found.scope is not None or found.pages or found.heals or found.known):
                    raise Violation("I18", f"{pc.name} was revoked, and is answered by hand")
                invariants.check_answer(pc, found)

    def _taken_from(self, bag: list[_Carried]) -> _Carried:
        """One of them; it may stay on the stick and be taken again."""
        place = self._random.randrange(len(bag))
        return bag[place] if self._random.random() < 0.4 else bag.pop(place)
