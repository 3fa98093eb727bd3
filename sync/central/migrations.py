"""The database's migrations, in order. Each runs in the transaction that also records it, and none drops a change."""

from collections import defaultdict
from collections.abc import Callable
from itertools import groupby, islice
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, inspect, select, text, update

from sync.central import audit, evidence, tables
from sync.central.arrivals import Settled
from sync.central.log import LOGGED, logged
from sync.central.proofs import Bucket, add, bucket_of, hashes_of
from sync.central.standing import COLUMN_NAMES, record_of
from sync.domain.heads import Outcome
from sync.domain.keys import EVIDENCE, Key, stream_of
from sync.domain.values import canonical
from sync.protocol import chain
from sync.protocol.digests import Digest, heads_bytes, row_hash, versions_bytes, versions_of
from sync.protocol.messages import FIRST_RUN, Change, Head, Link, Version

_RENEWED: Final = (tables.change, tables.record, tables.device)
_AT_ONCE: Final = 1_000


def _first_tables(connection: Connection) -> None:
    tables.metadata.create_all(connection)


def _branches_and_proofs(connection: Connection) -> None:
    """Versions by branch, several units for a device, and sums over the records; deadlines are for all."""
    if any(column["name"] == "branch" for column in inspect(connection).get_columns(tables.change.name)):
        return
    connection.execute(text("DROP INDEX record_feed"))
    for table in _RENEWED:
        connection.execute(text(f"ALTER TABLE {table.name} RENAME TO old_{table.name}"))
    tables.metadata.create_all(connection)
    _carry_devices(connection)
    _carry_changes(connection)
    _carry_records(connection)
    for table in _RENEWED:
        connection.execute(text(f"DROP TABLE old_{table.name}"))


def _carry_devices(connection: Connection) -> None:
    for row in connection.execute(text("SELECT * FROM old_device")).mappings().all():
        kept = {name: row[name] for name in row if name != "unit"}
        units = canonical([row["unit"]])
        connection.execute(tables.device.insert(), {**kept, "units": units, "forks": 0, "rights": "", "orders": 0})


def _carry_changes(connection: Connection) -> None:
    """Every change is of its device's first branch; the chain over them is reckoned anew, as its device does."""
    last: dict[tuple[str, str], Link] = {}
    # The primary key's order: by province, device and number.
    found = connection.execute(text("SELECT * FROM old_change ORDER BY province_code, device, n")).mappings()
    for run in found.partitions(_AT_ONCE):
        rows: list[dict[str, Any]] = []
        for row in run:
            seen = _of_first_run(row["seen"])
            of = (row["province_code"], row["device"])
            change = Change(
                row["n"],
                row["device"] + FIRST_RUN,
                _key_of(row),
                row["content"],
                seen,
                row["author"],
                row["typed_at"],
                row["catalogue"],
            )
            last[of] = chain.link(last.get(of) or chain.root(row["device"]), change)
            rows.append(
                {
                    **row,
                    "branch": change.branch,
                    "hash": last[of].hash,
                    "seen": versions_bytes(seen),
                    "extra": change.extra,
                }
            )
        connection.execute(tables.change.insert(), rows)
    columns = tables.device.c
    for (province, device), link in last.items():
        this_device = (columns.province_code == province, columns.device == device)
        connection.execute(update(tables.device).where(*this_device).values(last_n=link.n, last_hash=link.hash))


def _carry_records(connection: Connection) -> None:
    """The records in their new form and streams, and the sums over them."""
    columns = tables.stream.c
    streams = connection.execute(select(columns.province_code, columns.stream, columns.seq))
    ends = {(province, stream): seq for province, stream, seq in streams}
    sums: dict[str, dict[Bucket, Digest]] = defaultdict(lambda: defaultdict(Digest))
    found = connection.execute(text("SELECT * FROM old_record")).mappings()
    for run in found.partitions(_AT_ONCE):
        rows: list[dict[str, Any]] = []
        for row in run:
            key, province = _key_of(row), row["province_code"]
            stream = stream_of(key)
            others = msgspec.msgpack.decode(row["rivals"]) if row["rivals"] else []
            shown = (row["device"], row["n"], row["content"], row["author"], row["typed_at"], row["received_at"])
            first, *rivals = heads = [_head(*said) for said in (shown, *others)]
            prev = versions_bytes(_of_first_run(row["prev"]))
            bucket = (stream, bucket_of(stream, key), row["sensitivity"])
            sums[province][bucket] = sums[province][bucket].with_row(row_hash(key, heads_bytes(heads), prev))
            rows.append(
                {
                    **{name: row[name] for name in row if name != "device"},
                    "stream": stream,
                    # No device has read a stream in its new form: one that comes from another may stand at the end.
                    "seq": row["seq"] if stream == row["stream"] else ends[province, stream],
                    "branch": first.version.branch,
                    "extra": first.extra,
                    "rivals": heads_bytes(rivals),
                    "prev": prev,
                }
            )
        connection.execute(tables.record.insert(), rows)
    for province, changes in sums.items():
        add(connection, province, changes)


