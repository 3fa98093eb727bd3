"""`bench pull`: 10,000 values into an empty desktop, against decoding them and one bare executemany."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from sync.client.session import Session
from sync.protocol import chain, codec
from sync.protocol.messages import SyncAnswer, SyncRequest
from sync.store import Store
from tests.bench.baselines import bare_database, bare_pull
from tests.bench.figures import NOON, answers, median_s, records, show

VALUES = 10_000
TIMES = 7


class Recorded:
    """Answers of a centre as they came over the line, one a request."""

    def __init__(self, bodies: list[bytes]) -> None:
        self._bodies: Iterator[bytes] = iter(bodies)

    def push_pull(self, device: str, request: SyncRequest) -> SyncAnswer:
        answer = codec.decode(next(self._bodies))
        assert isinstance(answer, SyncAnswer)
        return SyncAnswer(answer.time, 0, chain.root(device), answer.results, answer.pages)


def main() -> None:
    bodies = [codec.encode(answer) for answer in answers(records(VALUES))]
    with tempfile.TemporaryDirectory() as scratch:
        folders = (Path(scratch, str(number)) for number in range(10 * TIMES))

        def pull() -> None:
            Session(store, Recorded(bodies), lambda: NOON, lambda changes: None).run()

        ours: list[float] = []
        bare: list[float] = []
        for _ in range(TIMES):
            store = Store.open(next(folders), bytes(32))
            ours.append(median_s(pull, 1))
            assert len(store.select("value", "48.20194")) == VALUES
            store.close()
            folder = next(folders)
            folder.mkdir()
            connection = bare_database(folder / "bare.db")
            bare.append(median_s(lambda: bare_pull(connection, bodies), 1))
            connection.close()
        ours_s, bare_s = sorted(ours)[TIMES // 2], sorted(bare)[TIMES // 2]
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
