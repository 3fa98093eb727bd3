"""`bench pull`: 10,000 values into an empty desktop, against decoding them and one bare executemany."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from sync.client.session import Session
from sync.domain.keys import VALUE
from sync.protocol import chain, codec
from sync.protocol.messages import SyncAnswer, SyncRequest
from sync.store import Store
from tests.bench.baselines import bare_database, bare_pull
from tests.bench.figures import NOON, STREAM, answers, records, show

VALUES = 10_000
TIMES = 7


class Recorded:
    """Answers of a centre as they came over the line, one a request."""

    def __init__(self, bodies: list[bytes]) -> None:
        self._bodies: Iterator[bytes] = iter(bodies)

    def push_pull(self, device: str, request: SyncRequest) -> SyncAnswer:
        answer = codec.decode(next(self._bodies))
        assert isinstance(answer, SyncAnswer)
        return msgspec.structs.replace(answer, held=chain.root(device), scope=[STREAM] if not request.cursors else None)


def pull_s(scratch: Path, bodies: list[bytes]) -> float:
    """Wall time of a session that brings the answers into an empty store."""
    store = Store.open(scratch / "store", bytes(32))
    session = Session(store, Recorded(bodies), lambda: NOON, lambda changes: None)
    start = time.perf_counter()
    session.run()
    taken = time.perf_counter() - start
    assert len(store.select(VALUE, STREAM)) == VALUES
    store.close()
    return taken


def bare_pull_s(scratch: Path, bodies: list[bytes]) -> float:
    """Wall time of the bare equivalent."""
    connection = bare_database(scratch / "bare.db")
    start = time.perf_counter()
    bare_pull(connection, bodies)
    taken = time.perf_counter() - start
    connection.close()
    return taken


def main() -> None:
    bodies = [codec.encode(answer) for answer in answers(records(VALUES))]
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory() as scratch:
            ours.append(pull_s(Path(scratch), bodies))
            bare.append(bare_pull_s(Path(scratch), bodies))
    ours_s, bare_s = statistics.median(ours), statistics.median(bare)
    show(
        [
            ("values", f"{VALUES}"),
            ("session into an empty store", f"{ours_s * 1000:.0f} ms"),
            ("decoding and one executemany", f"{bare_s * 1000:.0f} ms"),
        ],
        {"apply_ratio": ours_s / bare_s},
    )


if __name__ == "__main__":
    main()
