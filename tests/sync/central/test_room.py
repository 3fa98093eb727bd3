"""How much a commit, an answer and a cell bring: bounded, with nothing lost, and always a message that can be read."""

from collections.abc import Callable
from itertools import count
from random import Random

import pytest
from nacl.signing import SigningKey

from sync.central import room
from sync.central.centre import Centre
from sync.central.room import Room, has_room, letters_of, parts
from sync.domain.catalogue import Catalogue, Sensitivity
from sync.domain.keys import TASK, UNIT, Key
from sync.domain.parking import TOO_MANY_RIVALS
from sync.domain.units import Unit, UnitKind
from sync.protocol import codec
from sync.protocol.envelope import MAX_SEALED, seal, unseal
from sync.protocol.messages import (
    MAX_CONTENT,
    MAX_NAME,
    Change,
    Check,
    Cursor,
    Head,
    Heal,
    Origin,
    Page,
    Record,
    Subscription,
    SyncAnswer,
    Verdict,
    Version,
)
from tests.sync.central.conftest import COMMUNE, VILLAGE, Device, value_key
from tests.sync.central.test_parked import reasons

MakeDevice = Callable[[str], Device]
CELL = value_key(VILLAGE)
OF_VILLAGE = Subscription(VILLAGE, COMMUNE)
KEYS = [value_key(VILLAGE, period=f"A{year}Q1") for year in range(2000, 2012)]


def type_copies(device: Device, keys: list[Key], copies: int) -> None:
    """As many copies of a device's folder each type into all of these cells, and push."""
    for copy in range(copies):
        device.run = f"{copy:08x}"
        first = len(device.log) + 1
        for key in keys:
            device.type(key, str(copy))
        device.ask(device.push(first))


def seqs(centre: Centre) -> list[int]:
    """The commits in which the village's figures stand."""
    query = "SELECT seq FROM record WHERE kind = 'value' AND unit = ? ORDER BY seq"
    with centre.database.reading() as connection:
        return [seq for (seq,) in connection.exec_driver_sql(query, (VILLAGE,))]


