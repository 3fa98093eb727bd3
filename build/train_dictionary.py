"""Trains resources/wire/soxa-1.dict, the dictionary of the wire, on generated traffic of every kind of message.

    .venv/bin/python build/train_dictionary.py

The same seed and library give the same bytes. A dictionary that was ever released is never written again: a better
one gets the next number.
"""

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from uuid import UUID

import zstandard

CLONE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CLONE))

from sync.domain.heads import Outcome  # noqa: E402
from sync.domain.keys import (  # noqa: E402
    BROADCAST,
    CLOSING,
    DEADLINE,
    PROGRESS,
    RECEIPT,
    STATUS,
    TASK,
    UNIT,
    VALUE,
    Key,
)
from sync.domain.parking import REASONS  # noqa: E402
from sync.domain.tasks import TaskGroup, TaskState  # noqa: E402
from sync.domain.values import MISSING_REASONS, canonical  # noqa: E402
from sync.protocol import codec  # noqa: E402
from sync.protocol.dictionaries import LEVEL  # noqa: E402
from sync.protocol.messages import (  # noqa: E402
    Change,
    Check,
    Cursor,
    Head,
    Heal,
    Link,
    Origin,
    Page,
    Push,
    Receipt,
    Record,
    Result,
    Subscription,
    SyncAnswer,
    SyncRequest,
    Verdict,
    Version,
)
from sync.protocol.version import PROTOCOL  # noqa: E402

NUMBER = 1
FILE = CLONE / "resources" / "wire" / f"soxa-{NUMBER}.dict"
DICTIONARY_BYTES = 8 << 10
EXCHANGES = 3_000
SEED = 20260702

FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi", "Đỗ", "Ngô", "Hồ", "Phan", "Trương", "Mai")
MIDDLE = ("Văn", "Thị", "Thị Thu", "Đức", "Minh", "Hữu", "Ngọc", "Quang", "Thanh", "Xuân", "Thị Kim")
GIVEN = ("An", "Bình", "Cường", "Dung", "Hà", "Hạnh", "Hùng", "Lan", "Long", "Mai", "Nam", "Nga", "Phúc", "Sơn", "Yến")
POSTS = ("Cán bộ UBND xã", "Trưởng thôn", "Công chức văn hóa - xã hội", "Công chức địa chính", "Tổ trưởng tổ dân phố")
NOTES = (
    "đã đối chiếu sổ thôn",
    "số liệu theo báo cáo của trưởng thôn ngày {day}",
    "tăng {count} hộ do tách hộ",
    "giảm {count} hộ vì chuyển đi nơi khác",
    "chờ xác nhận của công an xã",
    "theo danh sách rà soát hộ nghèo cuối năm",
    "chưa có số liệu, sẽ bổ sung sau ngày {day}",
    "có {count} người đi làm ăn xa chưa thống kê được",
    "sửa lại theo biên bản họp thôn ngày {day}",
    "số liệu ước tính, kỳ sau rà soát lại",
)
WORDS = (
    "Hướng dẫn hộ dân cài đặt, kích hoạt tài khoản VNeID",
    "Rà soát hộ nghèo, hộ cận nghèo trên địa bàn",
    "Tuyên truyền, hướng dẫn người dân sử dụng dịch vụ công trực tuyến",
    "Báo cáo kết quả hoạt động của tổ công nghệ số cộng đồng",
    "Đã họp thôn và phân công từng thành viên phụ trách các hộ",
    "Đã hoàn thành, đề nghị UBND xã xác nhận",
)


