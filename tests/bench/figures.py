"""The generated values that benches work on, and how their results are printed."""

import json
from random import Random

import msgspec

from sync.domain.keys import VALUE, Key
from sync.protocol.digests import Digest, heads_bytes, row_hash, versions_bytes
from sync.protocol.messages import Cursor, Head, Link, Origin, Page, Record, Subscription, SyncAnswer, Version

INDICATORS = tuple(f"village_ct{number:02}" for number in range(1, 41))
PERIODS = tuple(f"A{year}Q{quarter}" for year in range(2006, 2027) for quarter in range(1, 5))
STREAM = "48.20308"
BRANCHES = ("a" * 28, "b" * 28, "c" * 28)
FOLLOWED = Subscription(STREAM, STREAM)
NOON = 1_790_000_000


def key_of(place: int) -> Key:
    """The `place`-th of many cells: forms lie together, as a device meets them."""
    form, indicator = divmod(place, len(INDICATORS))
    village, period = divmod(form, len(PERIODS))
    return Key(VALUE, f"{STREAM}.{village + 1:03}", INDICATORS[indicator], PERIODS[period])


def records(count: int, seed: int = 1) -> list[Record]:
    """`count` received values with authors and times as real devices have them, 2 % with a note."""
    random = Random(seed)
    found: list[Record] = []
    for place in range(count):
        number = random.randrange(5_000)
        note = random.random() < 0.02
        content = f'{{"note":"đã đối chiếu sổ thôn {place}","number":{number}}}' if note else str(number)
        typed_at = NOON + place * 7 + random.randrange(5)
        author = f"Cán bộ thôn {place // 400 % 10 + 1}"
        version = Version(BRANCHES[place // 400 % 3], place + 1)
        found.append(Record(key_of(place), (Head(version, content, author, typed_at, typed_at + 60),)))
    return found


def answers(found: list[Record], page: int = 2_000) -> list[SyncAnswer]:
    """The records as a centre would answer them, in pages, the last with the digest of all."""
    parts = [found[start : start + page] for start in range(0, len(found), page)]
    total = Digest()
    for record in found:
        total = total.with_row(row_hash(record.key, heads_bytes(record.heads), versions_bytes(record.prev)))
    pages = [
        Page(FOLLOWED, Origin.AS_SENT, part, Cursor(number, f"t{number}"), number < len(parts))
        for number, part in enumerate(parts, 1)
    ]
    pages[-1] = msgspec.structs.replace(pages[-1], digest=total.brief())
    return [SyncAnswer(NOON, Link(0, b""), pages=[page]) for page in pages]


def show(rows: list[tuple[str, str]], results: dict[str, float]) -> None:
    """A table of figures with their units, then the results as one line of JSON."""
    width = max(len(name) for name, _ in rows)
    for name, figure in rows:
        print(f"{name:<{width}}  {figure}")
    print(json.dumps({name: round(value, 3) for name, value in results.items()}))
