"""`bench rights`: the centre's processor time for a batch of 50 changes, with its judgement of authors and without it.

Sealed bytes in and out, as a served centre has them, by a device of four people with roles; without is the same centre
that asks nobody for a right.
"""

import gc
import logging
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from unittest import mock

import structlog
from nacl.signing import SigningKey

from sync.central import repository
from sync.central.centre import Centre
from sync.central.desk import Desk
from sync.central.judgement import Judge
from sync.central.members import read_hands
from sync.domain.catalogue import Sensitivity
from sync.domain.rights import Role
from sync.protocol import chain, codec, envelope
from sync.protocol.messages import Change, EnrolRequest, Link, Push, SyncAnswer, SyncRequest
from sync.protocol.version import PROTOCOL
from tests.bench.figures import show
from tests.bench.office import COMMUNE, PEOPLE, VILLAGES, catalogues, commune_units, edits, open_office, quarters

BATCH = 50
BATCHES = 120
"""Of each kind, one after the other, so that both meet the same moments of a busy machine."""


class Pusher:
    """A device of all of PEOPLE, which enters for the commune, and what it typed: one batch after another."""

    def __init__(self, centre: Centre) -> None:
        self._key = SigningKey.generate()
        self._name = chain.device_id(bytes(self._key.verify_key))
        self._centre, self._desk = centre, Desk(centre, time.time)
        for person in PEOPLE:
            centre.staff.give(person, Role.COMMUNE_ENTRY, COMMUNE, Sensitivity.SENSITIVE)
            for village in VILLAGES:
                centre.staff.give(person, Role.VILLAGE_ENTRY, village, Sensitivity.SENSITIVE)
        code = centre.enrolment.make_code(COMMUNE, PEOPLE[0], 7)
        centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(self._key.verify_key), "PC"))
        centre.staff.set_people(self._name, PEOPLE)
        self._end = chain.root(self._name)
        self._typed = iter(edits(quarters(2020, 2 * (BATCHES + 5) * BATCH // (10 * 40) + 1)))

    def batch_s(self) -> float:
        """Processor time of the centre for the next batch; what the device does for it is not counted."""
        changes = [
            Change(n, f"{self._name}01234567", edit.key, edit.content, (), edit.author, edit.at, "1")
            for n, edit in zip(range(self._end.n + 1, self._end.n + BATCH + 1), self._typed, strict=False)
        ]
        request = SyncRequest(PROTOCOL, "1", Push(self._end, changes), {}, 1 << 10)
        sealed = envelope.seal(codec.encode(request), self._name, self._key)
        began = time.process_time()
        answered = self._desk.sync(sealed)
        taken = time.process_time() - began
        answer = codec.decode(envelope.unseal(answered, bytes(self._centre.key.verify_key), sealed).body)
        assert isinstance(answer, SyncAnswer)
        assert answer.results == []
        self._end = Link(changes[-1].n, chain.hashes(self._end.hash, changes)[-1])
        assert answer.held == self._end
        return taken


@contextmanager
def asking_nobody(centre: Centre) -> Iterator[None]:
    """A centre without rights: every hand of the device may do everything, and nobody looks who it is."""
    with centre.database.reading() as connection:
        device = next(iter(centre.staff.people_of_devices()))
        hands = read_hands(connection, centre.province, device)
    with (
        mock.patch.object(Judge, "_reason_of_author", return_value=""),
        mock.patch.object(repository, "read_hands", return_value=hands),
    ):
        yield


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as name:
        made = catalogues(Path(name))
        with closing(open_office(Path(name) / "centre", made, commune_units())) as centre:
            pusher = Pusher(centre)
            pairs: list[tuple[float, float]] = []
            gc.disable()
            for _ in range(BATCHES):
                gc.collect()
                asked = pusher.batch_s()
                with asking_nobody(centre):
                    pairs.append((asked, pusher.batch_s()))
    asked_s, bare_s = (median(times) for times in zip(*pairs[5:], strict=True))
    rows = [
        (f"{BATCH} changes, every author judged", f"{asked_s * 1000:.2f} ms"),
        (f"{BATCH} changes, nobody asked", f"{bare_s * 1000:.2f} ms"),
    ]
    show(rows, {"rights_ratio": asked_s / bare_s})


if __name__ == "__main__":
    main()
