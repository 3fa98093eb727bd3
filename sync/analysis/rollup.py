"""What the figures of several units come to: a total, or what is missing from whom. Never a partial sum."""

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from sync.domain.catalogue import Aggregation, Gaps, Indicator
from sync.domain.values import DOES_NOT_APPLY, EMPTY, MAX_NUMBER, NOT_COLLECTED, Value

_EXACT: Final = Context(prec=2 * MAX_NUMBER)
"""Digits enough that no sum is rounded without anybody seeing it."""


class Gap(StrEnum):
    """Why a unit has no figure to add: nothing typed, not collected, no number that fits, two in conflict."""

    UNTYPED = "untyped"
    NOT_COLLECTED = "not_collected"
    UNFIT = "unfit"
    CONTESTED = "contested"


class Part(NamedTuple):
    """What one unit says; `contested` while two versions of it stand."""

    unit: str
    value: Value
    contested: bool = False


_NO_GAPS: Final[Mapping[str, Gap]] = MappingProxyType({})


class Total(NamedTuple):
    """What units come to. `value` is a number, or "does not apply", or empty while anything is missing.

    `gaps` are the units that have nothing to add, and why. An indicator that is never `summed` has neither.
    """

    value: Value = EMPTY
    gaps: Mapping[str, Gap] = _NO_GAPS
    summed: bool = True


class Standing(StrEnum):
    """How a unit's own value stands to the total of those below it.

    OPEN: nothing stands there; it may be taken. TAKEN: it is the total. CHANGED: it is another value, or one that
    stands for what is incomplete, and nobody says why. OVERRIDDEN: the same, with a reason. OWN: there is no total.
    """

    OPEN = "open"
    TAKEN = "taken"
    CHANGED = "changed"
    OVERRIDDEN = "overridden"
    OWN = "own"


def gap_of(indicator: Indicator, part: Part) -> Gap | None:
    """Why `part` has no figure to add to the indicator's total; None where it has, or says that none applies."""
    value = part.value
    if part.contested:
        return Gap.CONTESTED
    if value.is_empty:
        return Gap.UNTYPED
    if value.missing is not None:
        return Gap.NOT_COLLECTED if value.missing == NOT_COLLECTED else None
    if value.number is None or (indicator.fault(value.number) and not indicator.is_computed):
        return Gap.UNFIT
    return None


def total_of(indicator: Indicator, parts: Iterable[Part]) -> Total:
    """The sum of a typed indicator over units, or who is missing.

    Who says "does not apply" says that there is nothing to add: the total is whole without them, and applies to
    nobody where all say so. A figure that is missing blocks the total unless the indicator lets it be left out; one
    that cannot be read, or over which two disagree, always does: it is there, and nobody knows what it is.
    """
    if indicator.aggregation is not Aggregation.SUM:
        return Total(summed=False)
    found, gaps = list(parts), dict[str, Gap]()
    for part in found:
        gap = gap_of(indicator, part)
        if gap is not None:
            gaps[part.unit] = gap
    numbers = [part.value.number for part in found if part.unit not in gaps and part.value.number is not None]
    if any(_blocks(indicator, gap) for gap in gaps.values()) or (gaps and not numbers):
        return Total(gaps=gaps)
    if not numbers:
        return Total(Value(missing=DOES_NOT_APPLY) if found else EMPTY)
    number = Decimal(0)
    for one in numbers:
        number = _EXACT.add(number, one)
    return Total(Value(number=number), gaps)


def rate_of(indicator: Indicator, numerator: Total, denominator: Total) -> Total:
    """The rate of two sums, which is no mean of rates; missing from whoever lacks one of its parts.

    Also where figures may be left out: sums over different units have no rate. Empty without gaps where the denominator
    is 0.
    """
    if indicator.aggregation is not Aggregation.RATE_OF_SUMS or not (numerator.summed and denominator.summed):
        return Total(summed=False)
    parts = {indicator.numerator: numerator.value, indicator.denominator: denominator.value}
    gaps = {**numerator.gaps, **denominator.gaps}
    if any(part.is_empty for part in parts.values()) or numerator.gaps.keys() != denominator.gaps.keys():
        return Total(gaps=gaps)
    if any(part.number is None for part in parts.values()):
        return Total(Value(missing=DOES_NOT_APPLY), gaps)
    found = indicator.computed({item: part.number for item, part in parts.items() if part.number is not None})
    return Total(EMPTY if found is None else Value(number=found), gaps)


def standing(value: Value, total: Total) -> Standing:
    """How `value` stands to `total`. Whoever decides otherwise says why: without a reason it was a total once, or
    ought to be one."""
    if not total.summed:
        return Standing.OWN
    if value.is_empty:
        return Standing.OPEN
    if not total.value.is_empty and (value.number, value.missing) == (total.value.number, total.value.missing):
        return Standing.TAKEN
    return Standing.OVERRIDDEN if value.note else Standing.CHANGED


def _blocks(indicator: Indicator, gap: Gap) -> bool:
    return indicator.gaps is Gaps.BLOCK or gap in (Gap.UNFIT, Gap.CONTESTED)
