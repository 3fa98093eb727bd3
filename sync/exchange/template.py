"""A form as a workbook to fill in: written with its keys hidden in it, and known again when it comes back."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sync.domain.catalogue import NUMBERS, Catalogue, Form, Indicator, ValueType
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE, Key
from sync.domain.periods import Period
from sync.domain.values import CLEARED, ContentError, Value
from sync.exchange.differences import MAX_TEXT, Layout, LeftOut, line_of, lines_of
from sync.exchange.sheets import Cell, Sheet
from sync.exchange.workbooks import Book
from sync.exchange.writing import number_format, workbook

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

KEYS_SHEET: Final = "soxa"
"""The hidden sheet that says what the workbook is."""

_MARK: Final = "soxa.template"
_FORMAT: Final = "1"
_FIELDS: Final = ("format", "form", "period", "scheme", "scheme_version", "catalogue")
_GIVEN_ROW: Final = 10
"""Where the hidden sheet says what stood in the form when it was given out: unit, indicator and content."""

_UNITS_ROW: Final = 3
_HEADING_ROW: Final = 4
_FIRST_ROW: Final = 5
_ITEM, _LABEL, _NAME, _MEASURE, _FIRST_UNIT = range(5)
"""Columns: the hidden indicator key, what stands before the figures, and the first unit."""

_SAFE_DIGITS: Final = 15
"""Digits that a spreadsheet keeps; a longer number is written as text."""

_MOST: Final = 10**_SAFE_DIGITS
_LONGEST_LIST: Final = 255


class Words(NamedTuple):
    """The texts of a template in the reader's language; `missing` by the reason for a missing figure."""

    title: str
    about: str
    hint: str
    label: str
    name: str
    measure: str
    sheet: str
    wrong_title: str
    wrong_number: str
    wrong_choice: str
    wrong_text: str
    missing: Mapping[str, str]
    language: str


class Template(NamedTuple):
    """What a filled-in template says that it is; `units` are the keys of its columns, `given` what stood in it."""

    form: str
    period: str
    scheme: str
    scheme_version: str
    catalogue: str
    units: tuple[str, ...]
    given: Mapping[tuple[str, str], str]
    sheet: Sheet


def write_template(
    path: Path,
    catalogue: Catalogue,
    form: Form,
    period: Period,
    units: Mapping[str, str],
    contents: Mapping[Key, str],
    words: Words,
) -> None:
    """Write the form for `units` (names by key), filled with what `contents` hold, into an xlsx.

    Headings are locked, cells are not; what fits no indicator is warned of and yet taken, since nothing that a
    person knows is refused. Raises EnvironmentFault "file_unwritable".
    """
    with workbook(path) as book:
        sheet = book.add_worksheet(words.sheet)
        keys = book.add_worksheet(KEYS_SHEET)
        keys.very_hidden()
        about = (_FORMAT, form.key, period.code, form.scheme.key, form.scheme.version, catalogue.version)
        keys.write_string(0, 0, _MARK)
        for row, (name, value) in enumerate(zip(_FIELDS, about, strict=True), 1):
            keys.write_string(row, 0, name)
            keys.write_string(row, 1, value)
        row = _GIVEN_ROW
        for unit in units:
            for indicator in catalogue.indicators_of(form.key):
                for name, part in lines_of(indicator).items():
                    content = contents.get(Key(VALUE, unit, indicator.key, period.code, part), CLEARED)
                    if content != CLEARED:
                        for column, text in enumerate((unit, name, content)):
                            keys.write_string(row, column, text)
                        row += 1
        _Writing(book, sheet, words).write(catalogue, form, period, units, contents)


