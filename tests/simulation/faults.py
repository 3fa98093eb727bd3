"""The fault menu: what goes wrong, how often, and that all of it happened."""

from pathlib import Path
from typing import Final

from sync.domain.catalogue import Sensitivity
from sync.domain.keys import OWN_UNIT, VALUE, Key, within
from sync.domain.rights import Grant, Role
from tests.simulation import attaching
from tests.simulation.carrying import Carrier
from tests.simulation.disk import Blow, Bomb
from tests.simulation.line import Mishap
from tests.simulation.pc import PC
from tests.simulation.province import (
    CAST,
    COMMUNE,
    NEWCOMER,
    OLD_ITEMS,
    OTHER_COMMUNE,
    OTHER_VILLAGE,
    PERIOD,
    PROVINCE,
    VILLAGE,
)
from tests.simulation.world import World

MENU: Final = frozenset(
    {
        *(mishap.value for mishap in Mishap),
        *(f"{blow.value}_{place}" for blow in Blow for place in ("pc", "centre")),
        "replay",
        "clock_ahead",
        "clock_behind",
        "clock_back",
        "clock_frozen",
        "clone_pc",
        "restore_pc",
        "restore_centre_lower",
        "restore_centre_equal",
        "restore_centre_higher",
        "scope_granted",
        "scope_revoked",
        "scope_moved",
        "role_given",
        "role_taken",
        "catalogue_changed",
        "dictionary_missing",
        "edit_during_pull",
        "enrolled_late",
        "device_revoked",
        "newer_field",
        "torn_register",
        "taken_back",
        "colleague",
        "usb",
        "usb_at_centre",
        "usb_answered",
        "usb_left",
        "file_cut",
    }
)
"""Every kind of fault that a run must have seen."""

_ROLES: Final = (
    (Role.VILLAGE_ENTRY, VILLAGE),
    (Role.VILLAGE_ENTRY, OTHER_VILLAGE),
    (Role.COMMUNE_ENTRY, COMMUNE),
    (Role.COMMUNE_APPROVAL, COMMUNE),
    (Role.COMMUNE_ENTRY, OTHER_COMMUNE),
    (Role.PROVINCE_READING, PROVINCE),
)

_YEAR_S: Final = 365 * 86_400
_STATEMENTS: Final = 40
_COMMITS: Final = 6
_MAX_PCS: Final = 8
_FEW_DEVICES: Final = 2


