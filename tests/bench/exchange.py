"""`bench exchange`: a workbook of 10,000 rows and 20 columns up to its preview, against its reader alone."""

import statistics
import tempfile
import time
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Final

from PySide6.QtCore import QEventLoop, QSettings, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from xlsxwriter import Workbook

from desktop.entry.importing import ImportDialog
from desktop.entry.subject import Subject
from desktop.garbage import Garbage
from sync.domain.catalogue import (
    Aggregation,
    Catalogue,
    Form,
    Indicator,
    Label,
    Row,
    Scheme,
    SchemeStatus,
    Section,
    Sensitivity,
    UnitOfMeasure,
    ValueType,
)
from sync.domain.keys import VALUE, Key
from sync.domain.periods import Frequency, Period, Regime
from sync.domain.units import UnitKind
from sync.store import Store
from tests.bench.baselines import bare_read
from tests.bench.figures import NOON, show

ROWS: Final = 10_000
INDICATORS: Final = 19
"""Beside the column of the villages' names: 20 columns in all."""
STORED: Final = 2_000
"""Figures that stand already: each hundredth, half of them the same as in the file."""
TIMES: Final = 7
PERIOD: Final = Period.parse("A2026Q4")
KEY: Final = bytes(32)
_SYLLABLES: Final = (
    *("An", "Bình", "Chánh", "Đông", "Hòa", "Hưng", "Khương", "Lai", "Mỹ", "Nam"),
    *("Ninh", "Phú", "Phước", "Sơn", "Tây", "Thái", "Thạch", "Trung", "Vân", "Xuân"),
)


def catalogue() -> Catalogue:
    """A form of as many indicators as the file has columns of figures."""
    scheme = Scheme("bench", Label("Đo", "Bench"), "", "", None, "1", SchemeStatus.SAMPLE, "")
    kinds = frozenset({UnitKind.VILLAGE})
    measure = UnitOfMeasure("household", Label("hộ", "household"))
    found = {
        f"ct{number:02}": Indicator(
            key=f"ct{number:02}",
            code="",
            scheme=scheme,
            name=Label(f"Chỉ tiêu {_SYLLABLES[number]}", f"Indicator {number}"),
            definition=Label("", ""),
            unit_of_measure=measure,
            type=ValueType.INTEGER,
            decimals=0,
            minimum=Decimal(0),
            numerator="",
            denominator="",
            scale=0,
            choices=(),
            frequency=Frequency.QUARTER,
            regime=Regime.ADMINISTRATIVE,
            unit_kinds=kinds,
            sensitivity=Sensitivity.PUBLIC,
            aggregation=Aggregation.SUM,
            source="",
            confidence="",
        )
        for number in range(INDICATORS)
    }
    rows = tuple(Row(key.upper(), key) for key in found)
    section = Section("all", Label("Tất cả", "All"), rows)
    form = Form(
        "bench", Label("Biểu đo", "Bench"), scheme, Frequency.QUARTER, Regime.ADMINISTRATIVE, kinds, (section,), ""
    )
    return Catalogue("1", {scheme.key: scheme}, {measure.key: measure}, found, {form.key: form}, {})


def villages() -> dict[str, str]:
    """Names by key: of three words, as villages have them, and each but once."""
    names = [f"Thôn {a} {b} {c}" for a in _SYLLABLES for b in _SYLLABLES for c in (*_SYLLABLES, *range(10))]
    return {f"48.{20000 + place // 999}.{place % 999 + 1:03}": name for place, name in enumerate(names[:ROWS])}


def write(path: Path, names: list[str], headings: list[str], figures: list[list[int]]) -> None:
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Tên thôn", *headings])
        for row, (name, found) in enumerate(zip(names, figures, strict=True), 1):
            sheet.write_string(row, 0, name)
            sheet.write_row(row, 1, found)


def fill(folder: Path, units: list[str], items: list[str], figures: list[list[int]]) -> None:
    """Let some figures stand before the import."""
    keys = [(row, column) for row in range(len(units)) for column in range(len(items))][:: ROWS * INDICATORS // STORED]
    edits = [
        (Key(VALUE, units[row], items[column], PERIOD.code), str(figures[row][column] + place % 2))
        for place, (row, column) in enumerate(keys)
    ]
    store = Store.open(folder, KEY)
    store.record_changes(edits, "Cán bộ", datetime.fromtimestamp(NOON, UTC))
    store.close()


def import_s(subject: Subject, path: Path, settings: QSettings) -> tuple[float, float, int]:
    """Seconds from the file's name to its preview, the longest time without an answer, and the cells to import."""
    looks: list[float] = []
    probe = QTimer(interval=5)
    probe.timeout.connect(lambda: looks.append(time.perf_counter()))
    start = time.perf_counter()
    dialog = ImportDialog(subject, path, settings)
    dialog.open()
    probe.start()
    wait_for(dialog, dialog._mapping)
    dialog._go_on()
    wait_for(dialog, dialog._preview)
    end = time.perf_counter()
    found = dialog._preview.chosen
    dialog.reject()
    return end - start, max(after - before for before, after in pairwise([start, *looks, end])), found


def wait_for(dialog: ImportDialog, page: QWidget) -> None:
    """Let the window live until it shows a page."""
    loop = QEventLoop()
    dialog._pages.currentChanged.connect(lambda: loop.quit() if dialog._pages.currentWidget() is page else None)
    loop.exec()


def bare_s(path: Path) -> float:
    start = time.perf_counter()
    bare_read(path)
    return time.perf_counter() - start


def main() -> None:
    qt = QApplication(["soxa"])
    Garbage(qt)  # as the program has it once its window stands
    random, units, form = Random(1), villages(), catalogue()
    items = list(form.indicators)
    figures = [[random.randrange(5_000) for _ in items] for _ in range(ROWS)]
    with tempfile.TemporaryDirectory() as scratch:
        folder, path = Path(scratch, "data"), Path(scratch, "số liệu.xlsx")
        folder.mkdir()
        write(path, list(units.values()), [one.name.vi for one in form.indicators.values()], figures)
        fill(folder, list(units), items, figures)
        subject = Subject(form, form.forms["bench"], PERIOD, units, {}, partial(Store.open, folder, KEY))
        settings = QSettings(str(Path(scratch, "window.ini")), QSettings.Format.IniFormat)
        import_s(subject, path, settings), bare_s(path)  # both once for the caches
        pairs = [(import_s(subject, path, settings), bare_s(path)) for _ in range(TIMES)]
    ours_s = statistics.median(ours[0] for ours, _ in pairs)
    block_s = statistics.median(ours[1] for ours, _ in pairs)
    read_s = statistics.median(bare for _, bare in pairs)
    show(
        [
            ("rows × columns", f"{ROWS:,} × {INDICATORS + 1}"),
            ("cells that would be written", f"{pairs[0][0][2]:,}"),
            ("file to preview", f"{ours_s * 1e3:.0f} ms"),
            ("bare read", f"{read_s * 1e3:.0f} ms"),
            ("longest time without an answer", f"{block_s * 1e3:.0f} ms"),
        ],
        {"import_ratio": ours_s / read_s, "import_block_ms": block_s * 1e3},
    )
    qt.quit()


if __name__ == "__main__":
    main()
