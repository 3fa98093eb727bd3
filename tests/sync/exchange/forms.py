"""The shipped village form, the sample villages and what their files are compared with."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sync.domain.catalogue import ValueType
from sync.domain.keys import VALUE, Key
from sync.domain.periods import Period
from sync.exchange import catalogue as catalogues
from sync.exchange.mapping import Proposal
from sync.exchange.names import Names
from sync.exchange.sheets import Cell, Sheet
from sync.exchange.tables import read_table
from sync.exchange.template import Words

FILES: Final = Path(__file__).parent / "files"
_RESOURCES: Final = Path(__file__).parents[3] / "resources"

CATALOGUE: Final = catalogues.load(_RESOURCES / "catalogues")
FORM: Final = CATALOGUE.forms["village_quarter"]
PERIOD: Final = Period.parse("A2026Q2")
COMMUNE: Final = "48.20308"
VILLAGES: Final = {
    f"{COMMUNE}.{int(line.cells['number']):03}": line.cells["name"]
    for line in read_table(_RESOURCES / "samples" / "villages.csv").lines
}
THREE: Final = {f"{COMMUNE}.{number}": VILLAGES[f"{COMMUNE}.{number}"] for number in ("001", "003", "004")}
"""The villages of bieu-da-dien.xlsx."""

RATES: Final = frozenset(key for key, indicator in CATALOGUE.indicators.items() if indicator.type is ValueType.RATE)
UNITS: Final = Names({unit: [name] for unit, name in VILLAGES.items()})
INDICATORS: Final = Names(
    {row.indicator: [row.label, *CATALOGUE.indicators[row.indicator].name] for row in FORM.rows},
)
MISSING: Final = {"k.thu thap": "not_collected", "k.ap dung": "does_not_apply"}
WORDS: Final = Words(
    title="Biểu thôn CT01–CT14",
    about="Quý II/2026 · Xã Bà Nà",
    hint="Chỉ điền các ô trắng.",
    label="Mã",
    name="Chỉ tiêu",
    measure="ĐVT",
    sheet="Biểu",
    wrong_title="Xem lại",
    wrong_number="Chỉ tiêu này là số.",
    wrong_choice="Chọn trong danh sách.",
    wrong_text="Chữ quá dài.",
    missing={"not_collected": "k.thu thập", "does_not_apply": "k.áp dụng"},
    language="vi",
)


def cell(village: str, indicator: str) -> Key:
    """The cell of a village by its number and of an indicator by its label."""
    return Key(VALUE, f"{COMMUNE}.{village}", f"village_{indicator}", PERIOD.code)


def standing(contents: Mapping[Key, str]) -> dict[str, dict[str, str]]:
    """Contents by unit and indicator."""
    found: dict[str, dict[str, str]] = {}
    for key, content in contents.items():
        found.setdefault(key.unit, {})[key.item] = content
    return found


def sheet(*rows: Sequence[Cell]) -> Sheet:
    """A sheet of these rows, of a file that does not tell which cells are merged."""
    return Sheet("", {number: row for number, row in enumerate(rows) if any(cell != "" for cell in row)}, None)


def chosen(proposal: Proposal) -> tuple[list[str], list[str]]:
    """What the columns and the rows are taken for, in short."""
    return (
        [target.chosen.removeprefix("village_") for target in proposal.columns],
        [target.chosen[-3:] for target in proposal.rows],
    )
