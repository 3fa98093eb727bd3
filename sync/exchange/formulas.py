"""Whether a catalogue's rates, formulas, form rows, sums and rules fit the indicators that they name."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sync.analysis.expressions import ExpressionError, names_in, try_out
from sync.analysis.outliers import is_compared
from sync.domain.catalogue import NUMBERS, Figure, Form, Indicator, Row, ValueType, When
from sync.domain.units import Level
from sync.exchange.records import Record


def check_parts(records: Sequence[Record], indicators: Mapping[str, Indicator]) -> None:
    """Note each rate or formula whose parts are unknown, itself, a circle, or no numbers, and what it cannot give."""
    for record in records:
        computed = indicators[record.optional("key")]
        fitting = True
        for part in sorted({*computed.operands} - {""}):
            if part == computed.key:
                record.wrong("names_itself", part)
            elif part not in indicators:
                record.wrong("unknown_indicator", part)
            elif _leads_to(part, computed.key, indicators):
                record.wrong("circle", part)
            elif indicators[part].type not in NUMBERS:
                record.wrong("not_a_number", part)
            else:
                continue
            fitting = False
        if computed.takes and computed.type in NUMBERS and fitting:
            gives = int if computed.type is ValueType.INTEGER else float
            _try_out(record, computed.formula, {part: indicators[part] for part in computed.takes}, gives)


def check_compared(records: Sequence[Record], indicators: Mapping[str, Indicator]) -> None:
    """Note each indicator that is to be compared per an unknown one, itself or no number, or that never may be."""
    for record in records:
        compared = indicators[record.optional("key")]
        per = indicators.get(compared.per)
        if compared.per and per is None:
            record.wrong("unknown_indicator", compared.per)
        elif per is not None and (per is compared or per.type not in NUMBERS or not is_compared(compared)):
            record.wrong("per_unfit", compared.per)


def _leads_to(start: str, goal: str, indicators: Mapping[str, Indicator]) -> bool:
    """Whether `goal` is among the parts of `start`, or the parts of those, and so on."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        found = indicators.get(waiting.pop())
        if found is None or found.key in seen:
            continue
        seen.add(found.key)
        if goal in found.operands:
            return True
        waiting += found.operands
    return False


def check_rows(lines: Sequence[tuple[Record, Row]], form: Form, indicators: Mapping[str, Indicator]) -> None:
    """Note each row of a form that repeats another, or whose indicator is reported at other times or by other units."""
    named, labels = Counter(row.indicator for row in form.rows), Counter(row.label for row in form.rows)
    for record, row in lines:
        if named[row.indicator] > 1:
            record.wrong("duplicate_row", row.indicator)
        if row.label and labels[row.label] > 1:
            record.wrong("duplicate_label", row.label)
        indicator = indicators.get(row.indicator)
        if indicator is None:
            continue
        if (indicator.frequency, indicator.regime) != (form.frequency, form.regime):
            record.wrong("period_differs", row.indicator)
        if not form.unit_kinds <= indicator.unit_kinds:
            record.wrong("unit_kinds_differ", row.indicator)
        for part in sorted({*indicator.operands} - named.keys()):
            record.wrong("part_not_in_form", part)


def check_sums(record: Record, forms: Mapping[str, Form]) -> None:
    """Note a form that sums an unknown one, or one of other periods, other levels or other indicators."""
    form, below = forms[record.optional("key")], forms.get(record.optional("sums"))
    if below is None:
        record.wrong("unknown_form", record.optional("sums"))
        return
    levels = {kind.level for kind in form.unit_kinds}, {kind.level for kind in below.unit_kinds}
    if (
        levels != ({Level.COMMUNE}, {Level.VILLAGE})
        or (below.frequency, below.regime) != (form.frequency, form.regime)
        or not {row.indicator for row in form.rows} & {row.indicator for row in below.rows}
    ):
        record.wrong("sums_unfit", below.key)


def formula_takes(record: Record, formula: str) -> tuple[str, ...]:
    """The indicators that a formula names: all of its own period."""
    names = _names(record, formula)
    others = [name for name in names if Figure.of(name).when is not When.NOW]
    for name in others:
        record.wrong("formula_of_another_period", name)
    if formula and not names:
        record.wrong("formula_names_nothing", formula)
    return tuple(name for name in names if name not in others)


def rule_takes(
    record: Record, expression: str, form: Form | None, indicators: Mapping[str, Indicator], *, asks: bool
) -> tuple[str, ...]:
    """The names that a rule takes figures for, noting those that it cannot be judged by. One that `asks` why names a
    figure that is typed: there it is explained."""
    names = _names(record, expression)
    figures = {name: Figure.of(name) for name in names}
    if expression and all(figure.when is not When.NOW for figure in figures.values()):
        record.wrong("names_nothing", expression)
    fitting = True
    for name, (key, _) in figures.items():
        if key not in indicators:
            record.wrong("unknown_indicator", name)
        elif indicators[key].type not in NUMBERS:
            record.wrong("not_a_number", name)
        elif form and all(row.indicator != key for row in form.rows):
            record.wrong("not_in_form", name)
        else:
            continue
        fitting = False
    now = [indicators[key] for key, when in figures.values() if when is When.NOW and key in indicators]
    if asks and fitting and now and all(indicator.is_computed for indicator in now):
        record.wrong("names_nothing_typed", expression)
    if names and fitting:
        _try_out(record, expression, {name: indicators[key] for name, (key, _) in figures.items()}, bool)
    return names


def _names(record: Record, expression: str) -> tuple[str, ...]:
    """The names in an expression, none where it is no expression, which is noted."""
    try:
        return names_in(expression) if expression else ()
    except ExpressionError as error:
        record.wrong("expression_invalid", str(error))
        return ()


def _try_out(record: Record, expression: str, taken: Mapping[str, Indicator], gives: type) -> None:
    try:
        try_out(expression, {name: indicator.type for name, indicator in taken.items()}, gives)
    except ExpressionError as error:
        record.wrong("expression_invalid", str(error))
