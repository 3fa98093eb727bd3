"""A small province with two communes, made anew for every test, and devices that speak to it."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey
from typer.testing import CliRunner, Result

from sync.central.app import build_app
from sync.central.centre import Centre, make_centre, open_centre
from sync.central.commands import build_commands
from sync.central.loading import load_province
from sync.central.members import Membership, key_of
from sync.central.serving import Server, open_socket
from sync.central.terminal import CATALOGUES
from sync.central.words import Words
from sync.domain.catalogue import (
    Aggregation,
    Breakdown,
    Catalogue,
    Form,
    Indicator,
    Label,
    Member,
    Row,
    Scheme,
    SchemeStatus,
    Section,
    Sensitivity,
    Severity,
    UnitOfMeasure,
    ValueType,
)
from sync.domain.keys import RECEIPT, STATUS, UNIT, VALUE, Key
from sync.domain.periods import Frequency, Regime
from sync.domain.units import Unit, UnitKind
from sync.exchange.catalogue import load
from sync.protocol import chain, codec, envelope
from sync.protocol.chain import device_id
from sync.protocol.messages import (
    Change,
    Check,
    Cursor,
    Link,
    Page,
    Push,
    Receipt,
    Record,
    Subscription,
    SyncAnswer,
    SyncRequest,
    Version,
)
from sync.protocol.own import whole
from sync.protocol.version import PROTOCOL

COMMUNE = "48.20308"
VILLAGE = "48.20308.001"
OTHER_VILLAGE = "48.20308.002"
OTHER_COMMUNE = "48.20194"
PERIOD = "A2026Q2"
FORM = "village_quarter"

UNITS = (
    Unit("48", UnitKind.PROVINCE, "Thành phố Đà Nẵng"),
    Unit("48.D01", UnitKind.DEPARTMENT, "Sở Khoa học và Công nghệ"),
    Unit(COMMUNE, UnitKind.COMMUNE, "Xã Bà Nà"),
    Unit(OTHER_COMMUNE, UnitKind.WARD, "Phường Hải Vân"),
    Unit(VILLAGE, UnitKind.VILLAGE, "Thôn Phú Hòa"),
    Unit(OTHER_VILLAGE, UnitKind.VILLAGE, "Thôn An Sơn"),
)


class Clock:
    """A clock that stands until it is moved. Seconds since 1970 UTC."""

    def __init__(self) -> None:
        self.now = 1_780_000_000.0

    def __call__(self) -> float:
        return self.now


def value_key(unit: str, item: str = "ct01", period: str = PERIOD) -> Key:
    return Key(VALUE, unit, item, period)


def status_key(unit: str = VILLAGE, form: str = FORM, period: str = PERIOD) -> Key:
    return Key(STATUS, unit, form, period)


@dataclass
class Device:
    """A device as the protocol sees it: a key, a chain, cursors, and what it received."""

    centre: Centre
    unit: str
    key: SigningKey = field(default_factory=SigningKey.generate)
    run: str = "5eed0001"
    log: list[Change] = field(default_factory=list)
    held: Link | None = None
    cursors: dict[Subscription, Cursor] = field(default_factory=dict)
    base: dict[Key, Record] = field(default_factory=dict)
    is_known: bool = False

    def __post_init__(self) -> None:
        if not self.is_known:
            public_key = bytes(self.key.verify_key).hex()
            membership = Membership(public_key, (self.unit,), "Nguyễn Văn An", "PC", 0)
            decision = (key_of(self.centre.province, self.name), membership.content())
            self.centre.repository.decide([decision], "admin")
            self.is_known = True

    @property
    def name(self) -> str:
        return chain.device_id(bytes(self.key.verify_key))

    def type(self, key: Key, content: str, seen: tuple[Version, ...] = (), author: str = "Nguyễn Văn An") -> Version:
        """Append a change to the log."""
        n = len(self.log) + 1
        change = Change(n, self.name + self.run, key, content, seen, author, 1_780_000_000 + n, "1")
        self.log.append(change)
        return change.version

    def link(self, n: int) -> Link:
        """The place of the log's n-th change."""
        root = chain.root(self.name)
        return [root, *chain.links(root, self.log[:n])][-1]

    def push(self, first_n: int = 1, last_n: int | None = None, receipts: Sequence[Receipt] = ()) -> Push:
        """The log from `first_n` to `last_n` as a push."""
        return Push(self.link(first_n - 1), self.log[first_n - 1 : last_n], list(receipts))

    def ask(
        self, push: Push | None = None, page_bytes: int = 1 << 20, checks: Sequence[Check] = (), **more: Any
    ) -> SyncAnswer:
        """One round trip, whose pages are taken in. Without a push it is empty, behind what was last held."""
        push = push or Push(self.held or chain.root(self.name))
        request = SyncRequest(PROTOCOL, "1", push, dict(self.cursors), page_bytes, checks=list(checks), **more)
        answer = self.centre.repository.push_pull(self.name, request)
        self.held = answer.held or self.held
        for page in answer.pages:
            self.take(whole(page, push.changes, answer.time))
        return answer

    def take(self, page: Page) -> None:
        self.cursors[page.subscription] = page.cursor
        self.base.update({record.key: record for record in page.records})

    def pull(self, page_bytes: int = 1 << 20) -> int:
        """Pull until nothing more comes; the number of round trips."""
        for rounds in itertools.count(1):
            if not any(page.more for page in self.ask(page_bytes=page_bytes).pages):
                return rounds
        raise AssertionError

    def heads(self, key: Key) -> list[str]:
        """The contents that stand in a cell, by what was pulled now."""
        self.pull()
        return [head.content for head in self.base[key].heads] if key in self.base else []

    def told(self) -> dict[Version, tuple[str, str]]:
        """What the centre said later of parked changes: outcome and reason of each."""
        self.pull()
        return {
            Version(key.item, int(key.part)): tuple(json.loads(record.heads[0].content))
            for key, record in self.base.items()
            if key.kind == RECEIPT
        }

    def clone(self, first_n: int, run: str) -> "Device":
        """A copy of the folder as it was before its change `first_n`, opened anew."""
        return replace(self, log=self.log[: first_n - 1], run=run, cursors=dict(self.cursors), base=dict(self.base))

    def receipt(self, answer: SyncAnswer, first_n: int = 1) -> Receipt:
        """What a device keeps of an answer, to show it again."""
        assert answer.held is not None
        return Receipt(first_n, answer.held, tuple(answer.results), answer.mac)


