"""What is counted and how: schemes, units of measure, indicators, forms and rules, and what is computed of them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from sync.domain.periods import Frequency, Period, Regime
from sync.domain.units import UnitKind, level_of


class SchemeStatus(StrEnum):
    """Whether a scheme is in force, our own proposal, or a sample of what some unit uses."""

    OFFICIAL = "official"
    PROPOSED = "proposed"
    SAMPLE = "sample"


class ValueType(StrEnum):
    """What a cell of an indicator holds; a rate is computed of two others."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    RATE = "rate"
    TEXT = "text"
    DATE = "date"
    CHOICE = "choice"


class Sensitivity(StrEnum):
    """Who may see a value: anyone, the people of the units concerned, or those with a duty for it."""

    PUBLIC = "public"
    INTERNAL = "internal"
    SENSITIVE = "sensitive"


class Aggregation(StrEnum):
    """How values of villages make a value of the commune. A rate of sums is not a mean of rates.

    What is taken LAST counts in the order of time, and among villages none is the last: nothing is added up there.
    """

    SUM = "sum"
    RATE_OF_SUMS = "rate_of_sums"
    LAST = "last"
    NONE = "none"


class Gaps(StrEnum):
    """What a village without a figure does to the commune's total: it blocks it, or it is left out and named."""

    BLOCK = "block"
    SKIP = "skip"


class Severity(StrEnum):
    """A hard rule stops submission, never storage; a soft one asks for an explanation."""

    HARD = "hard"
    SOFT = "soft"


class When(StrEnum):
    """Whose figure an expression names: the period's own, the last period's, or the same period's of last year."""

    NOW = "now"
    LAST = "last"
    LAST_YEAR = "last_year"

    def of(self, period: Period) -> Period:
        """The period that is meant where `period` is judged. Raises PeriodError."""
        if self is When.LAST:
            return period.previous
        return period.same_period_last_year if self is When.LAST_YEAR else period


class Figure(NamedTuple):
    """A figure that an expression names, by its indicator's key and its period."""

    indicator: str
    when: When

    @classmethod
    def of(cls, name: str) -> "Figure":
        """Read a name of an expression: `village_ct01`, `last__village_ct01` or `last_year__village_ct01`.

        No key of an indicator has two underscores together, so that each name has one meaning.
        """
        when, apart, indicator = name.partition("__")
        if apart and when in (When.LAST, When.LAST_YEAR):
            return cls(indicator, When(when))
        return cls(name, When.NOW)


class Label(NamedTuple):
    """A text of the catalogue in both languages."""

    vi: str
    en: str

    def text(self, language: str) -> str:
        """The text in `language`, "vi" or "en"."""
        return self.en if language == "en" else self.vi


class Source(NamedTuple):
    """Where something of the catalogue comes from, in words for who reads it; `reference` is for who maintains it."""

    key: str
    name: Label
    reference: str


class Member(NamedTuple):
    """One part of a breakdown: `key` is the part of a cell's key that it stands in."""

    key: str
    name: Label


class Breakdown(NamedTuple):
    """What a figure is divided by. `sums` says how gravely the members must make up the total; None if they need not.

    Every part and the total are cells of their own.
    """

    key: str
    name: Label
    members: tuple[Member, ...]
    sums: Severity | None
    source: str

    def has(self, part: str) -> bool:
        """Whether a cell's part is one of the members."""
        return any(member.key == part for member in self.members)

    def misses(self, total: Decimal | None, parts: Mapping[str, Decimal]) -> Decimal | None:
        """The sum of the members, where all of them and the total are there and the sum is another one; else None."""
        if self.sums is None or total is None or any(member.key not in parts for member in self.members):
            return None
        found = sum((parts[member.key] for member in self.members), Decimal(0))
        return None if found == total else found


class UnitOfMeasure(NamedTuple):
    """What a number counts, with its sign or word as shown beside the number."""

    key: str
    name: Label


class Scheme(NamedTuple):
    """The set that indicators belong to; every issuer has its own. `decision` is "" where none is known."""

    key: str
    name: Label
    issuer: str
    decision: str
    issued: date | None
    version: str
    status: SchemeStatus
    source: str


NUMBERS: Final = (ValueType.INTEGER, ValueType.DECIMAL)
"""Types whose cells take a number: what rates and rules are made of."""


