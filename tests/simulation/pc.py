"""A simulated PC: a real folder with two connections, its wrong clock, and what its person has typed there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from nacl.signing import SigningKey

from sync.client.remote import Post, SealedRemote
from sync.client.session import Session
from sync.domain.catalogue import Sensitivity
from sync.domain.keys import Key
from sync.domain.rights import Grant, limit_of, unit_of
from sync.protocol.dictionaries import KNOWN
from sync.protocol.messages import Subscription, Version
from sync.store import ChangeSet, Store
from tests.simulation.disk import copy_of, put_back
from tests.simulation.province import SECRET, Clock
from tests.simulation.seam import STORE_NAME, PCReader, scope_of_pc


class WrongClock:
    """A PC's clock: off by `offset` seconds from the true one, or frozen."""

    def __init__(self, true: Clock) -> None:
        self.offset = 0
        self.frozen: int | None = None
        self._true = true

    def __call__(self) -> int:
        return self._true() + self.offset if self.frozen is None else self.frozen


@dataclass
class Copy:
    """A folder as it was once."""

    files: dict[Path, bytes]
    typed: list[Version]
    heard: set[Version]


@dataclass
class PC:
    """`typed` are the changes that this folder's log holds, in order. `shown` is what it showed last, by version.
    `heard` are those of its changes of which the centre said, with a receipt, that they had effect."""

    name: str
    folder: Path
    person: str
    roots: set[str]
    clock: WrongClock
    random: Random
    catalogue: str
    post: Callable[["PC"], Post]
    changed: Callable[["PC", ChangeSet], None]
    typed: list[Version] = field(default_factory=list)
    shown: dict[Key, frozenset[Version]] = field(default_factory=dict)
    looked_at: dict[Key, object] = field(default_factory=dict)
    """What was found to be in order, by cell."""
    proven: frozenset[int] = frozenset()
    """Numbers of its changes that its receipts prove, as it was looked at last."""
    heard: set[Version] = field(default_factory=set)
    unproven: set[Version] = field(default_factory=set)
    """Those of which it said so to a program of protocol 1, which knew no receipts."""
    copies: list[Copy] = field(default_factory=list)
    complete: set[Subscription] = field(default_factory=set)
    """What it has read to the end since it may see it; before, cells of it may be missing."""
    dictionaries: tuple[int, ...] = KNOWN
    is_revoked: bool = False
    grants: tuple[Grant, ...] = ()
    """What its person holds; before anybody said so, what its roots imply."""
    has_people: bool = False
    """Whether somebody said who uses it."""
    believed: list[str] = field(default_factory=list)
    """The roots that it was told of last."""
    anew: set[str] = field(default_factory=set)
    """Units that it began to see up to another class since it was last looked at: it reads all of them anew."""
    centre_was_restored: bool = False
    """Since the PC last synced to the end, so that it cannot know yet."""

    @property
    def file(self) -> Path:
        return self.folder / STORE_NAME

    def open(self) -> None:
        """Start the program: the window's connection and the worker's."""
        self.gui = Store.open(self.folder, SECRET, self.catalogue, new_run=self._new_run)
        self.worker = Store.open(self.folder, SECRET, self.catalogue, new_run=self._new_run)
        self.reader = PCReader(self.gui)
        self.key = SigningKey(self.worker.signing_seed())
        enrolment = self.worker.enrolment()
        assert enrolment is not None, "every PC of the template is enrolled"
        remote = SealedRemote(self.post(self), self.key, enrolment.centre_key, self.dictionaries)
        self.session = Session(self.worker, remote, self.clock, lambda changes: self.changed(self, changes))

    def close(self) -> None:
        self.gui.close()
        self.worker.close()

    @property
    def device(self) -> str:
        return self.worker.device

    def note_scope(self) -> None:
        """Remember what it was told of its scope: one session may change it to and fro."""
        roots = scope_of_pc(self.gui)
        new = [root for root in roots if root not in self.believed]
        self.anew |= {unit_of(root) for root in new if limit_of(root) is not Sensitivity.SENSITIVE}
        # They are read from the start, also those that were left and came again within one session.
        self.complete = {read for read in self.complete if read.root not in new}
        self.believed = roots

    def take_copy(self) -> Copy:
        """The folder as it is now."""
        return Copy(copy_of(self.file), list(self.typed), set(self.heard))

    def become(self, files: dict[Path, bytes]) -> None:
        """End the program, whatever it was doing, and start it again on a disk that holds `files`."""
        self.close()
        put_back(self.file, files)
        self.open()

    def _new_run(self) -> str:
        return f"{self.random.getrandbits(32):08x}"