class _Writing:
    """One sheet being written."""

    def __init__(self, book: Any, sheet: "Worksheet", words: Words) -> None:
        self._sheet, self._words = sheet, words
        line = {"border": 1, "border_color": "#DFE3E8", "valign": "vcenter"}
        head = line | {"bold": True, "bg_color": "#F3F5F8", "text_wrap": True}
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._muted = book.add_format({"font_color": "#5B6675"})
        self._head = book.add_format(head)
        self._head_unit = book.add_format(head | {"align": "center"})
        self._section = book.add_format(line | {"bold": True, "bg_color": "#E8F0FA"})
        self._fixed = book.add_format(line | {"text_wrap": True, "bg_color": "#F3F5F8"})
        self._formats: dict[str, Format] = {}
        self._line, self._book = line, book

    def write(
        self,
        catalogue: Catalogue,
        form: Form,
        period: Period,
        units: Mapping[str, str],
        contents: Mapping[Key, str],
    ) -> None:
        sheet, words = self._sheet, self._words
        sheet.write_string(0, _LABEL, words.title, self._title)
        sheet.write_string(1, _LABEL, words.about, self._muted)
        sheet.write_string(2, _LABEL, words.hint, self._muted)
        for column, text in ((_LABEL, words.label), (_NAME, words.name), (_MEASURE, words.measure)):
            sheet.write_string(_HEADING_ROW, column, text, self._head)
        for column, (unit, name) in enumerate(units.items(), _FIRST_UNIT):
            sheet.write_string(_UNITS_ROW, column, unit)
            sheet.write_string(_HEADING_ROW, column, name, self._head_unit)
        row = _FIRST_ROW
        rows: dict[str, int] = {}
        for section in form.sections:
            sheet.write_string(row, _LABEL, section.name.text(words.language), self._section)
            for column in range(_NAME, _FIRST_UNIT + len(units)):
                sheet.write_blank(row, column, None, self._section)
            row += 1
            for line in section.rows:
                indicator = catalogue.indicators[line.indicator]
                rows[indicator.key] = row
                sheet.write_string(row, _ITEM, indicator.key)
                sheet.write_string(row, _LABEL, line.label, self._fixed)
                sheet.write_string(row, _NAME, indicator.name.text(words.language), self._fixed)
                sheet.write_string(row, _MEASURE, indicator.unit_of_measure.name.text(words.language), self._fixed)
                self._cells(row, indicator, "", period, units, contents)
                row += 1
                row = self._members(row, indicator, period, units, contents)
        for key, row in rows.items():
            if catalogue.indicators[key].type is ValueType.RATE:
                for column in range(_FIRST_UNIT, _FIRST_UNIT + len(units)):
                    self._rate(row, column, catalogue.indicators[key], rows)
        self._arrange(len(units))

    def _members(
        self,
        row: int,
        indicator: Indicator,
        period: Period,
        units: Mapping[str, str],
        contents: Mapping[Key, str],
    ) -> int:
        """The lines of what an indicator is divided into; gives the row behind them."""
        for member in indicator.breakdown.members if indicator.breakdown is not None else ():
            self._sheet.write_string(row, _ITEM, line_of(indicator.key, member.key))
            self._sheet.write_blank(row, _LABEL, None, self._fixed)
            self._sheet.write_string(row, _NAME, f"– {member.name.text(self._words.language)}", self._fixed)
            measure = indicator.unit_of_measure.name.text(self._words.language)
            self._sheet.write_string(row, _MEASURE, measure, self._fixed)
            self._cells(row, indicator, member.key, period, units, contents)
            row += 1
        return row

    def _cells(
        self,
        row: int,
        indicator: Indicator,
        part: str,
        period: Period,
        units: Mapping[str, str],
        contents: Mapping[Key, str],
    ) -> None:
        """The cells of an indicator, or of a part of it; a rate's are written when all rows are known."""
        last = _FIRST_UNIT + len(units) - 1
        look = self._look(indicator)
        if indicator.is_computed:
            # A spreadsheet has no word for every formula, and a figure would soon be an old one.
            for column in range(_FIRST_UNIT, last + 1):
                self._sheet.write_blank(row, column, None, look)
            return
        for column, unit in enumerate(units, _FIRST_UNIT):
            content = contents.get(Key(VALUE, unit, indicator.key, period.code, part), CLEARED)
            self._value(row, column, Value.of(content), look)
        rule = self._validation(indicator)
        if rule is not None:
            self._sheet.data_validation(row, _FIRST_UNIT, row, last, rule)

    def _value(self, row: int, column: int, value: Value, look: "Format") -> None:
        number = value.number
        if number is None:
            text = self._words.missing[value.missing] if value.missing else value.text or value.raw or ""
            self._sheet.write_string(row, column, text, look)
        elif len(number.as_tuple().digits) > _SAFE_DIGITS:
            self._sheet.write_string(row, column, f"{number:f}", look)
        else:
            self._sheet.write_number(row, column, float(number), look)

    def _rate(self, row: int, column: int, indicator: Indicator, rows: Mapping[str, int]) -> None:
        """What is computed of two other rows, as a formula that anyone may look at."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        numerator, denominator = (
            xl_rowcol_to_cell(rows[part], column) for part in (indicator.numerator, indicator.denominator)
        )
        formula = f'=IF(COUNT({numerator},{denominator})=2,IFERROR({indicator.scale}*{numerator}/{denominator},""),"")'
        self._sheet.write_formula(row, column, formula, self._look(indicator), "")

    def _look(self, indicator: Indicator) -> "Format":
        """Figures with Vietnamese marks wherever the file is opened; only what is typed is unlocked."""
        if indicator.type in (*NUMBERS, ValueType.RATE):
            shape: dict[str, Any] = {"num_format": number_format(indicator.decimals)}
        else:
            shape = {"num_format": "@", "text_wrap": True}
        shape |= {"bg_color": "#F3F5F8"} if indicator.is_computed else {"locked": False}
        name = repr(shape)
        if name not in self._formats:
            self._formats[name] = self._book.add_format(self._line | shape)
        return self._formats[name]

    def _validation(self, indicator: Indicator) -> dict[str, Any] | None:
        """What Excel warns of; a word for a missing figure is taken all the same."""
        words = self._words
        rule: dict[str, Any] = {"error_type": "warning", "error_title": words.wrong_title}
        if indicator.type in NUMBERS:
            rule |= {"validate": "integer" if indicator.type is ValueType.INTEGER else "decimal"}
            least = -_MOST if indicator.minimum is None else int(indicator.minimum)
            return rule | {
                "criteria": "between",
                "minimum": least,
                "maximum": _MOST,
                "error_message": words.wrong_number,
            }
        if indicator.type is ValueType.CHOICE and len(",".join(indicator.choices)) <= _LONGEST_LIST:
            return rule | {"validate": "list", "source": list(indicator.choices), "error_message": words.wrong_choice}
        if indicator.type is ValueType.TEXT:
            return rule | {"validate": "length", "criteria": "<=", "value": MAX_TEXT, "error_message": words.wrong_text}
        return None

    def _arrange(self, units: int) -> None:
        sheet = self._sheet
        sheet.set_column(_ITEM, _ITEM, None, None, {"hidden": True})
        sheet.set_column(_LABEL, _LABEL, 7)
        sheet.set_column(_NAME, _NAME, 46)
        sheet.set_column(_MEASURE, _MEASURE, 10)
        sheet.set_column(_FIRST_UNIT, _FIRST_UNIT + units - 1, 16)
        sheet.set_row(_UNITS_ROW, None, None, {"hidden": True})
        sheet.set_row(_HEADING_ROW, 32)
        sheet.freeze_panes(_FIRST_ROW, _FIRST_UNIT)
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(_HEADING_ROW)


# Reading one back


def template_of(book: Book) -> Template | None:
    """What the workbook says that it is a template of; None for any other workbook."""
    keys = next((sheet for sheet in book.sheets if sheet.name == KEYS_SHEET), None)
    if keys is None or keys.cell(0, 0) != _MARK:
        return None
    said = {str(keys.cell(row, 0)): str(keys.cell(row, 1)) for row in keys.rows if row < _GIVEN_ROW}
    sheet = next((sheet for sheet in book.sheets if sheet is not keys and _units(sheet)), None)
    if sheet is None or said.get("format") != _FORMAT:
        raise EnvironmentFault("template_damaged", file=book.file)
    about = {field: said.get(field, "") for field in _FIELDS[1:]}
    try:
        given = dict(map(_given, (keys.rows[row] for row in keys.rows if row >= _GIVEN_ROW)))
    except ContentError as error:
        raise EnvironmentFault("template_damaged", file=book.file) from error
    return Template(**about, units=tuple(_units(sheet).values()), given=given, sheet=sheet)


def check_template(template: Template, file: str, form: Form, period: Period, units: Sequence[str]) -> None:
    """Raise EnvironmentFault "template_form", "…_version", "…_period" or "…_units" unless it belongs to what is open.

    Details: `file`, and `found`, what the template says where the open form says something else.
    """
    if template.form != form.key:
        raise EnvironmentFault("template_form", file=file, found=template.form)
    if (template.scheme, template.scheme_version) != (form.scheme.key, form.scheme.version):
        raise EnvironmentFault("template_version", file=file, found=template.scheme_version)
    if template.period != period.code:
        raise EnvironmentFault("template_period", file=file, found=template.period)
    if not set(template.units) & set(units):
        names = tuple(str(template.sheet.cell(_HEADING_ROW, column)) for column in _units(template.sheet))
        raise EnvironmentFault("template_units", file=file, found=names)


def layout_of_template(
    template: Template, form: Form, indicators: Mapping[str, Indicator], units: Sequence[str]
) -> Layout:
    """Where the cells go by the hidden keys, wherever a person moved rows and columns to."""
    sheet = template.sheet
    found = [indicators[row.indicator] for row in form.rows]
    typed = {name for indicator in found if not indicator.is_computed for name in lines_of(indicator)}
    computed = {indicator.key for indicator in found if indicator.is_computed}
    rows: dict[int, str] = {}
    columns: dict[int, str] = {}
    out: list[LeftOut] = []
    for column, unit in _units(sheet).items():
        if unit in units and unit not in columns.values():
            columns[column] = unit
        else:
            reason = "twice" if unit in units else "not_here"
            out.append(LeftOut(-1, column, str(sheet.cell(_HEADING_ROW, column)), reason))
    for row in sorted(sheet.rows):
        item = str(sheet.cell(row, _ITEM))
        if not item or item in computed:
            continue
        if item in typed and item not in rows.values():
            rows[row] = item
        else:
            out.append(LeftOut(row, -1, str(sheet.cell(row, _NAME)), "twice" if item in typed else "unknown"))
    return Layout(rows, columns, False, tuple(out))


def _given(cells: Sequence[Cell]) -> tuple[tuple[str, str], str]:
    """Unit, indicator and content of a cell as it was given out. Raises ContentError."""
    unit, item, content = (*map(str, cells[:3]), "", "", "")[:3]
    return (unit, item), Value.of(content).content()


def _units(sheet: Sheet) -> dict[int, str]:
    """The unit's key of each column, from the hidden row."""
    cells = sheet.rows.get(_UNITS_ROW, ())
    return {column: str(cell) for column, cell in enumerate(cells) if column >= _FIRST_UNIT and cell != ""}