Run = Callable[..., Result]
"""Calls a command, and gives its exit code and what it said."""


class Line:
    """Posts bytes to a running centre."""

    def __init__(self, centre: Centre, port: int) -> None:
        self.centre = centre
        self.port = port

    def raw(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[HTTPResponse, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def post(self, path: str, message: codec.Message, key: SigningKey) -> codec.Message:
        """What the centre answers to a sealed message; its seal is checked."""
        sealed = envelope.seal(codec.encode(message), device_id(bytes(key.verify_key)), key)
        response, body = self.raw("POST", path, sealed)
        assert response.status == 200
        return codec.decode(envelope.unseal(body, bytes(self.centre.key.verify_key), sealed).body)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    label = Label("Tên", "Name")
    scheme = Scheme("sample", label, "xã Bà Nà", "", None, "1", SchemeStatus.SAMPLE, "")
    kinds = frozenset({UnitKind.VILLAGE})
    sex = Breakdown("sex", label, (Member("female", label), Member("male", label)), Severity.SOFT, "")
    quarterly, administrative = Frequency.QUARTER, Regime.ADMINISTRATIVE
    indicators = {
        key: Indicator(
            key=key,
            code="",
            scheme=scheme,
            name=label,
            definition=label,
            unit_of_measure=UnitOfMeasure("household", label),
            type=ValueType.INTEGER,
            decimals=0,
            minimum=Decimal(0),
            numerator="",
            denominator="",
            scale=1,
            choices=(),
            frequency=quarterly,
            regime=administrative,
            unit_kinds=kinds,
            sensitivity=sensitivity,
            aggregation=Aggregation.SUM,
            source="",
            confidence="",
            breakdown=sex if key == "ct01" else None,
        )
        for key, sensitivity in (("ct01", Sensitivity.PUBLIC), ("ct14", Sensitivity.SENSITIVE))
    }
    section = Section("", label, tuple(Row(key, key) for key in indicators))
    form = Form(FORM, label, scheme, quarterly, administrative, kinds, (section,), "")
    return Catalogue("1", {"sample": scheme}, {}, indicators, {form.key: form}, {})


@pytest.fixture
def centre(tmp_path: Path, catalogue: Catalogue, clock: Clock) -> Iterator[Centre]:
    folder = tmp_path / "centre"
    make_centre(folder, "48", clock)
    centre = open_centre(folder, catalogue, clock)
    centre.repository.decide([(Key(UNIT, unit.key), unit.content()) for unit in UNITS], "admin")
    yield centre
    centre.close()


@pytest.fixture
def reopened(catalogue: Catalogue, clock: Clock) -> Iterator[Callable[..., Centre]]:
    """Opens a folder as the server does when it starts, with the usual catalogue unless another is given."""
    opened: list[Centre] = []

    def reopen(folder: Path, known: Catalogue = catalogue) -> Centre:
        opened.append(open_centre(folder, known, clock))
        return opened[-1]

    yield reopen
    for each in opened:
        each.close()


@pytest.fixture
def device(centre: Centre) -> Callable[[str], Device]:
    """Enrols a device for a unit."""
    return lambda unit: Device(centre, unit)


@pytest.fixture
def line(centre: Centre, clock: Clock) -> Iterator[Line]:
    listening = open_socket("127.0.0.1", 0)
    ready = threading.Event()
    server = Server(build_app(centre, clock), ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    assert ready.wait(20)
    yield Line(centre, listening.getsockname()[1])
    server.should_exit = True
    thread.join(20)
    listening.close()
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def made_province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre of the province, made once; a test works on a copy."""
    folder = tmp_path_factory.mktemp("made")
    make_centre(folder, "48", Clock())
    with closing(open_centre(folder, load(CATALOGUES), Clock())) as centre:
        load_province(centre, CATALOGUES)
    return folder


@pytest.fixture
def province_folder(made_province: Path, tmp_path: Path) -> Path:
    """A centre of the province, as the commands find it."""
    for path in made_province.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


@pytest.fixture
def run(province_folder: Path) -> Run:
    """Calls a command in this process, on the province."""
    app = build_commands(Words("en"))
    return lambda *arguments: CliRunner().invoke(app, [*map(str, arguments), "--data", str(province_folder)])
