"""What `bench wire` works with: a served centre, desktops that are enrolled at it, and what people type there."""

import csv
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

from sync.central.centre import Centre, make_centre, open_centre
from sync.client.enrol import enrol
from sync.domain.keys import UNIT, VALUE, Key
from sync.domain.units import Unit, UnitKind
from sync.exchange.catalogue import load
from sync.store import Store

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
PROVINCE, COMMUNE = "48", "48.20308"
INDICATORS = tuple(f"village_ct{number:02}" for number in range(1, 41))
VILLAGES = tuple(f"{COMMUNE}.{number:03}" for number in range(1, 11))
NOON = 1_790_000_000
SECRET = bytes(32)
SERVED_WITHIN_S = 30
PEOPLE = ("Nguyễn Thị Thu Hà", "Trần Văn Bình", "Lê Đức Sơn", "Phạm Ngọc Yến")
NOTES = (
    "đã đối chiếu với sổ theo dõi của thôn",
    "giảm {count} hộ do chuyển khẩu đi nơi khác",
    "số liệu do trưởng thôn báo qua điện thoại ngày {day}",
    "tăng {count} trẻ mới sinh trong kỳ",
    "chờ biên bản rà soát ngày {day} để điều chỉnh",
    "trùng với số của kỳ trước, đã kiểm tra lại",
)


class Edit(NamedTuple):
    """One value as a person types it; `at` is seconds since 1970 UTC."""

    key: Key
    content: str
    author: str
    at: int


def edits(periods: Sequence[str], units: Sequence[str] = VILLAGES, at: int = NOON, seed: int = 1) -> list[Edit]:
    """Every indicator of every unit and period, typed form by form: each with the size that its indicator has, some
    seconds apart, 2 % with a note."""
    random = Random(seed)
    sizes = [random.choice((4, 40, 300, 2_000, 15_000)) for _ in INDICATORS]
    found: list[Edit] = []
    for period in periods:
        for place, unit in enumerate(units):
            at += random.randrange(60, 3_600)
            for indicator, size in zip(INDICATORS, sizes, strict=True):
                at += 2 + int(random.expovariate(1 / 4))
                number = int(size * random.lognormvariate(0, 0.5))
                content = str(number)
                if random.random() < 0.02:
                    note = random.choice(NOTES).format(count=random.randrange(1, 9), day=random.randrange(1, 29))
                    content = json.dumps({"note": note, "number": number}, ensure_ascii=False, separators=(",", ":"))
                found.append(Edit(Key(VALUE, unit, indicator, period), content, PEOPLE[place % len(PEOPLE)], at))
    return found


def quarters(first_year: int, count: int) -> list[str]:
    return [f"A{first_year + place // 4}Q{place % 4 + 1}" for place in range(count)]


def catalogues(folder: Path) -> Path:
    """A catalogue of forty indicators: the one that is shipped, and as many more of the village form."""
    made = folder / "catalogues"
    shutil.copytree(RESOURCES / "catalogues", made)
    with (made / "indicators.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = {row["key"]: row for row in rows}
    more = [known["village_ct01"] | {"key": key} for key in INDICATORS if key not in known]
    with (made / "indicators.csv").open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, rows[0].keys(), lineterminator="\n").writerows(more)
    return made


def open_office(folder: Path, made: Path, units: Sequence[Unit]) -> Centre:
    """A centre of the province with these units."""
    make_centre(folder, PROVINCE, time.time)
    centre = open_centre(folder, load(made), time.time)
    centre.repository.decide([(Key(UNIT, unit.key), unit.content()) for unit in units], "Quản trị")
    return centre


def commune_units(villages: Sequence[str] = VILLAGES) -> list[Unit]:
    return [
        Unit(PROVINCE, UnitKind.PROVINCE, "Thành phố Đà Nẵng"),
        Unit(COMMUNE, UnitKind.COMMUNE, "Xã Bà Nà"),
        *(Unit(key, UnitKind.VILLAGE, f"Thôn {key[-3:]}") for key in villages),
    ]


@contextmanager
def served(folder: Path, made: Path) -> Iterator[int]:
    """The port of a centre that `soxa-central serve` serves from `folder`, as anywhere but for its catalogue."""
    port_file = folder / "port"
    program = "import sys; from pathlib import Path; from sync.central import commands, terminal"
    program += "; terminal.CATALOGUES = Path(sys.argv.pop(1)); commands.main()"
    command = [sys.executable, "-c", program, str(made), "serve", "--data", str(folder), "--port", "0"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--port-file", str(port_file)], stdout=log, stderr=log)
    try:
        give_up = time.monotonic() + SERVED_WITHIN_S
        while not port_file.exists():
            if process.poll() is not None or time.monotonic() > give_up:
                sys.exit((folder / "log").read_text(encoding="utf-8", errors="replace"))
            time.sleep(0.02)
        yield int(port_file.read_text(encoding="ascii"))
    finally:
        process.terminate()
        process.wait()
        port_file.unlink(missing_ok=True)


def desktop(folder: Path, made: Path, server: str, code: str) -> Store:
    """A new desktop that is enrolled at `server`."""
    store = Store.open(folder, SECRET, load(made).version)
    # What is measured here are bytes and processor time, and the disk's patience with a fsync is neither.
    store.db.execute("PRAGMA synchronous = OFF")
    enrol(store, server, code, "PC")
    return store


def type_in(store: Store, typed: Sequence[Edit]) -> None:
    """One transaction an edit, as the cells of a form are left one after another."""
    for edit in typed:
        store.record_changes([(edit.key, edit.content)], edit.author, datetime.fromtimestamp(edit.at, UTC))


def rows_of(typed: Sequence[Edit]) -> list[tuple[str | int, ...]]:
    """All that the edits say, as rows of a table."""
    return [(edit.key.unit, edit.key.item, edit.key.period, edit.content, edit.author, edit.at) for edit in typed]