def table(name: str) -> list[dict[str, str]]:
    with (CLONE / "resources" / "catalogues" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Traffic:
    """What devices and centres say to each other, drawn by chance from what an office has to say."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.indicators = [row["key"] for row in table("indicators.csv")]
        self.forms = [row["key"] for row in table("forms.csv")]
        self.units = [row for row in table("units.csv") if "." in row["key"]]
        self.at = 1_780_000_000

    def exchanges(self, count: int) -> Iterator[bytes]:
        """Bodies of requests and of answers, as many of each."""
        for _ in range(count):
            self.at += self.random.randrange(40_000)
            self._enter_office()
            yield codec.encode(self.request())
            yield codec.encode(self.answer())

    def _enter_office(self) -> None:
        pick = self.random.choice
        self.commune = pick(self.units)["key"]
        self.villages = [f"{self.commune}.{number:03}" for number in range(1, self.random.randrange(4, 25))]
        people = [f"{pick(FAMILY)} {pick(MIDDLE)} {pick(GIVEN)}" for _ in range(3)]
        self.people = [*people, pick(POSTS)]
        self.branches = [self.random.randbytes(14).hex() for _ in range(4)]
        year = self.random.randrange(2025, 2031)
        quarter = self.random.randrange(1, 5)
        self.periods = [f"A{year}Q{quarter}", f"A{year}M{quarter * 3:02}", f"S{year}M{quarter * 3:02}", f"A{year}Y"]
        self.catalogue = self.random.randbytes(6).hex()

    def request(self) -> SyncRequest:
        after = Link(self.random.randrange(20_000), self.random.randbytes(16))
        changes = self.changes(after.n) if self.chance(0.7) else []
        receipts = [self.receipt(after.n)] if self.chance(0.05) else []
        checks = [self.check() for _ in range(self.random.randrange(1, 17))] if self.chance(0.1) else []
        vector = self.random.randbytes(8) if self.chance(0.2) else b""
        cursors = {} if vector else {subscription: self.cursor() for subscription in self.subscriptions()}
        lost = [self.version() for _ in range(5)] if self.chance(0.03) else []
        size = 1 << self.random.randrange(13, 17)
        push = Push(after, changes, receipts)
        return SyncRequest(PROTOCOL, self.catalogue, push, cursors, size, vector, checks, lost, [NUMBER])

    def answer(self) -> SyncAnswer:
        held = Link(self.random.randrange(20_000), self.random.randbytes(16))
        parked = self.results(held.n) if self.chance(0.15) else []
        mac = self.random.randbytes(16) if self.chance(0.7) else b""
        pages = [self.page(subscription) for subscription in self.subscriptions()] if self.chance(0.8) else []
        heals = [self.heal(index) for index in range(self.random.randrange(1, 9))] if self.chance(0.1) else []
        scope = [self.commune] if self.chance(0.03) else None
        return SyncAnswer(self.at, held, [], parked, mac, scope, pages, heals, dictionaries=[NUMBER])

    def changes(self, last_n: int) -> list[Change]:
        branch, author, at = self.branches[0], self.one(self.people), self.at
        found: list[Change] = []
        for key, content in self.edits():
            at += self.random.randrange(2, 20)
            seen = tuple(self.version() for _ in range(self.random.randrange(1, 3))) if self.chance(0.3) else ()
            number = last_n + len(found) + 1
            found.append(Change(number, branch, key, content, seen, author, at, self.catalogue))
        return found

    def records(self) -> list[Record]:
        author, at = self.one(self.people), self.at
        found: list[Record] = []
        for key, content in self.edits():
            at += self.random.randrange(2, 20)
            heads = [Head(self.version(), content, author, at, self.at + 900)]
            if self.chance(0.03):
                heads.append(Head(self.version(), self.value(), self.one(self.people), at, self.at + 1_800))
            prev = tuple(self.version() for _ in range(self.random.randrange(1, 4))) if self.chance(0.3) else ()
            found.append(Record(key, tuple(heads), prev))
        return found

    def edits(self) -> Iterator[tuple[Key, str]]:
        """A few of one kind, as a person types them: mostly the values of a form."""
        count = self.random.choice((1, 1, 1, 2, 3, 5, 14, 14, 30))
        unit, period, form = self.one(self.villages), self.one(self.periods), self.one(self.forms)
        kind = self.random.choices((VALUE, TASK, PROGRESS, STATUS, UNIT, DEADLINE, CLOSING), (60, 9, 6, 8, 4, 3, 2))[0]
        if kind == VALUE:
            first = self.random.randrange(len(self.indicators))
            for item in self.indicators[first : first + count]:
                yield Key(VALUE, unit, item, period), self.value()
        elif kind == TASK:
            task = str(UUID(int=self.random.getrandbits(128)))
            for part, content in self.task().items():
                yield Key(TASK, unit, task, "", part), canonical(content)
        elif kind == PROGRESS:
            atom = {"date": self.day(), "percent": self.random.randrange(0, 101, 5), "words": self.one(WORDS)}
            task, update = (str(UUID(int=self.random.getrandbits(128))) for _ in range(2))
            yield Key(PROGRESS, unit, task, "", update), canonical(atom)
        elif kind == STATUS:
            status = {"state": self.one(("submitted", "approved", "returned", "reopened"))}
            if status["state"] == "approved":
                status["digest"] = self.random.randbytes(8).hex()
            if self.chance(0.3):
                status["comment"] = self.note()
            yield Key(STATUS, unit, form, period), canonical(status)
        elif kind == UNIT:
            for village in self.villages[:count]:
                name = f"Thôn {self.one(GIVEN)} {self.one(GIVEN)}"
                yield Key(UNIT, village), canonical({"kind": "village", "name": name, "valid_from": self.day()})
        elif kind == DEADLINE:
            due = {"due": f"{self.day()}T17:00+07:00", "source": ""}
            yield Key(DEADLINE, self.commune, form, period), canonical(due)
        else:
            yield Key(CLOSING, self.commune, form, period), "true"

    def value(self) -> str:
        number = int(self.random.lognormvariate(4, 2))
        if self.chance(0.05):
            return json.dumps({"note": self.note(), "number": number}, ensure_ascii=False, separators=(",", ":"))
        if self.chance(0.03):
            return canonical({"missing": self.one(MISSING_REASONS)})
        return f"{number / 100:.2f}" if self.chance(0.1) else str(number)

    def task(self) -> dict[str, object]:
        """The fields that a person sets at first, or one that changes later."""
        state = str(self.one([state.value for state in TaskState]))
        if self.chance(0.5):
            return {"state": state}
        group = str(self.one([group.value for group in TaskGroup]))
        dates = {"start_date": self.day(), "due_date": self.day()}
        return {"content": self.one(WORDS), "group": group, "assigner": "UBND xã", **dates, "state": state}

    def page(self, subscription: Subscription) -> Page:
        records = self.records() if self.chance(0.5) else []
        more = self.chance(0.05)
        digest = b"" if more else self.random.randbytes(8)
        return Page(subscription, Origin.AS_SENT, records, self.cursor(), more, digest)

    def subscriptions(self) -> list[Subscription]:
        own = f"@{self.branches[0][:20]}"
        found = [Subscription(BROADCAST, BROADCAST), Subscription(own, own), Subscription(self.commune, self.commune)]
        return self.random.sample(found, self.random.randrange(1, 4))

    def receipt(self, last_n: int) -> Receipt:
        link = Link(last_n + 5, self.random.randbytes(16))
        return Receipt(last_n + 1, link, tuple(self.results(last_n)), self.random.randbytes(16))

    def results(self, last_n: int) -> list[Result]:
        outcome = self.random.choice((Outcome.PARKED, Outcome.PARKED, Outcome.CONFLICT, Outcome.HISTORY))
        reason = self.one(REASONS) if outcome is Outcome.PARKED else ""
        return [Result(last_n + place, outcome, reason) for place in range(1, self.random.randrange(2, 6))]

    def check(self) -> Check:
        low, high = (Key(self.one((VALUE, TASK, RECEIPT)), self.one(self.villages)) for _ in range(2))
        subscription = self.subscriptions()[0]
        return Check(subscription, low, high, self.random.randrange(5_000), self.random.randbytes(8))

    def heal(self, index: int) -> Heal:
        verdict = self.random.choice(tuple(Verdict))
        return Heal(index, verdict, self.records() if verdict is Verdict.HEALED else [])

    def version(self) -> Version:
        return Version(self.one(self.branches), self.random.randrange(1, 20_000))

    def cursor(self) -> Cursor:
        return Cursor(self.random.randrange(1, 5_000), self.random.randbytes(4).hex())

    def note(self) -> str:
        return self.one(NOTES).format(day=self.random.randrange(1, 29), count=self.random.randrange(1, 9))

    def day(self) -> str:
        return f"2026-{self.random.randrange(1, 13):02}-{self.random.randrange(1, 29):02}"

    def one(self, choices: list[str] | tuple[str, ...]) -> str:
        return self.random.choice(choices)

    def chance(self, part: float) -> bool:
        return self.random.random() < part


def train() -> bytes:
    """The dictionary, of the most telling pieces of the traffic."""
    samples: list[bytes | bytearray | memoryview] = list(Traffic(SEED).exchanges(EXCHANGES))
    trained = zstandard.train_dictionary(DICTIONARY_BYTES, samples, k=512, d=6, level=LEVEL, dict_id=NUMBER)
    return trained.as_bytes()


def saved(written: bytes) -> str:
    """What the messages of another seed take with the dictionary and without."""
    samples = list(Traffic(SEED + 1).exchanges(500))
    with_it = zstandard.ZstdCompressor(
        level=LEVEL, dict_data=zstandard.ZstdCompressionDict(written), write_dict_id=False
    )
    without = zstandard.ZstdCompressor(level=LEVEL)
    total = [sum(len(packer.compress(sample)) for sample in samples) / len(samples) for packer in (with_it, without)]
    return f"{len(written)} bytes; a message takes {total[0]:.0f} bytes with it, {total[1]:.0f} without"


def main() -> None:
    written = train()
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_bytes(written)
    print(saved(written))


if __name__ == "__main__":
    main()