def _overtaken(connection: Connection) -> None:
    """What was seen by something with effect and has none itself, of every change that was ever taken."""
    tables.overtaken.create(connection, checkfirst=True)
    columns = tables.change.c
    address = (columns.province_code, columns.unit, columns.kind, columns.item, columns.period, columns.part)
    query = select(*address, columns.branch, columns.n, columns.seen, columns.outcome).order_by(*address)
    for (province, unit, kind, *rest), cell in groupby(connection.execute(query), lambda row: row[: len(address)]):
        held = {Version(row.branch, row.n): row for row in cell}
        parked = {version for version, row in held.items() if row.outcome == Outcome.PARKED}
        found: set[Version] = set()
        ends = [version for version in held if version not in parked]
        while ends:
            seen = set(versions_of(held[ends.pop()].seen)) - found
            found |= (new := {version for version in seen if version in parked or version not in held})
            ends += new & parked
        key = Key(kind, unit, *rest)._asdict()
        rows = [{"province_code": province, "branch": branch, "n": n, **key} for branch, n in found]
        if rows:
            connection.execute(tables.overtaken.insert(), rows)


def _rights(connection: Connection) -> None:
    """Sums apart by sensitivity class, and what the people of a device hold: of none anybody has said yet."""
    if not any(column["name"] == "rights" for column in inspect(connection).get_columns(tables.device.name)):
        connection.execute(text("ALTER TABLE device ADD COLUMN rights VARCHAR NOT NULL DEFAULT ''"))
    if any(column["name"] == "sensitivity" for column in inspect(connection).get_columns(tables.digest.name)):
        return
    connection.execute(text("DROP TABLE digest"))
    tables.digest.create(connection)
    columns = tables.record.c
    of = (columns.province_code, columns.stream, columns.sensitivity)
    query = select(*of, *(columns[name] for name in COLUMN_NAMES)).execution_options(yield_per=_AT_ONCE)
    sums: dict[str, dict[Bucket, Digest]] = defaultdict(lambda: defaultdict(Digest))
    for province, stream, sensitivity, *row in connection.execute(query):
        record = record_of(row)
        bucket = (stream, bucket_of(stream, record.key), sensitivity)
        sums[province][bucket] = sums[province][bucket].with_rows(hashes_of([record]))
    for province, changes in sums.items():
        add(connection, province, changes)


def _audit(connection: Connection) -> None:
    """The audit begins with what the log holds, in the order in which it came."""
    tables.audit.create(connection, checkfirst=True)
    tables.audit_end.create(connection, checkfirst=True)
    if connection.scalar(select(tables.audit.c.n).limit(1)) is not None:
        return
    columns = tables.change.c
    of = (columns.province_code, columns.received_at, columns.hash, columns.outcome, columns.reason)
    query = select(*of, *LOGGED).order_by(columns.province_code, columns.received_at, columns.device, columns.n)
    rows = connection.execute(query.execution_options(yield_per=_AT_ONCE))
    for (province, at), run in groupby(rows, lambda row: row[:2]):
        while some := list(islice(run, _AT_ONCE)):
            changes = [(logged(row[len(of) :]), row.hash) for row in some]
            settled = [Settled(Outcome(row.outcome), row.reason) for row in some]
            audit.write(connection, province, changes, settled, at)


def _orders(connection: Connection) -> None:
    """No device has given an order yet."""
    if not any(column["name"] == "orders" for column in inspect(connection).get_columns(tables.device.name)):
        connection.execute(text("ALTER TABLE device ADD COLUMN orders BIGINT NOT NULL DEFAULT 0"))


def _evidence(connection: Connection) -> None:
    """Which records name which file."""
    tables.evidence.create(connection, checkfirst=True)
    tables.file.create(connection, checkfirst=True)
    columns = tables.record.c
    query = select(columns.province_code, *(columns[name] for name in COLUMN_NAMES)).where(columns.kind == EVIDENCE)
    for province, *row in connection.execute(query).all():
        evidence.note(connection, province, [record_of(row)])


def _reclassing(connection: Connection) -> None:
    """No catalogue has given a figure another class yet."""
    tables.reclassing.create(connection, checkfirst=True)


def _judged(connection: Connection) -> None:
    """Nobody knows by which catalogue what is parked was judged: it is, when the centre opens."""
    tables.judged.create(connection, checkfirst=True)


def _head(device: str, n: int, content: str, author: str, typed_at: int, received_at: int) -> Head:
    return Head(Version(device + FIRST_RUN, n), content, author, typed_at, received_at)


def _of_first_run(written: bytes) -> tuple[Version, ...]:
    """Versions that were named by their device alone."""
    return tuple(Version(device + FIRST_RUN, n) for device, n in versions_of(written))


def _key_of(row: Any) -> Key:
    return Key(row["kind"], row["unit"], row["item"], row["period"], row["part"])


MIGRATIONS: Final[tuple[tuple[str, Callable[[Connection], None]], ...]] = (
    ("first_tables", _first_tables),
    ("branches_and_proofs", _branches_and_proofs),
    ("overtaken", _overtaken),
    ("rights", _rights),
    ("audit", _audit),
    ("orders", _orders),
    ("evidence", _evidence),
    ("reclassing", _reclassing),
    ("judged", _judged),
)
