"""`bench wire`: requests and bytes of what a desktop does with a served centre, HTTP included, and against bounds."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from nacl.signing import SigningKey

from sync.client.http import HttpRemote
from sync.client.session import Session
from sync.domain.keys import VALUE
from sync.domain.units import Unit, UnitKind
from sync.store import Store
from tests.bench.baselines import bound_bytes
from tests.bench.figures import show
from tests.bench.growth import growth
from tests.bench.office import (
    COMMUNE,
    NOON,
    PROVINCE,
    Edit,
    catalogues,
    commune_units,
    desktop,
    edits,
    open_office,
    quarters,
    rows_of,
    served,
    type_in,
)
from tests.bench.proxy import Proxy, Traffic

VALUES = 10_000
COMMUNES = 168


def sync(store: Store, proxy: Proxy) -> Traffic:
    """What one session of `store` takes, on a connection of its own, as after a start of the program."""
    enrolment = store.enrolment()
    assert enrolment is not None
    proxy.take()
    remote = HttpRemote(proxy.address, SigningKey(store.signing_seed()), enrolment.centre_key)
    try:
        Session(store, remote, lambda: int(time.time()), lambda changes: None).run()
    finally:
        remote.close()
    assert store.waiting() == 0
    return proxy.take()


class Commune:
    """A served centre of one commune and the desktops that a scenario needs."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self.made = catalogues(scratch)
        self.folder = scratch / "centre"
        self._centre = open_office(self.folder, self.made, commune_units())
        self._codes = iter([self._centre.enrolment.make_code(COMMUNE, f"Người {n}", 7) for n in range(4)])
        self._centre.close()

    def desktop(self, name: str, proxy: Proxy) -> Store:
        return desktop(self._scratch / name, self.made, proxy.address, next(self._codes))


def commune(scratch: Path) -> tuple[list[tuple[str, str]], dict[str, float]]:
    """The steps of an ordinary commune, each on its own connection."""
    office = Commune(scratch)
    first = edits(quarters(2026, 1), at=NOON)
    many = edits(quarters(2019, 25), at=NOON - 100_000_000, seed=2)[:VALUES]
    with served(office.folder, office.made) as port:
        proxy = Proxy(port)
        typist, reader = office.desktop("typist", proxy), office.desktop("reader", proxy)
        sync(typist, proxy), sync(reader, proxy)
        nothing = sync(typist, proxy)
        type_in(typist, first[:1])
        one, received = sync(typist, proxy), sync(reader, proxy)
        type_in(typist, first[1:101])
        hundred = sync(typist, proxy)
        writer = office.desktop("writer", proxy)
        type_in(writer, many)
        upload = sync(writer, proxy)
        newcomer = office.desktop("newcomer", proxy)
        download = sync(newcomer, proxy)
        assert len(newcomer.select(VALUE, COMMUNE)) == VALUES + 101
        proxy.close()
        for store in (typist, reader, writer, newcomer):
            store.close()
    return _said(first, many, nothing, one, received, hundred, upload, download)


def _said(
    first: Sequence[Edit],
    many: Sequence[Edit],
    nothing: Traffic,
    one: Traffic,
    received: Traffic,
    hundred: Traffic,
    upload: Traffic,
    download: Traffic,
) -> tuple[list[tuple[str, str]], dict[str, float]]:
    bounds = [bound_bytes(rows_of(typed)) for typed in (first[1:101], many, [*first[:101], *many])]
    steps = [
        ("nothing to do", nothing),
        ("1 edit, push", one),
        ("1 edit, received by another", received),
        ("100 edits, push", hundred),
        ("10,000 values, first upload", upload),
        ("10,000 values, first download", download),
    ]
    rows = [(name, _said_of(step)) for name, step in steps]
    rows += [
        ("100 edits: body up, bound", f"{hundred.body_up:,} B, {bounds[0]:,} B"),
        ("first upload: bodies up, bound", f"{upload.body_up:,} B, {bounds[1]:,} B"),
        ("first download: bodies down, bound", f"{download.body_down:,} B, {bounds[2]:,} B"),
    ]
    return rows, {
        "noop_requests": nothing.requests,
        "noop_up": nothing.up,
        "noop_down": nothing.down,
        "one_requests": max(one.requests, received.requests),
        "one_up": one.up,
        "one_down": one.down,
        "one_receive_up": received.up,
        "one_receive_down": received.down,
        "hundred_requests": hundred.requests,
        "hundred_ratio": hundred.body_up / bounds[0],
        "upload_ratio": upload.body_up / bounds[1],
        "upload_requests": upload.requests,
        "download_ratio": download.body_down / bounds[2],
        "download_requests": download.requests,
    }


def _said_of(step: Traffic) -> str:
    return (
        f"{step.requests} requests, {step.up:,} B up, {step.down:,} B down;"
        f" bodies {step.body_up:,} B up, {step.body_down:,} B down"
    )


def province(scratch: Path) -> tuple[list[tuple[str, str]], dict[str, float]]:
    """A device of the province follows every commune: what it takes to hear that nothing is new."""
    made = catalogues(scratch)
    keys = [f"{PROVINCE}.{20_000 + number:05}" for number in range(COMMUNES)]
    units = [Unit(PROVINCE, UnitKind.PROVINCE, "Thành phố Đà Nẵng")]
    units += [Unit(key, UnitKind.COMMUNE, f"Xã {key[-3:]}") for key in keys]
    centre = open_office(scratch / "centre", made, units)
    centre.repository.decide([(edit.key, edit.content) for edit in edits(quarters(2026, 1), keys)], "Quản trị")
    code = centre.enrolment.make_code(PROVINCE, "Người tỉnh", 7)
    centre.close()
    with served(scratch / "centre", made) as port:
        proxy = Proxy(port)
        store = desktop(scratch / "province", made, proxy.address, code)
        sync(store, proxy)
        first, second = sync(store, proxy), sync(store, proxy)
        store.close()
        proxy.close()
    rows = [
        (f"province over {COMMUNES} communes, nothing to do", _said_of(second)),
        ("the same, the first time", _said_of(first)),
    ]
    return rows, {"province_noop_up": second.up, "province_noop_requests": second.requests}


def main() -> None:
    rows: list[tuple[str, str]] = []
    results: dict[str, float] = {}
    for measure in (commune, province, growth):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
            more_rows, more_results = measure(Path(scratch))
        rows += more_rows
        results |= more_results
    show(rows, results)


if __name__ == "__main__":
    main()
