"""Figures of one form that are unlike their unit's earlier ones or its peers': what whoever decides looks at first."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import NamedTuple

from desktop.review.matrix import Square
from sync.analysis.outliers import Outlier, Share, before, counted, is_compared, unlike_history, unlike_peers
from sync.domain.catalogue import NUMBERS, Catalogue, ValueType
from sync.domain.keys import VALUE, Key
from sync.domain.values import Value
from sync.store import Shown, Store


class Odd(NamedTuple):
    """A figure of a form and what is unusual about it; `note` is what was said to explain it, "" where nothing was."""

    item: str
    number: Decimal
    outlier: Outlier
    note: str


def unusual(
    store: Store, catalogue: Catalogue, square: Square, cells: Mapping[Key, Shown], peers: Collection[str]
) -> list[Odd]:
    """The unusual figures in the order of the form, those that nobody explained first. `peers` fill it as well."""
    unit, period = square.unit.key, square.column.period
    asked = {one.key: one for one in catalogue.indicators_of(square.column.form.key) if one.type in NUMBERS}
    own = {item: Value.of(cells[key].content) for item in asked if (key := _key(unit, item, period.code)) in cells}
    past = before(period)
    sizes = {item: catalogue.indicators[one.per] for item, one in asked.items() if item in own and is_compared(one)}
    shown = store.sheet({unit}, {code for codes in past for code in codes}, set(own)) if own else {}
    if sizes:
        shown = shown | store.sheet({*peers, unit}, {period.code}, {*sizes, *(one.key for one in sizes.values())})
    known = catalogue.indicators
    numbers: dict[Key, Decimal] = {}
    for key, cell in shown.items():
        if not key.part and (number := counted(Value.of(cell.content), known[key.item])) is not None:
            numbers[key] = number
    found = []
    for item, value in own.items():
        number = counted(value, asked[item])
        if number is None:
            continue
        is_count = asked[item].type is ValueType.INTEGER
        earlier, seasons = (
            [numbers[key] for code in codes if (key := _key(unit, item, code)) in numbers] for codes in past
        )
        odd = unlike_history(number, earlier, seasons, is_count)
        if odd is None and item in sizes:
            odd = _of_peers(number, item, sizes[item].key, unit, period.code, numbers, peers, is_count=is_count)
        if odd is not None:
            found.append(Odd(item, number, odd, value.note))
    return sorted(found, key=lambda one: bool(one.note))


def _of_peers(
    number: Decimal,
    item: str,
    size: str,
    unit: str,
    period: str,
    numbers: Mapping[Key, Decimal],
    peers: Collection[str],
    *,
    is_count: bool,
) -> Outlier | None:
    own = numbers.get(_key(unit, size, period))
    if own is None:
        return None
    both = ((_key(peer, item, period), _key(peer, size, period)) for peer in peers if peer != unit)
    shares = [Share(numbers[one], numbers[of]) for one, of in both if one in numbers and of in numbers]
    return unlike_peers(Share(number, own), shares, is_count)


def _key(unit: str, item: str, period: str) -> Key:
    return Key(VALUE, unit, item, period)
