"""Rules between the figures of a unit: of one period, and of the last one and the same one of last year."""

from collections.abc import Callable
from decimal import Decimal

from sync.analysis.expressions import Expression
from sync.domain.catalogue import Catalogue, Figure, Rule


class Rules:
    """The rules of a catalogue. Each is compiled when it is first judged, so that many of them open as fast as few."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._indicators = catalogue.indicators
        self._compiled: dict[str, tuple[dict[str, Figure], Expression]] = {}

    def fails(self, rule: Rule, number: Callable[[Figure], Decimal | None]) -> bool:
        """Whether a rule does not hold for what `number` gives of the figures that it names.

        It is judged once all of them have a number that fits their type: null is not 0, and a total of what is
        missing says nothing. One that divides by zero or overflows is not judged either.
        Raises ExpressionError for a rule that is no CEL, which no catalogue that was loaded has.
        """
        if rule.key not in self._compiled:
            figures = dict(zip(rule.takes, rule.figures, strict=True))
            types = {name: self._indicators[figure.indicator].type for name, figure in figures.items()}
            self._compiled[rule.key] = figures, Expression(rule.expression, types)
        figures, expression = self._compiled[rule.key]
        known: dict[str, Decimal] = {}
        for name, figure in figures.items():
            found = number(figure)
            if found is None:
                return False
            known[name] = found
        return expression.of(known) is False
