"""What happened in a world, line by line, and the violation that ends it."""

from collections import Counter
from typing import Final

SHOWN_LINES: Final = 60


class Violation(Exception):
    """An invariant does not hold."""

    def __init__(self, invariant: str, words: str) -> None:
        super().__init__(invariant, words)
        self.invariant = invariant
        self.words = words


class Trace:
    """Steps in order, the faults that happened by kind."""

    def __init__(self) -> None:
        self.step = 0
        self.intents = 0
        self.faults: Counter[str] = Counter()
        self._lines: list[str] = []

    def intent(self, words: str) -> None:
        """A person, or the time, does something."""
        self.step += 1
        self.intents += 1
        self.say(words)

    def fault(self, kind: str, words: str = "") -> None:
        """A fault of the menu has happened."""
        self.faults[kind] += 1
        self.say(f"! {kind} {words}".rstrip())

    def say(self, words: str) -> None:
        self._lines.append(f"{self.step:4} {words}")

    def tail(self, count: int = SHOWN_LINES) -> str:
        """The last lines."""
        return "\n".join(self._lines[-count:])

    def text(self) -> str:
        """All lines: equal for equal histories."""
        return "\n".join(self._lines)
