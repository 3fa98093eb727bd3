"""Whether a change that arrived may take effect, and for which reason it is parked when it may not."""

from collections.abc import Set
from typing import Final

from sync.domain import keys
from sync.domain.catalogue import Catalogue
from sync.domain.deadlines import Deadline
from sync.domain.keys import DEADLINE, KINDS, PROGRESS, UNIT, VALUE, Key, within
from sync.domain.parking import (
    INVALID_CONTENT,
    NOT_YOUR_UNIT,
    NOT_YOURS_TO_DECIDE,
    PERIOD_INVALID,
    UNKNOWN_INDICATOR,
    UNKNOWN_KIND,
    UNKNOWN_UNIT,
)
from sync.domain.periods import Period, PeriodError
from sync.domain.tasks import Progress, check_field
from sync.domain.units import Unit
from sync.domain.values import CLEARED, ContentError, Value
from sync.protocol.messages import Change

_FOR_ALL: Final = (VALUE, PROGRESS)
_MAX_DIGITS: Final = 28
"""As many as Python's decimals compute with: a longer number would be rounded without anybody seeing it."""


class Judge:
    """Judges the changes of one device in one transaction, against the units that exist in it.

    `unit` is the unit that the device is enrolled for; `is_centre` marks the centre's own device, which alone decides
    units, tasks and deadlines.
    """

    def __init__(self, catalogue: Catalogue, units: Set[str], unit: str, *, is_centre: bool) -> None:
        self._catalogue = catalogue
        self._units = units
        self._unit = unit
        self._is_centre = is_centre
        # A batch names few units and periods, many times each.
        self._reasons: dict[tuple[str, str, str, str], str] = {}

    def reason(self, change: Change) -> str:
        """Why `change` is parked, one of parking.REASONS, or "" when it takes effect."""
        key = change.key
        address = (key.kind, key.unit, key.item if key.kind in (VALUE, DEADLINE) else "", key.period)
        reason = self._reasons.get(address)
        if reason is None:
            reason = self._reasons[address] = self._reason_of_address(key)
        if reason or _is_valid(key, change.content):
            return reason
        return INVALID_CONTENT

    def sensitivity(self, key: Key) -> str:
        """The sensitivity class of what `key` holds."""
        if key.kind == VALUE:
            return self._catalogue.indicators[key.item].sensitivity
        return ""

    def _reason_of_address(self, key: Key) -> str:
        if key.kind not in KINDS:
            return UNKNOWN_KIND
        if not within(key.unit, self._unit):
            return NOT_YOUR_UNIT
        if key.kind not in _FOR_ALL and not self._is_centre:
            return NOT_YOURS_TO_DECIDE
        if key.kind != UNIT and key.unit not in self._units:
            return UNKNOWN_UNIT
        if key.kind == VALUE and key.item not in self._catalogue.indicators:
            return UNKNOWN_INDICATOR
        if key.kind == DEADLINE and key.item not in self._catalogue.forms:
            return UNKNOWN_INDICATOR
        if key.kind in (VALUE, DEADLINE):
            try:
                Period.parse(key.period)
            except PeriodError:
                return PERIOD_INVALID
        return ""


def _is_valid(key: Key, content: str) -> bool:
    if content == CLEARED and key.kind != UNIT:
        # A tombstone; a unit is closed by a day, never taken away.
        return True
    try:
        match key.kind:
            case keys.VALUE:
                return _is_value(content)
            case keys.PROGRESS:
                # One spelling: another could hide what no text may hold from whoever reads the bytes.
                return Progress.of(content).content() == content
            case keys.TASK:
                check_field(key.part, content)
            case keys.UNIT:
                Unit.of(key.unit, content)
            case keys.DEADLINE:
                Deadline.of(content)
    except ContentError:
        return False
    return True


def _is_value(content: str) -> bool:
    value = Value.of(content)
    if value.number is not None and len(value.number.as_tuple().digits) > _MAX_DIGITS:
        return False
    return value.content() == content