def test_what_one_push_makes_too_large_for_a_page_comes_in_several_commits(
    centre: Centre, device: MakeDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MAX_HEADS", 20)
    village, reader = device(VILLAGE), device(COMMUNE)
    type_copies(village, KEYS, 5)
    assert [seqs(centre).count(seq) for seq in dict.fromkeys(seqs(centre))] == [4, 4, 4]
    while True:
        answer = reader.ask()
        assert sum(len(record.heads) for page in answer.pages for record in page.records) < 2 * 20
        if not any(page.more for page in answer.pages):
            break
    for key in KEYS:
        assert [head.content for head in reader.base[key].heads] == ["0", "1", "2", "3", "4"]


def test_letters_count_as_heads_do(centre: Centre, device: MakeDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_LETTERS", 1_000)
    village = device(VILLAGE)
    for key in KEYS:
        village.type(key, f'"{"a" * 300}"')
    village.ask(village.push())
    assert [seqs(centre).count(seq) for seq in dict.fromkeys(seqs(centre))] == [2] * 6


def test_what_moves_to_another_class_moves_in_commits_that_a_page_can_bring(
    centre: Centre,
    device: MakeDevice,
    catalogue: Catalogue,
    reopened: Callable[..., Centre],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    village = device(VILLAGE)
    type_copies(village, KEYS, 5)
    centre.close()
    monkeypatch.setattr(room, "MAX_HEADS", 20)
    figures = {key: each._replace(sensitivity=Sensitivity.SENSITIVE) for key, each in catalogue.indicators.items()}
    later = reopened(centre.folder, catalogue._replace(version="later", indicators=figures))
    assert [seqs(later).count(seq) for seq in dict.fromkeys(seqs(later))] == [4, 4, 4]


@pytest.mark.parametrize(
    ("bound", "most"), [("MAX_LETTERS_OF_DEVICE", 100), ("MAX_LETTERS_OF_CELL", 100), ("MAX_HEADS_OF_CELL", 3)]
)
def test_what_a_cell_has_no_room_for_waits_until_somebody_decides(
    centre: Centre, device: MakeDevice, monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    monkeypatch.setattr(room, bound, most)
    village, commune = device(VILLAGE), device(COMMUNE)
    type_copies(village, [CELL], 5)
    assert set(reasons(centre, village).values()) == {TOO_MANY_RIVALS}
    standing = commune.heads(CELL)
    assert 1 < len(standing) < 5
    # What has seen them all finds room, however many there are.
    commune.type(CELL, "9", tuple(head.version for head in commune.base[CELL].heads))
    assert commune.ask(commune.push()).results == []
    waited = [str(copy) for copy in range(len(standing), 5)]
    assert commune.heads(CELL) == ["9", *waited]
    assert reasons(centre, village) == {}


def test_one_device_cannot_take_the_room_of_others(centre: Centre, device: MakeDevice) -> None:
    hostile, village = device(VILLAGE), device(VILLAGE)
    for copy in range(10):
        hostile.run = f"{copy:08x}"
        hostile.type(CELL, f'{{"note":"{"a" * 15_000}{copy}","number":1}}')
        hostile.ask(hostile.push(copy + 1))
    assert list(reasons(centre, hostile)) == [7, 8, 9, 10]
    village.type(CELL, "5")
    village.ask(village.push())
    assert reasons(centre, village) == {}


def test_a_healing_answer_ends_when_it_is_full_and_goes_on_where_it_ended(centre: Centre, device: MakeDevice) -> None:
    village = device(VILLAGE)
    for key in KEYS:
        village.type(key, f'{{"note":"{"a" * 600}","number":1}}')
    village.ask(village.push())
    village.pull()
    records = [village.base[key] for key in KEYS]
    whole = Check(OF_VILLAGE, None, None, 0, b"another ")
    (heal,) = village.ask(checks=[whole]).heals
    assert heal == Heal(0, Verdict.HEALED, records)
    brought: list[Record] = []
    low: Key | None = None
    while True:
        # A second check of the same answer finds no room: it is asked again.
        (heal,) = village.ask(page_bytes=1_024, checks=[whole._replace(low=low), whole]).heals
        assert heal.verdict is Verdict.HEALED
        assert 0 < len(heal.records) <= 4
        brought += heal.records
        if heal.up_to is None:
            break
        low = heal.up_to
    assert brought == records
    # Nothing needs no room.
    none = Check(OF_VILLAGE, KEYS[0], KEYS[0], 1, b"another ")
    assert village.ask(page_bytes=1, checks=[whole, none]).heals[-1] == Heal(1, Verdict.HEALED, [])


def test_a_healing_answer_brings_nothing_behind_pages_that_fill_it(
    centre: Centre, device: MakeDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MIN_PAGE_BYTES", 1)
    village = device(VILLAGE)
    village.type(CELL, "5")
    village.ask(village.push())
    village.pull()
    unit = Unit(f"{COMMUNE}.009", UnitKind.VILLAGE, "Thôn Mới")
    centre.repository.decide([(Key(UNIT, unit.key), unit.content())], "admin")
    checks = [Check(OF_VILLAGE, None, None, 0, b"another ")]
    answer = village.ask(page_bytes=1, checks=checks)
    assert (len(answer.pages), answer.heals) == (1, [])
    assert len(village.ask(page_bytes=1, checks=checks).heals) == 1


def letters(random: Random, length: int) -> str:
    """Letters of which no compression makes less."""
    return "".join(map(chr, random.choices(range(0x10000, 0x110000), k=length)))


def worst(random: Random, n: int, heads: int, length: int) -> Record:
    """A record in which nothing stands elsewhere too."""
    said = tuple(
        Head(
            Version(f"{random.getrandbits(112):028x}", random.getrandbits(53)),
            letters(random, length),
            letters(random, min(length, MAX_NAME)),
            random.getrandbits(53),
            random.getrandbits(53),
            random.randbytes(length // 10),
        )
        for _ in range(heads)
    )
    prev = tuple(Version(f"{random.getrandbits(112):028x}", random.getrandbits(53)) for _ in range(4))
    return Record(Key(TASK, VILLAGE, letters(random, min(length, 100)), "", f"{n}"), said, prev)


@pytest.mark.parametrize(("heads", "length"), [(1, 1), (16, 1), (1, 10), (3, 200), (2, MAX_CONTENT)])
def test_the_fullest_answer_is_one_that_its_reader_takes(heads: int, length: int) -> None:
    """At the real bounds: just not full before its last commit, which is as large as any is."""
    random = Random(heads * length)
    commits = parts(worst(random, n, heads, length) for n in count())
    answer = Room(1 << 30)
    records = next(commits)[:-1]
    for record in records:
        answer.take(record)
    assert not answer.is_full
    records += next(commits)
    assert sum(len(record.heads) for record in records) > 39_000 or sum(map(letters_of, records)) > 900_000
    page = Page(Subscription(COMMUNE, COMMUNE), Origin.AS_SENT, records, Cursor(9, "t"), more=True)
    message = SyncAnswer(1, None, [], [], b"", None, [page])
    key = SigningKey(bytes(32))
    sealed = seal(codec.encode(message), "00" * 10, key)
    assert len(sealed) <= MAX_SEALED
    assert codec.decode(unseal(sealed, bytes(key.verify_key)).body) == message


def test_a_single_rival_always_finds_room() -> None:
    """So that what waits for room waits for a conflict to lose a head."""
    version = Version(f"{1:028x}", 1)
    change = Change(1, version.branch, CELL, "a" * MAX_CONTENT, (), "a" * MAX_NAME, 0, "1", b"a" * MAX_CONTENT)
    head = Head(version, change.content, change.author, 0, 0, change.extra)
    assert has_room([head], change)
    assert not has_room([head] * 3, change)
