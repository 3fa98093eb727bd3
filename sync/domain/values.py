"""What a cell holds. A number, a text, a reason why there is none, or what was typed and could not be read."""

import json
from decimal import Decimal
from typing import Any, Final, NamedTuple

NOT_COLLECTED: Final = "not_collected"
DOES_NOT_APPLY: Final = "does_not_apply"
MISSING_REASONS: Final = (NOT_COLLECTED, DOES_NOT_APPLY)

MAX_NOTE: Final = 500
"""Longest note that a person is let write, in letters: a line or two that say why."""

MAX_NUMBER: Final = 64
"""Longest number in a content, in characters."""

CLEARED: Final = "null"
"""Content of a cell that was emptied: a tombstone, which is a change like any other."""


class ContentError(ValueError):
    """A content that is not one of the forms `Value` writes."""


class Value(NamedTuple):
    """One cell's value. At most one of number, text, missing and raw is set; none of them means cleared.

    `missing` is one of MISSING_REASONS: null is not 0, and why there is no figure is a figure of its own.
    `raw` is what a person typed into a number cell that is no number: kept and shown, never counted.
    `note` is why it is as it is, where somebody asked: it belongs to this value and goes wherever the value goes.
    """

    number: Decimal | None = None
    text: str | None = None
    missing: str | None = None
    raw: str | None = None
    note: str = ""

    @property
    def is_empty(self) -> bool:
        return self.number is None and self.text is None and self.missing is None and self.raw is None

    def content(self) -> str:
        """Canonical JSON text: the same value always gives the same bytes, which the hash chain relies on."""
        if not self.note:
            if self.number is not None:
                return plain(self.number)
            if self.is_empty:
                return CLEARED
            if self.text is not None:
                return canonical(self.text)
        parts: dict[str, Any] = {}
        if self.text is not None:
            parts["text"] = self.text
        if self.missing is not None:
            parts["missing"] = self.missing
        if self.raw is not None:
            parts["raw"] = self.raw
        if self.note:
            parts["note"] = self.note
        written = canonical(parts)
        if self.number is None:
            return written
        # The number is spliced in as text: json would pass it through a float.
        return f'{written[:-1]},"number":{plain(self.number)}}}'

    @classmethod
    def of(cls, content: str) -> "Value":
        """Read a canonical content. Raises ContentError for anything else."""
        try:
            found = _decode(content)
        except (ValueError, RecursionError) as error:
            raise ContentError(str(error)) from error
        if found is None:
            return EMPTY
        if isinstance(found, Decimal):
            return cls(number=found)
        if isinstance(found, str):
            return cls(text=found)
        if not isinstance(found, dict) or not found.keys() <= {"number", "text", "missing", "raw", "note"}:
            raise ContentError(content[:80])
        kinds = {"number": Decimal, "text": str, "missing": str, "raw": str, "note": str}
        if any(not isinstance(part, kinds[name]) for name, part in found.items()):
            raise ContentError(content[:80])
        if len(found.keys() - {"note"}) > 1 or found.get("missing", NOT_COLLECTED) not in MISSING_REASONS:
            raise ContentError(content[:80])
        return cls(**found)


EMPTY: Final = Value()


def with_kept_note(before: str, after: str) -> str:
    """The content of a cell that said `before` and is told `after`: the same value again keeps its note."""
    if '"note":' not in before:
        return after
    return before if Value.of(before)._replace(note="") == Value.of(after) else after


def canonical(content: Any) -> str:
    """JSON with sorted keys, no spaces and unescaped Vietnamese: one spelling for one content."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def plain(number: Decimal) -> str:
    """Digits without exponent, superfluous zeros or a negative zero: 1E+2 → "100", 2.50 → "2.5"."""
    written = f"{number:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def _number(written: str) -> Decimal:
    # An exponent is not canonical, and ten characters of one would spell out a billion digits.
    if len(written) > MAX_NUMBER or "e" in written.lower():
        raise ContentError(written[:80])
    return Decimal(written)


def _refuse(constant: str) -> Any:
    raise ContentError(constant)


# Made once: asked for each content anew, the library makes a decoder for each.
_decode: Final = json.JSONDecoder(parse_int=_number, parse_float=_number, parse_constant=_refuse).decode
