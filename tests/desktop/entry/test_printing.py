"""The filled form on paper: every column and mark is told, in words, on A4 pages with their headings."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPageLayout, QPdfWriter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from desktop.entry import files, printing
from desktop.entry.layout import Turn, periods_to
from desktop.entry.model import GridModel
from desktop.entry.printing import printed_of, printed_rows
from desktop.entry.room import EntryRoom
from desktop.feed import Feed
from desktop.widgets import print_preview
from desktop.widgets.pages import Printed, Row, Sheets, _Table, lay_out
from desktop.widgets.print_preview import PrintDialog, write_pdf
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue, Sensitivity
from sync.domain.errors import EnvironmentFault
from sync.domain.values import Value
from sync.store import Store
from tests.desktop.entry.conftest import PERIOD, SECOND, VILLAGES, grid_of
from tests.desktop.entry.test_model import key
from tests.desktop.entry.test_room import view
from tests.desktop.sampled import COMMUNE, NOW, PERSON, push, receive

UNFIT = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@dataclass
class Recorder:
    """Takes the place of a painter, and keeps what would be read on each page."""

    pages: list[list[str]] = field(default_factory=lambda: [[]])
    areas: list[QRectF] = field(default_factory=list)

    def drawText(self, area: QRectF, _flags: int, text: str) -> None:
        self.pages[-1].append(text)
        self.areas.append(area)

    def turn(self) -> bool:
        self.pages.append([])
        return True

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_: None


def table(columns: int, rows: int, notes: int = 0) -> Printed:
    """A print of that many columns and rows, each cell with its own name."""
    lines = [
        Row(f"L{row}", f"Chỉ tiêu {row}", "hộ", tuple(f"{row * 1000 + column}" for column in range(columns)))
        for row in range(rows)
    ]
    lines.insert(0, Row("", "Phần một", "", ()))
    headings = tuple(f"Thôn {column}" for column in range(columns))
    said = tuple(f"[{number}] ghi chú" for number in range(notes))
    return Printed("Biểu", ("Mã", "Chỉ tiêu", "ĐVT"), ("Đơn vị: Xã",), headings, tuple(lines), said, "", "In lúc")


def pages_of(printed: Printed, tmp_path: Path, signatures: bool = True) -> tuple[list[list[str]], QPdfWriter, Recorder]:
    writer = QPdfWriter(str(tmp_path / "x.pdf"))
    lay_out(writer, printed)
    recorder = Recorder()
    sheets = Sheets(writer, printed, signatures)
    sheets.paint(recorder, recorder.turn)  # type: ignore[arg-type]
    assert sheets.count == len(recorder.pages)
    return recorder.pages, writer, recorder


def dialogs() -> list[PrintDialog]:
    return [shown for shown in QApplication.topLevelWidgets() if isinstance(shown, PrintDialog)]


def printed_from(model: GridModel, up_to: Sensitivity = Sensitivity.SENSITIVE) -> Printed:
    """The form on paper at once."""
    notes: list[str] = []
    return printed_of(model, list(printed_rows(model, notes, up_to)), notes, NOW, up_to)


def test_what_is_printed_says_values_reasons_and_marks_in_words(grid: GridModel, commune: Store, feed: Feed) -> None:
    commune.record_changes([(key("households"), "312"), (key("poor"), "400")], PERSON, NOW)
    commune.record_changes([(key("households", SECOND), Value(missing="not_collected").content())], PERSON, NOW)
    commune.record_changes([(key("area"), Value(raw="12a").content())], PERSON, NOW)
    push(commune)
    commune.record_changes([(key("remark"), '"ổn"')], PERSON, NOW)
    receive(commune, [(key("poor", SECOND), ["3", "4"])])
    printed = printed_from(grid, Sensitivity.INTERNAL)
    rows = {row.name: row for row in printed.rows}
    assert printed.title == "Biểu thôn"
    assert printed.about == ("Đơn vị: Xã Bà Nà", "Kỳ báo cáo: Quý IV/2026")
    assert printed.headings == tuple(VILLAGES.values())
    assert rows["Tổng số hộ dân"].cells == ("312 [1]", "Không thu thập được", "")
    assert rows["Tổng số hộ dân"].measure == "hộ"
    assert rows["Số hộ nghèo"].cells == ("400 [2]", "3 [3]", "")
    assert rows["Hộ và nhân khẩu"].cells == ()
    assert rows["Diện tích"].cells[0] == "12a [4]"
    assert rows["Nhận xét"].numeric is False
    said = "\n".join(printed.notes)
    assert "[2] CT03 · Thôn An Sơn: Số hộ nghèo lớn hơn tổng số hộ." in said
    assert "4 · Thôn trưởng" in said
    assert say("entry.raw.text") in said
    assert printed.notes[-1] == say("entry.print.waiting", count=1)
    assert printed.warning == say("exchange.duty.internal")
    assert printed.printed == "In từ Sổ Xã lúc 21/11/2026 09:15"


def test_an_unusual_figure_is_printed_with_its_sentence_though_nobody_saw_it(
    commune: Store, catalogue: Catalogue, feed: Feed
) -> None:
    figures = (419, 421, 418, 420, 417, 419, 422, 419)
    before = periods_to(PERIOD, 9)[:-1]
    found = [(key("households", period=one.code), [str(it)]) for one, it in zip(before, figures, strict=True)]
    receive(commune, found, stream=COMMUNE.key)
    commune.record_changes([(key("households"), "1420")], PERSON, NOW)
    notes = printed_from(grid_of(commune, catalogue, feed)).notes
    assert "[1] CT01 · Thôn An Sơn: Gấp 3,4 lần trung vị 8 kỳ trước (419)." in notes


def test_a_long_form_is_made_ready_a_little_at_a_time_and_given_up_at_will(
    room: EntryRoom, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(files, "_SLICE_S", 0.0)
    press = partial(QTest.keyClick, view(room), Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    press()
    found = room.findChild(files.Files)
    assert found is not None
    found._show_progress()
    assert say("exchange.printing") in [label.text() for label in room.findChildren(QLabel)]
    found._cancel()
    QTest.qWait(20)
    assert not dialogs()
    press()
    qtbot.waitUntil(lambda: len(dialogs()) == 1)
    dialogs()[0].reject()


def test_a_print_of_sensitive_figures_says_its_duty(commune: Store, catalogue: Catalogue, feed: Feed) -> None:
    poor = catalogue.indicators["poor"]._replace(sensitivity=Sensitivity.SENSITIVE)
    model = grid_of(commune, catalogue._replace(indicators={**catalogue.indicators, "poor": poor}), feed)
    edits = [(key("households"), "917263"), (key("poor"), "736251"), (key("poor", SECOND), '{"raw":"736251?"}')]
    commune.record_changes(edits, PERSON, NOW)
    whole, without = printed_from(model), printed_from(model, Sensitivity.INTERNAL)
    assert (whole.warning, without.warning) == (say("exchange.duty.sensitive"), say("exchange.duty.internal"))
    assert "917.263" in str(without)
    for figure in ("736.251", "736251?"):
        assert figure in str(whole)
        assert figure not in str(without)
    assert say("entry.print.left_out") in without.notes
    assert printed_from(model, Sensitivity.PUBLIC).warning == ""


@pytest.mark.parametrize(
    ("turn", "item", "about", "headings"),
    [
        (Turn.PERIODS, "", ("Đơn vị: Thôn An Sơn",), ("Quý III/2026", "Quý IV/2026")),
        (Turn.INDICATOR, "poor", ("Đơn vị: Xã Bà Nà", "Số hộ nghèo"), ("Quý III/2026", "Quý IV/2026")),
    ],
)
def test_the_grid_is_printed_as_it_is_turned(
    commune: Store,
    catalogue: Catalogue,
    feed: Feed,
    turn: Turn,
    item: str,
    about: tuple[str, ...],
    headings: tuple[str, ...],
) -> None:
    model = grid_of(commune, catalogue, feed, periods=(PERIOD.previous, PERIOD), turn=turn, item=item)
    printed = printed_from(model)
    assert (printed.about, printed.headings) == (about, headings)


def test_a_small_form_stands_upright_on_one_page(tmp_path: Path) -> None:
    pages, writer, _ = pages_of(table(3, 10), tmp_path)
    assert len(pages) == 1
    assert writer.pageLayout().orientation() is QPageLayout.Orientation.Portrait
    assert say("widgets.print.page", number=1, count=1) in pages[0]
    assert say("widgets.print.maker") in pages[0]
    assert say("widgets.print.maker") not in pages_of(table(3, 10), tmp_path, signatures=False)[0][0]


def test_a_word_of_a_measure_stays_whole(tmp_path: Path) -> None:
    printed = table(2, 1)
    row = printed.rows[1]._replace(measure="poor households")
    pages, *_ = pages_of(printed._replace(rows=(row,)), tmp_path)
    assert "poor households" in pages[0]


def test_columns_and_rows_that_do_not_fit_go_on_with_their_headings(tmp_path: Path) -> None:
    printed = table(20, 60, notes=3)
    pages, writer, recorder = pages_of(printed, tmp_path)
    assert writer.pageLayout().orientation() is QPageLayout.Orientation.Landscape
    text = [word for page in pages for word in page]
    for row in printed.rows:
        for cell in row.cells:
            assert text.count(cell) == 1, cell
    filled = [page for page in pages if any(word.isdecimal() for word in page)]
    assert len(filled) > 4
    for number, page in enumerate(pages, 1):
        assert say("widgets.print.page", number=number, count=len(pages)) in page
    for page in filled:
        assert say("entry.grid.indicator") in page
        figures = [int(word) for word in page if word.isdecimal()]
        assert {f"Thôn {figure % 1000}" for figure in figures} == {word for word in page if word.startswith("Thôn ")}
        assert {f"Chỉ tiêu {figure // 1000}" for figure in figures} == {
            word for word in page if word.startswith("Chỉ tiêu ")
        }
    area = writer.pageLayout().paintRectPixels(writer.resolution())
    assert all(found.left() >= 0 and found.right() <= area.width() + 1 for found in recorder.areas)
    assert all(found.top() >= 0 and found.bottom() <= area.height() + 1 for found in recorder.areas)


def test_many_notes_go_on_over_pages_and_the_place_to_sign_stands_last(tmp_path: Path) -> None:
    printed = table(3, 40, notes=150)
    pages, writer, recorder = pages_of(printed, tmp_path)
    text = [word for page in pages for word in page]
    assert all(text.count(note) == 1 for note in printed.notes)
    assert [number for number, page in enumerate(pages) if say("widgets.print.maker") in page] == [len(pages) - 1]
    area = writer.pageLayout().paintRectPixels(writer.resolution())
    assert all(found.bottom() <= area.height() + 1 for found in recorder.areas)


def test_no_section_stands_alone_at_the_foot_of_a_page(tmp_path: Path) -> None:
    plain = table(2, 1)
    pair = (Row("", "Phần", "", ()), plain.rows[1])
    for lines in range(20, 60):
        printed = plain._replace(rows=(*plain.rows[1:] * lines, *pair))
        pages, _, _ = pages_of(printed, tmp_path)
        (page,) = [page for page in pages if "Phần" in page]
        assert page.index("Phần") < max(place for place, word in enumerate(page) if word == "L0")


def test_a_pdf_holds_its_letters(grid: GridModel, tmp_path: Path) -> None:
    path = tmp_path / "Biểu thôn.pdf"
    write_pdf(path, printed_from(grid), signatures=True)
    written = path.read_bytes()
    assert written.startswith(b"%PDF-")
    assert re.search(rb"/FontFile", written)
    assert [found.name for found in tmp_path.glob("*.pdf*")] == [path.name]


def test_a_pdf_that_cannot_be_written_leaves_the_old_one(grid: GridModel, tmp_path: Path) -> None:
    folder = tmp_path / "a.pdf"
    folder.mkdir()
    with pytest.raises(EnvironmentFault, match="file_unwritable"):
        write_pdf(folder, printed_from(grid), signatures=True)
    with pytest.raises(EnvironmentFault, match="file_unwritable"):
        write_pdf(tmp_path / "none" / "a.pdf", printed_from(grid), signatures=True)
    assert [found.name for found in tmp_path.iterdir() if found.suffix == ".part"] == []


@UNFIT
def test_ctrl_p_shows_the_pages_and_offers_a_pdf_where_there_is_no_printer(
    room: EntryRoom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    monkeypatch.setattr(print_preview, "has_printer", lambda: False)
    QTest.keyClick(view(room), Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(dialogs()) == 1)
    (dialog,) = dialogs()
    assert dialog.pages.pageCount() == 1
    assert not dialog.paper.isEnabled()
    assert say("widgets.print.no_printer") in [label.text() for label in dialog.findChildren(QLabel)]
    dialog.save(tmp_path / "bieu")
    assert (tmp_path / "bieu.pdf").read_bytes().startswith(b"%PDF-")
    dialog.save(tmp_path / "none" / "bieu")
    told = "\n".join(label.text() for label in dialog.findChildren(QLabel))
    assert say("errors.file_unwritable.text") in told
    dialog.reject()


def test_what_nobody_reads_on_paper_is_refused_in_words(room: EntryRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "MOST_CELLS", 2)
    QTest.keyClick(view(room), Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert not [found for found in QApplication.topLevelWidgets() if isinstance(found, PrintDialog)]
    assert say("entry.print.too_large", most=2) in [label.text() for label in room.findChildren(QLabel)]


def test_what_is_wider_than_its_column_without_a_space_is_broken_not_cut() -> None:
    kept = QBuffer()
    kept.open(QIODevice.OpenModeFlag.WriteOnly)
    device = QPdfWriter(kept)
    code = "NV-2026-0000000000017/KH-UBND"
    rows = (Row("1", "Rà soát", "Xã Bà Nà", (code, "nguyenthilananh@danang.gov.vn"), False),)
    table = _Table(device, Printed("T", ("STT", "Tên", "Đơn vị"), (), ("Mã", "Email"), rows, (), "", ""))
    for text in rows[0].cells:
        broken = table.broken(text, 60.0, "body")
        assert broken.replace("\n", "") == text
        metrics = QFontMetricsF(table.fonts["body"], device)
        assert max(metrics.horizontalAdvance(line) for line in broken.split("\n")) <= 60.0 * table.scale
    assert table.tall(code, 60.0, "body") > table.tall("NV", 60.0, "body")
    plain = "Rà soát hạ tầng số dùng chung"
    assert table.broken(plain, 60.0, "body") == plain
