"""The catalogue, loaded from readable CSV files: all of it, or every error at once."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from sync.domain.catalogue import (
    NUMBERS,
    Aggregation,
    Breakdown,
    Catalogue,
    Form,
    Gaps,
    Indicator,
    Label,
    Member,
    Row,
    Rule,
    Scheme,
    SchemeStatus,
    Section,
    Sensitivity,
    Severity,
    Source,
    UnitOfMeasure,
    ValueType,
)
from sync.domain.errors import EnvironmentFault
from sync.domain.hashes import blake2b
from sync.domain.holidays import MOST_DAYS
from sync.domain.periods import Frequency, Regime
from sync.domain.units import UnitKind
from sync.exchange.formulas import check_compared, check_parts, check_rows, check_sums, formula_takes, rule_takes
from sync.exchange.records import Record
from sync.exchange.tables import MAX_BYTES, TableError, Wrong, read_csv, require

COLUMNS: Final = {
    "edition.csv": "number",
    "sources.csv": "key name_vi name_en reference",
    "schemes.csv": "key name_vi name_en issuer decision issued version status source",
    "units_of_measure.csv": "key name_vi name_en",
    "breakdowns.csv": "key name_vi name_en members_sum source",
    "breakdown_members.csv": "breakdown key name_vi name_en",
    "indicators.csv": (
        "key code scheme name_vi name_en definition_vi definition_en unit_of_measure type decimals minimum"
        " numerator denominator scale formula per choices breakdown frequency regime unit_kinds sensitivity"
        " aggregation gaps source confidence"
    ),
    "forms.csv": "key name_vi name_en scheme frequency regime unit_kinds sums due_working_days source",
    "form_sections.csv": "form section name_vi name_en",
    "form_rows.csv": "form section label indicator",
    "rules.csv": "key form severity expression name_vi name_en sentence_vi sentence_en source",
}
"""The files of a catalogue and the columns that each must have, no more and no fewer."""

_CAUSED: Final = {
    "sources.csv": {"unknown_source"},
    "schemes.csv": {"unknown_scheme"},
    "units_of_measure.csv": {"unknown_unit_of_measure"},
    "breakdowns.csv": {"unknown_breakdown"},
    "breakdown_members.csv": {"breakdown_empty"},
    "indicators.csv": {"unknown_indicator"},
    "forms.csv": {"unknown_form"},
    "form_sections.csv": {"unknown_section", "form_empty", "not_in_form", "part_not_in_form", "sums_unfit"},
    "form_rows.csv": {"form_empty", "not_in_form", "part_not_in_form", "sums_unfit"},
}
"""What lines of other files are blamed for when a file cannot be read: left out, since they may be right."""

MAX_DECIMALS: Final = 9
MAX_SCALE: Final = 1_000_000
MAX_EDITION: Final = 999_999


def load(folder: Path) -> Catalogue:
    """Read the catalogue in `folder`, without its units.

    Raises EnvironmentFault "catalogue_invalid" with `errors`, a tuple of every `Wrong` with its file and line.
    """
    return read(texts(folder))


def texts(folder: Path) -> dict[str, bytes | Wrong]:
    """The files of the catalogue in `folder` by name, or why one cannot be read."""
    found: dict[str, bytes | Wrong] = {}
    for file in COLUMNS:
        path = folder / file
        try:
            # No more of it than a table may have, which is then told of.
            found[file] = path.read_bytes() if path.stat().st_size <= MAX_BYTES else Wrong(file, 0, "file_too_large")
        except OSError as error:
            found[file] = Wrong(file, 0, "file_missing", error.strerror or "")
    return found


def read(files: Mapping[str, bytes | Wrong]) -> Catalogue:
    """The catalogue that these files hold. Raises as `load`."""
    reading = _Reading(files)
    catalogue = reading.catalogue()
    if reading.wrongs:
        raise EnvironmentFault("catalogue_invalid", errors=tuple(reading.wrongs))
    return catalogue


class _Reading:
    """One reading of a catalogue: the lines of each file and what is wrong with them."""

    def __init__(self, files: Mapping[str, bytes | Wrong]) -> None:
        self.wrongs: list[Wrong] = []
        self._records: dict[str, list[Record]] = {}
        self._version = blake2b()
        self._unread: list[str] = []
        for file, columns in COLUMNS.items():
            self._records[file] = []
            try:
                raw = files.get(file, Wrong(file, 0, "file_missing"))
                if isinstance(raw, Wrong):
                    raise TableError(raw)
                table = read_csv(file, raw)
                require(file, table, columns.split(), columns.split())
            except TableError as error:
                self.wrongs += error.wrongs
                self._unread.append(file)
                continue
            self._records[file] = [Record(file, line, self.wrongs) for line in table.lines]
            for line in table.lines:
                self._version.update(repr((file, *line.cells.values())).encode())
        self._excused = {reason for file in self._unread for reason in _CAUSED.get(file, ())}

    def catalogue(self) -> Catalogue:
        """What was read; worth nothing while there are `wrongs`."""
        sources = self._sources()
        schemes = self._schemes()
        measures = self._units_of_measure()
        breakdowns = self._breakdowns()
        indicators = self._indicators(schemes, measures, breakdowns)
        check_parts(self._records["indicators.csv"], indicators)
        check_compared(self._records["indicators.csv"], indicators)
        forms = self._forms(schemes, indicators)
        rules = self._rules(forms, indicators)
        for file in ("schemes.csv", "breakdowns.csv", "indicators.csv", "forms.csv", "rules.csv"):
            for record in self._records[file]:
                record.reference("source", sources, None)
        edition = self._edition()
        self.wrongs = sorted(wrong for wrong in self.wrongs if wrong.reason not in self._excused)
        version = self._version.hexdigest()[:16]
        return Catalogue(version, schemes, measures, indicators, forms, rules, sources, edition)

    def _edition(self) -> int:
        records = self._records["edition.csv"]
        numbers = [record.whole("number", 1, MAX_EDITION) for record in records]
        for record in records[1:]:
            record.wrong("duplicate_row", record.optional("number"))
        if not numbers and "edition.csv" not in self._unread:
            self.wrongs.append(Wrong("edition.csv", 0, "empty", "number"))
        return numbers[0] if numbers else 0

    def _sources(self) -> dict[str, Source]:
        found: dict[str, Source] = {}
        for record in self._records["sources.csv"]:
            key = record.key(found)
            found[key] = Source(key, _label(record, "name"), record.optional("reference"))
        return found

    def _breakdowns(self) -> dict[str, Breakdown]:
        members: dict[str, dict[str, Member]] = {}
        for record in self._records["breakdown_members.csv"]:
            of_one = members.setdefault(record.text("breakdown"), {})
            key = record.key(of_one)
            of_one[key] = Member(key, _label(record, "name"))
        found: dict[str, Breakdown] = {}
        for record in self._records["breakdowns.csv"]:
            key = record.key(found)
            parts = tuple(members.get(key, {}).values())
            sums = record.member("members_sum", Severity) if record.optional("members_sum") else None
            found[key] = Breakdown(key, _label(record, "name"), parts, sums, record.text("source"))
            if not parts:
                record.wrong("breakdown_empty", key)
        for record in self._records["breakdown_members.csv"]:
            record.reference("breakdown", found, None)
        return found

    def _schemes(self) -> dict[str, Scheme]:
        found: dict[str, Scheme] = {}
        for record in self._records["schemes.csv"]:
            key = record.key(found)
            found[key] = Scheme(
                key=key,
                name=_label(record, "name"),
                issuer=record.text("issuer"),
                decision=record.optional("decision"),
                issued=record.day("issued"),
                version=record.text("version"),
                status=record.member("status", SchemeStatus),
                source=record.text("source"),
            )
        return found

    def _units_of_measure(self) -> dict[str, UnitOfMeasure]:
        found: dict[str, UnitOfMeasure] = {}
        for record in self._records["units_of_measure.csv"]:
            key = record.key(found)
            found[key] = UnitOfMeasure(key, _label(record, "name"))
        return found

    def _indicators(
        self,
        schemes: Mapping[str, Scheme],
        measures: Mapping[str, UnitOfMeasure],
        breakdowns: Mapping[str, Breakdown],
    ) -> dict[str, Indicator]:
        found: dict[str, Indicator] = {}
        for record in self._records["indicators.csv"]:
            key = record.key(found)
            found[key] = Indicator(
                key=key,
                code=record.optional("code"),
                scheme=record.reference("scheme", schemes, _NO_SCHEME),
                name=_label(record, "name"),
                definition=Label(record.optional("definition_vi"), record.optional("definition_en")),
                unit_of_measure=record.reference("unit_of_measure", measures, _NO_MEASURE),
                type=record.member("type", ValueType),
                decimals=record.whole("decimals", 0, MAX_DECIMALS),
                minimum=record.decimal("minimum"),
                numerator=record.optional("numerator"),
                denominator=record.optional("denominator"),
                scale=record.whole("scale", 1, MAX_SCALE),
                choices=tuple(choice.strip() for choice in record.optional("choices").split(";") if choice.strip()),
                frequency=record.member("frequency", Frequency),
                regime=record.member("regime", Regime),
                unit_kinds=record.members("unit_kinds", UnitKind),
                sensitivity=record.member("sensitivity", Sensitivity),
                aggregation=record.member("aggregation", Aggregation),
                gaps=record.member("gaps", Gaps),
                source=record.text("source"),
                confidence=record.text("confidence"),
                breakdown=(record.reference("breakdown", breakdowns, None) if record.optional("breakdown") else None),
                formula=record.optional("formula"),
                takes=formula_takes(record, record.optional("formula")),
                per=record.optional("per"),
            )
            _check_type(record, found[key])
        return found

    def _forms(self, schemes: Mapping[str, Scheme], indicators: Mapping[str, Indicator]) -> dict[str, Form]:
        sections = self._sections()
        rows = self._rows(sections, indicators)
        found: dict[str, Form] = {}
        for record in self._records["forms.csv"]:
            key = record.key(found)
            found[key] = Form(
                key=key,
                name=_label(record, "name"),
                scheme=record.reference("scheme", schemes, _NO_SCHEME),
                frequency=record.member("frequency", Frequency),
                regime=record.member("regime", Regime),
                unit_kinds=record.members("unit_kinds", UnitKind),
                sums=record.optional("sums"),
                sections=tuple(
                    Section(section, label, tuple(row for _, row in rows.get((form, section), ())))
                    for (form, section), label in sections.items()
                    if form == key
                ),
                source=record.text("source"),
                due_working_days=_days(record),
            )
            if not found[key].rows:
                record.wrong("form_empty", key)
        for record in self._records["forms.csv"]:
            if record.optional("sums"):
                check_sums(record, found)
        for record in self._records["form_sections.csv"]:
            record.reference("form", found, None)
        for (form, _), lines in rows.items():
            if form in found:
                check_rows(lines, found[form], indicators)
        return found

    def _sections(self) -> dict[tuple[str, str], Label]:
        found: dict[tuple[str, str], Label] = {}
        for record in self._records["form_sections.csv"]:
            form, section = record.text("form"), record.text("section")
            if (form, section) in found:
                record.wrong("duplicate_key", section)
            found[form, section] = _label(record, "name")
        return found

    def _rows(
        self, sections: Collection[tuple[str, str]], indicators: Mapping[str, Indicator]
    ) -> dict[tuple[str, str], list[tuple[Record, Row]]]:
        """The rows of each section, with the lines they stand on."""
        found: dict[tuple[str, str], list[tuple[Record, Row]]] = {}
        for record in self._records["form_rows.csv"]:
            address = record.text("form"), record.text("section")
            if address not in sections:
                record.wrong("unknown_section", address[1])
            record.reference("indicator", indicators, None)
            row = Row(record.optional("label"), record.optional("indicator"))
            found.setdefault(address, []).append((record, row))
        return found

    def _rules(self, forms: Mapping[str, Form], indicators: Mapping[str, Indicator]) -> dict[str, Rule]:
        found: dict[str, Rule] = {}
        for record in self._records["rules.csv"]:
            key = record.key(found)
            form, expression = record.text("form"), record.text("expression")
            if form not in forms:
                record.wrong("unknown_form", form)
            severity = record.member("severity", Severity)
            asks = severity is Severity.SOFT
            found[key] = Rule(
                key=key,
                form=form,
                severity=severity,
                expression=expression,
                takes=rule_takes(record, expression, forms.get(form), indicators, asks=asks),
                name=_label(record, "name"),
                sentence=_label(record, "sentence"),
                source=record.text("source"),
            )
        return found


def _label(record: Record, column: str) -> Label:
    return Label(record.text(f"{column}_vi"), record.text(f"{column}_en"))


def _days(record: Record) -> int | None:
    """After how many working days a form is due, where the catalogue says it."""
    return record.whole("due_working_days", 0, MOST_DAYS) if record.optional("due_working_days") else None


def _check_type(record: Record, indicator: Indicator) -> None:
    """Note what an indicator's type and its other columns say against each other."""
    is_rate = indicator.type is ValueType.RATE
    if "__" in indicator.key:  # what stands before it says of which period a figure is
        record.wrong("key_invalid", indicator.key)
    if indicator.formula and indicator.type not in NUMBERS:
        record.wrong("formula_unfit", indicator.key)
    if is_rate != bool(indicator.numerator) or is_rate != bool(indicator.denominator):
        record.wrong("rate_incomplete" if is_rate else "no_rate", indicator.key)
    if (indicator.type is ValueType.CHOICE) != bool(indicator.choices):
        record.wrong("choices_unfit", indicator.key)
    if indicator.breakdown is not None and indicator.type not in NUMBERS:
        record.wrong("breakdown_unfit", indicator.breakdown.key)
    if indicator.type is ValueType.INTEGER and indicator.decimals:
        record.wrong("decimals_unfit", indicator.key)
    fitting = {Aggregation.NONE, Aggregation.RATE_OF_SUMS if is_rate else Aggregation.LAST}
    if indicator.type in NUMBERS:
        fitting.add(Aggregation.SUM)
    if indicator.aggregation not in fitting:
        record.wrong("aggregation_unfit", indicator.aggregation)


_NO_LABEL: Final = Label("", "")
_NO_SCHEME: Final = Scheme("", _NO_LABEL, "", "", None, "", SchemeStatus.SAMPLE, "")
_NO_MEASURE: Final = UnitOfMeasure("", _NO_LABEL)