class Indicator(NamedTuple):
    """One thing that is reported. `key` is ours and stable, and a plain identifier; `code` is official or "".

    `unit_kinds` are the kinds of unit that report it. `minimum` is the least number, None without one.
    `numerator` and `denominator` are indicator keys, and with `scale` (100, 1000 …) set for a rate only.
    `choices` are the texts that a choice takes, `breakdown` what its figure is divided by. `source` is the key of where
    it comes from. `confidence` says how well the source was checked. `gaps` says what villages without a figure do to a
    total. `formula` is a CEL expression that the number is computed by, "" where it is typed, and `takes` the keys of
    the indicators that the formula names. `per` is the indicator, such as households, by which the figure is divided
    when units are compared, "" where they are not.
    """

    key: str
    code: str
    scheme: Scheme
    name: Label
    definition: Label
    unit_of_measure: UnitOfMeasure
    type: ValueType
    decimals: int
    minimum: Decimal | None
    numerator: str
    denominator: str
    scale: int
    choices: tuple[str, ...]
    frequency: Frequency
    regime: Regime
    unit_kinds: frozenset[UnitKind]
    sensitivity: Sensitivity
    aggregation: Aggregation
    source: str
    confidence: str
    gaps: Gaps = Gaps.BLOCK
    breakdown: Breakdown | None = None
    formula: str = ""
    takes: tuple[str, ...] = ()
    per: str = ""

    def has_part(self, part: str) -> bool:
        """Whether a cell of this indicator may be of `part`: a member of its breakdown, or "" for the total."""
        return not part or (self.breakdown is not None and self.breakdown.has(part))

    @property
    def is_computed(self) -> bool:
        """Whether nobody types it."""
        return self.type is ValueType.RATE or bool(self.formula)

    @property
    def operands(self) -> tuple[str, ...]:
        """The keys of the indicators that it is computed of."""
        return (self.numerator, self.denominator) if self.type is ValueType.RATE else self.takes

    def fault(self, number: Decimal) -> str:
        """Why `number` does not fit: "below_minimum", "not_whole", "too_many_decimals", or "" if it does."""
        if self.minimum is not None and number < self.minimum:
            return "below_minimum"
        exponent = number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self.decimals:
            return "not_whole" if self.type is ValueType.INTEGER else "too_many_decimals"
        return ""

    def computed(self, numbers: Mapping[str, Decimal]) -> Decimal | None:
        """This rate of the numbers by indicator key: of one unit, or of sums; None as for `rate`."""
        return rate(numbers.get(self.numerator), numbers.get(self.denominator), self.scale)


def rate(numerator: Decimal | None, denominator: Decimal | None, scale: int) -> Decimal | None:
    """`scale` × numerator ÷ denominator, unrounded; None when a part is missing or the denominator is 0."""
    if numerator is None or not denominator:
        return None
    return scale * numerator / denominator


class Row(NamedTuple):
    """One line of a form: an indicator under the form's own numbering, which is no official code."""

    label: str
    indicator: str


class Section(NamedTuple):
    """A titled part of a form."""

    key: str
    name: Label
    rows: tuple[Row, ...]


class Form(NamedTuple):
    """What a kind of unit reports together, once in every period of its regime and frequency.

    `sums` is the form of the units below whose figures it takes the totals of, "" for a form that sums nothing.
    `due_working_days` is how long after the period it is due where nobody says otherwise; None where that is not laid
    down.
    """

    key: str
    name: Label
    scheme: Scheme
    frequency: Frequency
    regime: Regime
    unit_kinds: frozenset[UnitKind]
    sections: tuple[Section, ...]
    source: str
    sums: str = ""
    due_working_days: int | None = None

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for section in self.sections for row in section.rows)

    def is_of(self, unit: str) -> bool:
        """Whether units of this one's level report it: an indicator of a village and its commune has a form in each."""
        return level_of(unit) in {kind.level for kind in self.unit_kinds}


class Rule(NamedTuple):
    """A check between a form's indicators: a CEL `expression` that is true when all is well.

    `takes` are the names that the expression takes figures for, as `Figure.of` reads them; `sentence` says what is
    wrong when it is false.
    """

    key: str
    form: str
    severity: Severity
    expression: str
    takes: tuple[str, ...]
    name: Label
    sentence: Label
    source: str

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What the expression takes, in the order of `takes`."""
        return tuple(map(Figure.of, self.takes))

    @property
    def marks(self) -> tuple[str, ...]:
        """The keys of the indicators whose figures of the period itself are wrong when it is false."""
        return tuple(figure.indicator for figure in self.figures if figure.when is When.NOW)


class Catalogue(NamedTuple):
    """Everything by its key, in the order of the files. `version` changes with any of their content.

    Of two catalogues of one centre the one with the higher `edition` is newer: whoever writes one counts on.
    """

    version: str
    schemes: Mapping[str, Scheme]
    units_of_measure: Mapping[str, UnitOfMeasure]
    indicators: Mapping[str, Indicator]
    forms: Mapping[str, Form]
    rules: Mapping[str, Rule]
    sources: Mapping[str, Source] = MappingProxyType({})
    edition: int = 0

    def rules_of(self, form: str) -> tuple[Rule, ...]:
        """The rules of a form, and those of the form that it sums: what holds in each village holds for all."""
        forms = (form, self.forms[form].sums)
        found = [rule for rule in self.rules.values() if rule.form in forms]
        if not found:
            return ()
        rows = {row.indicator for row in self.forms[form].rows}
        return tuple(rule for rule in found if rows.issuperset(figure.indicator for figure in rule.figures))

    def indicators_of(self, form: str) -> tuple[Indicator, ...]:
        """The form's indicators in the order of its rows."""
        return tuple(self.indicators[row.indicator] for row in self.forms[form].rows)

    def moved_by(self, form: str) -> dict[str, tuple[str, ...]]:
        """The computed indicators of a form that change with each one, directly or through others."""
        computed = [indicator for indicator in self.indicators_of(form) if indicator.is_computed]
        users: dict[str, list[str]] = {}
        for indicator in computed:
            for operand in indicator.operands:
                users.setdefault(operand, []).append(indicator.key)
        found: dict[str, tuple[str, ...]] = {}
        for operand in users:
            reached: dict[str, None] = {}
            waiting = list(users[operand])
            while waiting:
                key = waiting.pop(0)
                if key not in reached:
                    reached[key] = None
                    waiting += users.get(key, ())
            found[operand] = tuple(reached)
        return found
