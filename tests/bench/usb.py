"""`bench usb`: a file that carries 10,000 values by hand, against the bodies that a line would carry for the same."""

import tempfile
import time
from pathlib import Path

import structlog
from nacl.signing import SigningKey

from sync.central.carrying import take as take_at_centre
from sync.central.desk import Desk
from sync.client.parcels import make, take
from sync.client.remote import SealedRemote
from sync.client.session import Session
from sync.protocol.messages import EnrolRequest
from sync.protocol.version import PROTOCOL
from sync.store import Enrolment, Store
from tests.bench.figures import show
from tests.bench.office import COMMUNE, NOON, SECRET, catalogues, commune_units, edits, open_office, quarters, type_in

VALUES = 10_000


def main() -> None:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    many = edits(quarters(2019, 25), at=NOON)[:VALUES]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        made = catalogues(Path(scratch))
        centre = open_office(Path(scratch) / "centre", made, commune_units())
        desk = Desk(centre, time.time)
        stores = []
        for name in ("online", "by-hand"):
            store = Store.open(Path(scratch) / name, SECRET, "2026.1")
            key = SigningKey(store.signing_seed())
            code = centre.enrolment.make_code(COMMUNE, f"Người {name}", 7)
            answer = centre.enrolment.enrol(EnrolRequest(PROTOCOL, code, bytes(key.verify_key), name))
            store.keep_enrolment(
                Enrolment("", answer.centre, answer.centre_key, answer.province, answer.unit, answer.person)
            )
            line = SealedRemote(desk.sync, key, answer.centre_key)
            session = Session(store, line, lambda: int(time.time()), lambda changes: None)
            session.run()
            line.up_bytes = 0
            stores.append((store, session, line))
        (online, session, line), (by_hand, _, _) = stores
        type_in(by_hand, many)
        began = time.perf_counter()
        parcel = make(by_hand, int(time.time()), lambda changes: None).parcel
        made_s = time.perf_counter() - began
        began = time.perf_counter()
        taken = take_at_centre(centre, parcel, desk.sync, time.time)
        taken_s = time.perf_counter() - began
        began = time.perf_counter()
        take(by_hand, taken.answer, lambda changes: None)
        heard_s = time.perf_counter() - began
        assert (taken.changes, taken.parked, by_hand.waiting()) == (VALUES, 0, 0)
        # The other PC types the same, which is a conflict of nothing: equal values are one.
        type_in(online, many)
        session.run()
        assert online.waiting() == 0
        for store, _, _ in stores:
            store.close()
        centre.close()
    show(
        [
            (f"{VALUES:,} values: the file", f"{len(parcel):,} B"),
            ("the same over a line, bodies up", f"{line.up_bytes:,} B"),
            ("the centre's answer as a file", f"{len(taken.answer):,} B"),
            ("made, taken, heard", f"{made_s * 1000:.0f}, {taken_s * 1000:.0f}, {heard_s * 1000:.0f} ms"),
        ],
        {"file_ratio": len(parcel) / line.up_bytes, "file_bytes": len(parcel), "answer_bytes": len(taken.answer)},
    )


if __name__ == "__main__":
    main()
