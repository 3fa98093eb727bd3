"""What a person confirmed of a foreign sheet, kept for the next one with the same headings."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from sync.domain.numbers import Convention
from sync.domain.text import fold
from sync.domain.values import canonical
from sync.exchange.mapping import LEAVE, Frame, Proposal, Target, as_proposed, propose
from sync.exchange.names import Names
from sync.exchange.sheets import Sheet

_PARTS: Final = ("rows", "columns")


def fingerprint(proposed: Proposal) -> str:
    """A name for the headings of a sheet as they were first proposed: the same form is known again next time."""
    headings = [proposed.frame.by_unit, *(fold(target.text) for target in proposed.columns)]
    return hashlib.sha256(canonical(headings).encode()).hexdigest()[:24]


def remember(confirmed: Proposal, convention: Convention) -> str:
    """What a person confirmed, as JSON for `recall`: the choices by the text that stands there, letter for letter."""
    choices = {part: _choices(getattr(confirmed, part)) for part in _PARTS}
    headings = fingerprint(confirmed)
    return canonical({"frame": list(confirmed.frame), "headings": headings, "convention": convention, **choices})


def _choices(targets: Sequence[Target]) -> dict[str, list[str]]:
    """What was chosen where something else was proposed, and what there was to choose from, by text.

    A text that stands there twice and means another thing each time says nothing of either.
    """
    meant: dict[str, set[Target]] = {}
    for target in targets:
        if target.text:
            meant.setdefault(target.text, set()).add(target._replace(place=0))
    alone = {text: one for text, (one, *others) in meant.items() if not others}
    return {text: [one.chosen, *one.candidates] for text, one in alone.items() if one != as_proposed(one)}


def recall(
    sheet: Sheet, proposed: Proposal, units: Names, indicators: Names, kept: str
) -> tuple[Proposal, Convention] | None:
    """What `remember` kept, upon a sheet that is `proposed` so; None where it does not fit this sheet or version.

    The headings stand where they stood, or else, as under one title more, where they are proposed.
    """
    try:
        found = json.loads(kept)
        first, last, names, by_unit = found["frame"]
        headings, convention = found["headings"], Convention(found["convention"])
        rows, columns = (_kept_choices(found[part]) for part in _PARTS)
    except (ValueError, TypeError, KeyError):
        return None
    if not all(isinstance(number, int) for number in (first, last, names)) or not 0 <= first <= last:
        return None
    again = propose(sheet, units, indicators, Frame(first, last, names, bool(by_unit)))
    if fingerprint(again) != headings:
        again = proposed
    if fingerprint(again) != headings:
        return None
    across, down = (indicators, units) if by_unit else (units, indicators)
    again = again._replace(rows=_again(again.rows, rows, down), columns=_again(again.columns, columns, across))
    return again, convention


def _kept_choices(kept: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Choices as `_choices` gives them. Raises TypeError or ValueError for anything else: an older program kept them by
    folded texts, which would send "Thôn Mỹ Thọ" where "Thôn Mỹ Tho" was sent."""
    choices = dict(kept)
    if not all(isinstance(one, list) and one and all(isinstance(key, str) for key in one) for one in choices.values()):
        raise TypeError
    return {text: list(one) for text, one in choices.items()}


def _again(targets: Sequence[Target], choices: Mapping[str, Sequence[str]], names: Names) -> tuple[Target, ...]:
    """Choose again what was chosen for the same text out of the same candidates.

    What is gone, or is by now what another row or column is called or chosen as, is left as it is proposed.
    """
    keys = {LEAVE, *names.keys}
    again: dict[Target, str] = {}
    for target in targets:
        kept, *candidates = choices.get(target.text) or (None,)
        if kept in keys and tuple(candidates) == target.candidates:
            again[target] = kept
    times = Counter(again.get(target, target.chosen) for target in targets)
    return tuple(
        target._replace(chosen=again[target])
        if target in again and (not again[target] or times[again[target]] == 1)
        else target
        for target in targets
    )
