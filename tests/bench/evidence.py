"""`bench evidence`: a file of 5 MB over a line of 1 Mbit/s that is cut every 4 seconds, by the loop of a desktop."""

import io
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

from nacl.signing import SigningKey

from sync.client.evidence import Courier, Limits, Moved
from sync.client.http import HttpRemote
from sync.client.loop import Line, Loop
from sync.store import Enrolment, Store
from sync.store.evidence import Where, attach, of_task
from sync.store.files import Files
from tests.bench.figures import show
from tests.bench.office import COMMUNE, SECRET, catalogues, commune_units, desktop, open_office, served
from tests.bench.poor_line import PoorLine

SIZE: Final = 5_000_000
RATE: Final = 1_000_000 // 8
CUT_EVERY_S: Final = 4.0
MOST_S: Final = 110.0
TASK: Final = "019324c1-5a00-7000-8000-000000000001"


def now() -> datetime:
    return datetime.now(UTC)


class Pc:
    """A desktop's folder, and its loop over `line`."""

    def __init__(self, folder: Path, version: str) -> None:
        self._folder, self._version = folder, version
        self.pieces = 0
        self.ended = threading.Event()
        self.loop = Loop(
            lambda: Store.open(folder, SECRET, version),
            self._open_line,
            clock=now,
            random=Random(1),
            on_changes=lambda changes: None,
            on_status=lambda status: None,
            open_carrier=self._open_courier,
        )

    def _open_line(self, store: Store, enrolment: Enrolment) -> HttpRemote:
        return HttpRemote(enrolment.server, SigningKey(store.signing_seed()), enrolment.centre_key)

    def _open_courier(self, store: Store, line: Line) -> Courier:
        return Courier(store, Files.open(self._folder, SECRET), line.files, now, Limits, self._told)

    def _told(self, moved: Moved) -> None:
        self.pieces += 1
        if moved.done == moved.size:
            self.ended.set()


def every(pause_s: float, work: Callable[[], None], ended: threading.Event) -> None:
    while not ended.wait(pause_s):
        work()


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        made = catalogues(Path(scratch))
        centre_folder, folder = Path(scratch) / "centre", Path(scratch) / "desktop"
        centre = open_office(centre_folder, made, commune_units())
        code, version = centre.enrolment.make_code(COMMUNE, "Nguyễn Văn An", 7), centre.catalogue.version
        centre.close()
        with served(centre_folder, made) as port:
            line = PoorLine(port, RATE)
            store = desktop(folder, made, line.address, code)
            files = Files.open(folder, SECRET)
            data = b"%PDF-1.7\n" + Random(5).randbytes(SIZE - 9)
            attach(store, files, COMMUNE, TASK, "Biên bản.pdf", io.BytesIO(data), now())
            pc = Pc(folder, version)
            before, began_s = line.up, time.monotonic()
            threading.Thread(target=every, args=(CUT_EVERY_S, line.cut, pc.ended), daemon=True).start()
            pc.loop.start()
            if not pc.ended.wait(MOST_S):
                sys.exit(f"it did not come in {MOST_S:.0f} s")
            took_s, up = time.monotonic() - began_s, line.up - before
            pc.loop.stop(10)
            (one,) = of_task(store, files, COMMUNE, TASK)
            if one.where is not Where.BOTH:
                sys.exit(f"it is {one.where}")
            files.close()
            store.close()
            line.close()
        (path,) = (centre_folder / "files").glob("[0-9a-f][0-9a-f]/*")
        if path.read_bytes() != data:
            sys.exit("what came is another file")
    show(
        [
            ("file", f"{SIZE:,} B, {pc.pieces} pieces"),
            ("line", f"{RATE * 8 // 1000} kbit/s, cut {line.cuts} times"),
            ("came to the centre", f"{up:,} B, sync and HTTP included"),
            ("took", f"{took_s:.1f} s; {SIZE / RATE:.1f} s for its bytes alone"),
        ],
        {"resent_ratio": round(up / SIZE, 4), "time_ratio": round(took_s * RATE / SIZE, 2)},
    )


if __name__ == "__main__":
    main()