class Faults:
    """Draws faults; a seed has its own weather, from nearly fair to foul."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = world.random
        self._carrier = Carrier(world)
        self._rate = self._random.choice((0.05, 0.15, 0.3))

    def weather(self) -> None:
        """Before an intent: how the line will be, and perhaps something that nobody intended."""
        world = self._world
        world.line.weather = self._rate if self._random.random() < 0.7 else 0.0
        if self._random.random() < self._rate * 0.5:
            self._strike()

    def for_typing(self, pc: PC) -> Bomb | None:
        return self._bomb(pc.file, 8)

    def for_syncing(self, pc: PC) -> Bomb | None:
        return self._bomb(pc.file, _STATEMENTS)

    def at_centre(self) -> None:
        """Perhaps its disk fails when it is next asked."""
        bomb = self._bomb(self._world.centre_file, _STATEMENTS)
        if bomb:
            self._world.plant(bomb)

    def _bomb(self, file: Path, most: int) -> Bomb | None:
        if self._random.random() >= self._rate * 0.4:
            return None
        blow = self._random.choice(list(Blow))
        return self._world.bomb(file, blow, _COMMITS if blow is Blow.POWER else most)

    def _strike(self) -> None:
        pc = self._random.choice(self._world.pcs)
        match self._random.randrange(21):
            case 0:
                if self._world.line.replay():
                    self._world.trace.fault("replay")
                    self._world.note_decisions()
            case 1 | 2:
                self._clock(pc)
            case 3:
                self._copy(pc)
            case 4:
                self._restore(pc)
            case 5:
                self._world.copy_the_centre()
                self._world.trace.say("the centre's database is copied")
            case 6:
                self._restore_the_centre()
            case 7 | 8 | 17:
                self._move(pc)
            case 9:
                self._miss_a_dictionary(pc)
            case 10:
                self._enrol()
            case 11:
                self._revoke(pc)
            case 16:
                self._change_role(pc)
            case 19 | 20:
                attaching.bring(self._world, pc, is_cut=True)
            case 12 | 13 | 14 | 15:
                self._carrier.act(pc, self.for_syncing(pc))
            case _:
                self._change_catalogue(pc)

    def at_the_register(self) -> bool:
        """Whether the power fails while the next decision is written beside the centre's key."""
        return self._random.random() < self._rate * 0.4

    def _enrol(self) -> None:
        """A PC comes that was used for a while already."""
        if any(pc.name == NEWCOMER.name for pc in self._world.pcs):
            return
        items = self._random.choices(OLD_ITEMS, k=self._random.randrange(5))
        edits = [(Key(VALUE, OWN_UNIT, item, PERIOD), str(self._random.randrange(4))) for item in items]
        self._world.trace.fault("enrolled_late", f"{NEWCOMER.name} with {len(edits)}")
        self._world.enrol(NEWCOMER, edits)

    def _revoke(self, pc: PC) -> None:
        """One device of a province may speak no longer."""
        devices = {each.device for each in self._world.pcs}
        if len(devices) > _FEW_DEVICES and not any(each.is_revoked for each in self._world.pcs):
            self._world.trace.fault("device_revoked", pc.name)
            self._world.revoke(pc)

    def _clock(self, pc: PC) -> None:
        clock = pc.clock if self._random.random() < 0.8 else self._world.centre_clock
        match self._random.randrange(5):
            case 0:
                clock.offset += self._random.randint(1, 20) * _YEAR_S
                self._world.trace.fault("clock_ahead")
            case 1:
                clock.offset -= self._random.randint(1, 20) * _YEAR_S
                self._world.trace.fault("clock_behind")
            case 2:
                clock.offset -= self._random.randint(1, 7200)
                self._world.trace.fault("clock_back")
            case 3:
                clock.frozen = clock()
                self._world.trace.fault("clock_frozen")
            case _:
                clock.offset, clock.frozen = 0, None

    def _copy(self, pc: PC) -> None:
        pc.copies.append(pc.take_copy())
        self._world.trace.say(f"{pc.name} is copied")
        if len(self._world.pcs) < _MAX_PCS and self._random.random() < 0.3:
            twin = self._world.clone(pc)
            self._world.trace.fault("clone_pc", twin.name)

    def _restore(self, pc: PC) -> None:
        if pc.copies:
            self._world.trace.fault("restore_pc", pc.name)
            self._world.restore(pc, self._random.choice(pc.copies))

    def _restore_the_centre(self) -> None:
        if self._world.centre_copies:
            self._world.restore_the_centre()

    def _move(self, pc: PC) -> None:
        """A unit is granted to a device, taken away, or another takes its place."""
        if pc.is_revoked or pc.has_people:
            return
        units = [place.unit for place in CAST]
        roots, one = set(pc.roots), self._random.choice(sorted(pc.roots))
        other = self._random.choice(units)
        match self._random.randrange(4):
            case 0 | 1 if len(roots) > 1:
                kind, roots = "scope_revoked", roots - {one}
            case 0 | 1 | 2:
                kind, roots = "scope_granted", roots | {other}
            case _:
                kind, roots = "scope_moved", (roots - {one}) | {other}
        # A unit below another of them is no unit of its own.
        roots = {root for root in roots if not any(root != above and within(root, above) for above in roots)}
        if roots in (set(), pc.roots):
            return
        self._world.trace.fault(kind, f"{pc.name} {sorted(roots)}")
        self._world.set_scope(pc, roots)

    def _change_role(self, pc: PC) -> None:
        """The person of a PC is given a role, or somebody loses one, whatever waits there."""
        given = sorted((person, grant) for person, held in self._world.grants.items() for grant in held)
        if given and self._random.random() < 0.6:
            person, grant = self._random.choice(given)
            self._world.trace.fault("role_taken", f"{person} {'/'.join(grant)}")
            self._world.set_role(person, grant, gives=False)
            return
        role, unit = self._random.choice(_ROLES)
        grant = Grant(role, unit, self._random.choice(list(Sensitivity)))
        self._world.trace.fault("role_given", f"{pc.person} {'/'.join(grant)}")
        self._world.set_role(pc.person, grant, gives=True)

    def _change_catalogue(self, pc: PC) -> None:
        """The centre or a PC gets the other catalogue."""
        if self._random.random() < 0.5:
            self._world.change_catalogue_of(pc)
        else:
            self._world.change_the_catalogue()
        self._world.trace.fault("catalogue_changed")

    def _miss_a_dictionary(self, pc: PC) -> None:
        """An end is started without its dictionaries, or with them again."""
        if self._random.random() < 0.5:
            self._world.change_dictionaries_of(pc)
        else:
            self._world.change_dictionaries()
        self._world.trace.fault("dictionary_missing")
