"""Why a change has no effect yet: the codes that the centre gives and the screens put into words."""

from typing import Final

NOT_YOUR_UNIT: Final = "not_your_unit"
NOT_YOURS_TO_DECIDE: Final = "not_yours_to_decide"
NO_RIGHT: Final = "no_right"
PERSON_UNKNOWN: Final = "person_unknown"
DEVICE_REVOKED: Final = "device_revoked"
DISMISSED: Final = "dismissed"
UNKNOWN_UNIT: Final = "unknown_unit"
UNKNOWN_INDICATOR: Final = "unknown_indicator"
UNKNOWN_KIND: Final = "unknown_kind"
INVALID_CONTENT: Final = "invalid_content"
PERIOD_INVALID: Final = "period_invalid"
PERIOD_CLOSED: Final = "period_closed"
APPROVED: Final = "approved"
STATUS_MOVED: Final = "status_moved"
TOO_MANY_RIVALS: Final = "too_many_rivals"
WITHDRAWN: Final = "withdrawn"

REASONS: Final = (
    NOT_YOUR_UNIT,
    NOT_YOURS_TO_DECIDE,
    NO_RIGHT,
    PERSON_UNKNOWN,
    DEVICE_REVOKED,
    DISMISSED,
    UNKNOWN_UNIT,
    UNKNOWN_INDICATOR,
    UNKNOWN_KIND,
    INVALID_CONTENT,
    PERIOD_INVALID,
    PERIOD_CLOSED,
    APPROVED,
    STATUS_MOVED,
    TOO_MANY_RIVALS,
    WITHDRAWN,
)
"""Every reason has a sentence with a way out in the translations."""

OF_RULES: Final = (
    NOT_YOURS_TO_DECIDE,
    NO_RIGHT,
    UNKNOWN_INDICATOR,
    UNKNOWN_KIND,
    INVALID_CONTENT,
    PERIOD_INVALID,
    PERIOD_CLOSED,
    APPROVED,
    TOO_MANY_RIVALS,
)
"""Reasons that may be gone with another catalogue, which gives figures other forms and classes, or another program."""

OF_RIGHTS: Final = (NOT_YOUR_UNIT, NOT_YOURS_TO_DECIDE, NO_RIGHT, PERSON_UNKNOWN)
"""Reasons that may be gone when what a device and its people may do is decided anew."""
