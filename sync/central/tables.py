"""The centre's tables. Every primary key and index begins with the province, which is the shard key."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, String, Table, Text

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
    Column("hash", LargeBinary, nullable=False),
    *_cell(),
    Column("content", Text, nullable=False),
    Column("seen", LargeBinary, nullable=False),
    _text("author"),
    Column("typed_at", BigInteger, nullable=False),
    _text("catalogue"),
    Column("received_at", BigInteger, nullable=False),
    _text("outcome"),
    _text("reason"),
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
    _text("device"),
    Column("n", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    _text("author"),
    Column("typed_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    # The other heads whole, and the versions that the heads last replaced; empty for nearly every record.
    Column("rivals", LargeBinary, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Index("record_feed", "province_code", "stream", "seq"),
    sqlite_with_rowid=False,
)

device: Final = Table(
    "device",
    metadata,
    _text("province_code", primary_key=True),
    _text("device", primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    _text("unit"),
    _text("person"),
    _text("computer"),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    # How far the device's chain is held here.
    Column("last_n", BigInteger, nullable=False),
    Column("last_hash", LargeBinary, nullable=False),
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
