"""Whether a catalogue's rates, form rows, sums and rules fit the indicators that they name."""

from collections.abc import Mapping, Sequence

from sync.analysis.rules import ExpressionError, names_in, try_out
from sync.domain.catalogue import NUMBERS, Form, Indicator, Row, ValueType
from sync.domain.units import Level
from sync.exchange.records import Record


def check_rates(records: Sequence[Record], indicators: Mapping[str, Indicator]) -> None:
    """Note each rate whose parts are unknown, itself, a circle, or no typed numbers."""
    for record in records:
        rate = indicators[record.optional("key")]
        for part in {rate.numerator, rate.denominator} - {""}:
            if part == rate.key:
                record.wrong("names_itself", part)
            elif part not in indicators:
                record.wrong("unknown_indicator", part)
            elif _leads_to(part, rate.key, indicators):
                record.wrong("circle", part)
            elif indicators[part].type not in NUMBERS:
                record.wrong("not_a_number", part)


def _leads_to(start: str, goal: str, indicators: Mapping[str, Indicator]) -> bool:
    """Whether `goal` is among the parts of `start`, or the parts of those, and so on."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        found = indicators.get(waiting.pop())
        if found is None or found.key in seen:
            continue
        seen.add(found.key)
        if goal in (found.numerator, found.denominator):
            return True
        waiting += [found.numerator, found.denominator]
    return False


def check_row(record: Record, form: Form, row: Row, indicators: Mapping[str, Indicator]) -> None:
    """Note a row that repeats another, or whose indicator is reported at other times or by other units."""
    rows = form.rows
    if sum(other.indicator == row.indicator for other in rows) > 1:
        record.wrong("duplicate_row", row.indicator)
    if row.label and sum(other.label == row.label for other in rows) > 1:
        record.wrong("duplicate_label", row.label)
    indicator = indicators.get(row.indicator)
    if indicator is None:
        return
    if (indicator.frequency, indicator.regime) != (form.frequency, form.regime):
        record.wrong("period_differs", row.indicator)
    if not form.unit_kinds <= indicator.unit_kinds:
        record.wrong("unit_kinds_differ", row.indicator)
    if indicator.type is ValueType.RATE:
        missing = {indicator.numerator, indicator.denominator} - {other.indicator for other in rows}
        for part in sorted(missing):
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


def rule_indicators(
    record: Record, expression: str, form: Form | None, indicators: Mapping[str, Indicator]
) -> tuple[str, ...]:
    """The indicators that a rule names, noting those that it cannot be judged by."""
    if not expression:
        return ()
    try:
        names = names_in(expression)
    except ExpressionError as error:
        record.wrong("expression_invalid", str(error))
        return ()
    if not names:
        record.wrong("names_nothing", expression)
    fitting = True
    for name in names:
        if name not in indicators:
            record.wrong("unknown_indicator", name)
        elif indicators[name].type not in NUMBERS:
            record.wrong("not_a_number", name)
        elif form and all(row.indicator != name for row in form.rows):
            record.wrong("not_in_form", name)
        else:
            continue
        fitting = False
    if fitting:
        try:
            try_out(expression, {name: indicators[name].type for name in names})
        except ExpressionError as error:
            record.wrong("expression_invalid", str(error))
    return names
