"""The centre's tables. Every primary key and index begins with the province, which is the shard key."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, String, Table, Text, text

metadata: Final = MetaData()


def _text(name: str, *, primary_key: bool = False) -> Column[str]:
    return Column(name, String, nullable=False, primary_key=primary_key)


def _cell() -> tuple[Column[str], ...]:
    return (_text("kind"), _text("unit"), _text("item"), _text("period"), _text("part"))


migration: Final = Table(
    "migration",
    metadata,
    # Of the database as a whole, so the one table without a province.
    _text("name", primary_key=True),
    Column("at", BigInteger, nullable=False),
)

stream: Final = Table(
    "stream",
    metadata,
    _text("province_code", primary_key=True),
    _text("stream", primary_key=True),
    # seq counts commits: all records of one commit carry the same, so a page can end only between commits.
    Column("seq", BigInteger, nullable=False),
    _text("token"),
    sqlite_with_rowid=False,
)

commit_token: Final = Table(
    "commit_token",
    metadata,
    _text("province_code", primary_key=True),
    _text("stream", primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _text("token"),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

change: Final = Table(
    "change",
    metadata,
    _text("province_code", primary_key=True),
    _text("device", primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    # Two branches of one device may have a change each of this number.
    _text("branch", primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    *_cell(),
    Column("content", Text, nullable=False),
    Column("seen", LargeBinary, nullable=False),
    _text("author"),
    Column("typed_at", BigInteger, nullable=False),
    _text("catalogue"),
    Column("received_at", BigInteger, nullable=False),
    Column("extra", LargeBinary, nullable=False),
    _text("outcome"),
    _text("reason"),
    # The history of a cell, and what may take effect once its cause is gone.
    Index("change_cell", "province_code", "unit", "kind", "item", "period", "part"),
    Index("change_parked", "province_code", "reason", "device", "n", sqlite_where=text("outcome = 'parked'")),
    sqlite_with_rowid=False,
)

overtaken: Final = Table(
    "overtaken",
    metadata,
    # What something with effect has seen in a cell, and what has none here itself: parked, or not held at all.
    _text("province_code", primary_key=True),
    _text("branch", primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    *(_text(name, primary_key=True) for name in ("kind", "unit", "item", "period", "part")),
    sqlite_with_rowid=False,
)

record: Final = Table(
    "record",
    metadata,
    _text("province_code", primary_key=True),
    _text("stream", primary_key=True),
    _text("kind", primary_key=True),
    _text("unit", primary_key=True),
    _text("item", primary_key=True),
    _text("period", primary_key=True),
    _text("part", primary_key=True),
    Column("seq", BigInteger, nullable=False),
    _text("sensitivity"),
    # The first head, which is the one displayed, stands in columns for SQL to count and sum.
    _text("branch"),
    Column("n", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    _text("author"),
    Column("typed_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("extra", LargeBinary, nullable=False),
    # The other heads whole, and the versions that the heads last replaced; empty for nearly every record.
    Column("rivals", LargeBinary, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Index("record_feed", "province_code", "stream", "seq"),
    sqlite_with_rowid=False,
)

digest: Final = Table(
    "digest",
    metadata,
    _text("province_code", primary_key=True),
    _text("stream", primary_key=True),
    # "*" in streams that are no unit's.
    _text("unit", primary_key=True),
    # Apart by class: what a device may see is summed, and nothing else.
    _text("sensitivity", primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("total", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

reclassing: Final = Table(
    "reclassing",
    metadata,
    # The last commit up to which more was seen of a stream than the classes of today's catalogue let be seen.
    _text("province_code", primary_key=True),
    _text("stream", primary_key=True),
    Column("seq", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

judged: Final = Table(
    "judged",
    metadata,
    # The catalogue and the program by which what is parked was judged last.
    _text("province_code", primary_key=True),
    _text("rules"),
    sqlite_with_rowid=False,
)

device: Final = Table(
    "device",
    metadata,
    _text("province_code", primary_key=True),
    _text("device", primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    # The units whose subtrees it may see and fill in, as a list in JSON.
    _text("units"),
    _text("person"),
    _text("computer"),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    # The end of its latest push, and how often a push began before the end of what was held: a copied folder.
    Column("last_n", BigInteger, nullable=False),
    Column("last_hash", LargeBinary, nullable=False),
    Column("forks", BigInteger, nullable=False),
    # Who its people are and what each holds, as `domain.rights` writes it; "" while nobody has said so.
    _text("rights"),
    # The number of its last order: none is heard twice.
    Column("orders", BigInteger, nullable=False),
)

enrolment_code: Final = Table(
    "enrolment_code",
    metadata,
    _text("province_code", primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
    _text("unit"),
    _text("person"),
    Column("expires_at", BigInteger, nullable=False),
    # The device that used it, "" while it is free.
    _text("used_by"),
)

evidence: Final = Table(
    "evidence",
    metadata,
    # Which records name which file: what stands in `record`, to be found by the file.
    _text("province_code", primary_key=True),
    _text("unit", primary_key=True),
    _text("item", primary_key=True),
    _text("part", primary_key=True),
    _text("sha256", primary_key=True),
    Column("size", BigInteger, nullable=False),
    _text("media"),
    Index("evidence_file", "province_code", "sha256"),
    sqlite_with_rowid=False,
)

file: Final = Table(
    "file",
    metadata,
    # The files that came whole, and by which device: how much each has brought.
    _text("province_code", primary_key=True),
    _text("sha256", primary_key=True),
    Column("size", BigInteger, nullable=False),
    _text("device"),
    Column("at", BigInteger, nullable=False),
    Index("file_device", "province_code", "device"),
    sqlite_with_rowid=False,
)

audit: Final = Table(
    "audit",
    metadata,
    # Only ever added to: each hash covers the one before it.
    _text("province_code", primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    # The change, by its name and its hash in its device's chain.
    _text("device"),
    _text("branch"),
    Column("change_n", BigInteger, nullable=False),
    Column("change_hash", LargeBinary, nullable=False),
    *_cell(),
    _text("author"),
    Column("typed_at", BigInteger, nullable=False),
    _text("outcome"),
    _text("reason"),
    sqlite_with_rowid=False,
)

audit_end: Final = Table(
    "audit_end",
    metadata,
    _text("province_code", primary_key=True),
    Column("n", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
