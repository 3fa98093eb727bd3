"""Files of evidence between PCs and the centre, by the code that moves them, over a line that is cut within a piece."""

import io
from collections.abc import Iterable
from contextlib import closing, suppress
from datetime import UTC, datetime
from hashlib import sha256
from random import Random
from typing import Final

from sync.central.filing import Bringing
from sync.central.shelf import Shelf
from sync.client.evidence import Courier, Limits
from sync.client.remote import Post, SealedFiles
from sync.domain.errors import EnvironmentFault
from sync.domain.evidence import Evidence, key_of
from sync.domain.keys import EVIDENCE, Key, within
from sync.domain.media import Media
from sync.domain.rights import unit_of
from sync.domain.values import CLEARED, ContentError
from sync.protocol import envelope
from sync.store.files import Files
from tests.simulation.pc import PC
from tests.simulation.province import COMMUNE, SECRET, TASK_ITEM
from tests.simulation.trace import Violation
from tests.simulation.world import World

_PIECES: Final = tuple(f"019324c1-5a00-7000-8000-00000000030{number}" for number in range(4))
"""Few, so that somebody also takes away, or wants to change, what another has attached."""

FILES: Final = {
    sha256(data).hexdigest(): data
    for data in (b"%PDF-1.7\n" + Random(number).randbytes(100_000 + number) for number in range(2))
}

_AT: Final = datetime(2026, 6, 1, tzinfo=UTC)


def an_edit(random: Random) -> tuple[Key, str]:
    """Somebody attaches one of the files to the task, or takes a piece of evidence away."""
    contents = [Evidence(f"{hashed[:4]}.pdf", hashed, len(data), Media.PDF).content() for hashed, data in FILES.items()]
    return key_of(COMMUNE, TASK_ITEM, random.choice(_PIECES)), random.choice((*contents, *contents, CLEARED))


def bring(world: World, pc: PC, *, is_cut: bool) -> None:
    """A PC that holds the files that it sees brings what the centre has not; perhaps the line is cut within one."""
    cells = pc.gui.cells(EVIDENCE, COMMUNE).values()
    named = _named(one for cell in cells for one in (cell.content, *(rival.content for rival in cell.rivals)))
    if not named:
        return
    cuts = [world.random.randrange(1, 60_000)] if is_cut else []

    def post(body: bytes) -> bytes:
        length = envelope.length_of(body)
        sealed, rest = body[:length], body[length:]
        found = world.desk.file(sealed)
        if not isinstance(found, Bringing):
            return found
        with closing(found):
            cut = cuts.pop() % len(rest) if cuts else len(rest)
            found.write(rest[:cut])
            if cut < len(rest):
                world.trace.fault("file_cut", f"{pc.name} after {cut} of {len(rest)}")
                raise EnvironmentFault("server_unreachable")
            return world.desk.took(found, sealed)

    with closing(Files.open(pc.folder, SECRET)) as files:
        for hashed in sorted(named):
            files.keep(io.BytesIO(FILES[hashed]))
        remote = SealedFiles(post, pc.key, bytes(world.centre.key.verify_key))
        courier = Courier(pc.worker, files, remote, lambda: _AT, Limits, lambda moved: None, lambda: 0.0)
        with suppress(EnvironmentFault):
            courier.look()
            courier.run(lambda: True)
    check_shelf(world)


def check_shelf(world: World) -> None:
    """I16: what lies there whole is what it is called, whatever came and was cut."""
    shelf = Shelf(world.centre.folder)
    for hashed, size in shelf.whole():
        if hashed not in FILES or size != len(FILES[hashed]) or not shelf.is_sound(hashed):
            raise Violation("I16", f"the file {hashed} lies there and is another one")


def check_rest(world: World) -> None:
    """I17: faults off, every file that is evidence and that a PC holds is there. I18: who does not see it has none."""
    heard = [pc for pc in world.pcs if not pc.is_revoked]
    seeing = next((pc for pc in heard if _sees(pc)), None)
    if seeing is None:
        return
    bring(world, seeing, is_cut=False)
    shelf = Shelf(world.centre.folder)
    named = _named(record.heads[0].content for key, record in world.watch.now.records.items() if key.kind == EVIDENCE)
    for hashed in named:
        if shelf.size(hashed) is None:
            raise Violation("I17", f"{seeing.name} holds {hashed}, and the centre still has not")
    for pc in world.pcs:
        if not _sees(pc) or pc.is_revoked:
            remote = SealedFiles(_given(world), pc.key, bytes(world.centre.key.verify_key))
            for hashed in FILES:
                with suppress(EnvironmentFault):
                    remote.want(pc.device, hashed, 0, 100)
                    raise Violation("I18", f"{pc.name} does not see {hashed}, and has it")


def _given(world: World) -> Post:
    """The centre's answers to what brings nothing."""

    def post(sealed: bytes) -> bytes:
        found = world.desk.file(sealed)
        assert isinstance(found, bytes)
        return found

    return post


def _sees(pc: PC) -> bool:
    return any(within(COMMUNE, unit_of(root)) for root in pc.roots)


def _named(contents: Iterable[str]) -> set[str]:
    found = set()
    for content in contents:
        with suppress(ContentError):
            found.add(Evidence.of(content).sha256)
    return found
