"""What is computed of other figures: rates, which are rates of sums, and formulas of the catalogue."""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from sync.analysis.expressions import Expression
from sync.domain.catalogue import Indicator, ValueType

_DIGITS: Final = 64
_LARGEST: Final = 40
"""Digits before the decimal mark of a computed number; a larger one is nobody's figure."""


class Formulas:
    """Computes the figures of `indicators` (by key); a formula is compiled when it is first needed."""

    def __init__(self, indicators: Mapping[str, Indicator]) -> None:
        self._indicators = indicators
        self._compiled: dict[str, Expression] = {}

    def number(self, key: str, typed: Callable[[str], Decimal | None]) -> Decimal | None:
        """An indicator's figure of what was `typed`, by indicator key: of one unit, or of sums over units.

        What it is computed of is computed first. None while a part is missing, since null is not 0; also for a
        division by zero. A rate is unrounded, a formula's number has the indicator's decimals.
        """
        indicator = self._indicators[key]
        if not indicator.is_computed:
            return typed(key)
        known: dict[str, Decimal] = {}
        for part in indicator.operands:
            found = self.number(part, typed)
            if found is None:
                return None
            known[part] = found
        return self._computed(indicator, known) if indicator.formula else indicator.computed(known)

    def _computed(self, indicator: Indicator, known: Mapping[str, Decimal]) -> Decimal | None:
        if indicator.key not in self._compiled:
            types = {part: self._indicators[part].type for part in indicator.takes}
            self._compiled[indicator.key] = Expression(indicator.formula, types)
        found = self._compiled[indicator.key].of(known)
        if found is None:
            return None
        if indicator.type is ValueType.INTEGER:
            return Decimal(found)
        number = Decimal(repr(found))
        if not number.is_finite() or number.adjusted() > _LARGEST:
            return None
        return number.quantize(Decimal(1).scaleb(-indicator.decimals), ROUND_HALF_UP, Context(prec=_DIGITS))
