"""Whether a change that arrived may take effect, and for which reason it is parked when it may not."""

from collections.abc import Callable, Collection, Iterator, Set
from typing import Final

from sync.central import assigning
from sync.central.members import Hands, Membership, Release
from sync.domain import keys
from sync.domain.authors import id_of
from sync.domain.catalogue import Catalogue
from sync.domain.comments import Part, text_of
from sync.domain.deadlines import Deadline
from sync.domain.evidence import Evidence, is_evidence
from sync.domain.holidays import Holiday
from sync.domain.keys import (
    CLOSING,
    COMMENT,
    DEADLINE,
    DEVICE,
    ESCROW,
    EVIDENCE,
    HOLIDAY,
    KINDS,
    PERSON,
    REVISION,
    RIGHTS,
    STATUS,
    STEP,
    TASK,
    UNIT,
    VALUE,
    WITHDRAWAL,
    Key,
    ancestors,
    commune_of,
    within,
)
from sync.domain.local_time import day_of
from sync.domain.parking import (
    APPROVED,
    DEVICE_REVOKED,
    INVALID_CONTENT,
    NO_RIGHT,
    NOT_YOUR_UNIT,
    NOT_YOURS_TO_DECIDE,
    PERIOD_CLOSED,
    PERIOD_INVALID,
    PERSON_UNKNOWN,
    STATUS_MOVED,
    UNKNOWN_INDICATOR,
    UNKNOWN_KIND,
    UNKNOWN_UNIT,
)
from sync.domain.periods import Period, PeriodError
from sync.domain.persons import Person
from sync.domain.progress import Progress
from sync.domain.revisions import Revision
from sync.domain.rights import DECIDED, Action, actions_of, allows, class_to_act, people_of
from sync.domain.steps import Step
from sync.domain.tasks import check_field
from sync.domain.units import Level, Unit, level_of
from sync.domain.values import CLEARED, ContentError, Value
from sync.domain.withdrawing import TAKEN_BACK, about, device_of
from sync.domain.workflow import CLOSED, Status, has_approval
from sync.protocol.messages import Change, Record, Version

_BY_ONE: Final = (STEP, EVIDENCE, COMMENT)
"""Kinds of which a cell is one person's word."""
_BY_CENTRE: Final = (DEVICE, PERSON, RIGHTS, ESCROW)
"""Decided by the centre's own device alone."""
_TYPED: Final = frozenset({Action.ENTER, Action.COMMENT, Action.SUBMIT})
"""What a unit does for itself; all else is decided over it."""
_OF_FORMS: Final = (DEADLINE, STATUS, CLOSING)
_OF_FIGURES: Final = (VALUE, REVISION)
_NAMES_AN_ITEM: Final = (*_OF_FIGURES, COMMENT, *_OF_FORMS)
_MAX_DIGITS: Final = 28
"""As many as Python's decimals compute with: a longer number would be rounded without anybody seeing it."""

Standing = Callable[[Key], Record | None]


class Rules:
    """What one catalogue says of keys: which forms an indicator belongs to, and what decides over a change."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._forms: dict[str, list[str]] = {}
        for form in catalogue.forms:
            for indicator in catalogue.indicators_of(form):
                self._forms.setdefault(indicator.key, []).append(form)

    def statuses(self, key: Key) -> Iterator[Key]:
        """The statuses that decide over a value; a cell of another kind has none."""
        if key.kind == VALUE:
            for form in self._forms_of(key):
                yield Key(STATUS, key.unit, form, key.period)

    def closings(self, key: Key) -> Iterator[Key]:
        """The closings that decide over a value or a status: of its unit, or of one above."""
        forms = self._forms_of(key) if key.kind == VALUE else (key.item,) if key.kind == STATUS else ()
        for form in forms:
            for unit in ancestors(key.unit):
                yield Key(CLOSING, unit, form, key.period)

    def deciding(self, key: Key) -> Iterator[Key]:
        """Every cell that decides over a change of this key."""
        yield from self.statuses(key)
        yield from self.closings(key)
        yield from assigning.deciding(key)

    def are_of_form(self, form: str, step: str) -> bool:
        """Whether the cells that a step remarks on are all of its form."""
        return all(
            form in self._forms.get(remark.item, ()) and self.catalogue.indicators[remark.item].has_part(remark.part)
            for remark in Status.of(step).remarks
        )

    def _forms_of(self, key: Key) -> list[str]:
        """The forms in which the unit reports an indicator: a commune's summary, closed, leaves its villages open."""
        forms = self.catalogue.forms
        return [form for form in self._forms.get(key.item, ()) if forms[form].is_of(key.unit)]


class Judge:
    """Judges the changes of one device in one transaction, against the units that exist in it.

    `hands` are those who type on the device; `is_centre` marks the centre's own, which may everything, and alone
    decides devices and people. What comes from one that `is_revoked` is held. `standing` gives what stands in a cell at
    this moment.
    """

    def __init__(
        self,
        rules: Rules,
        units: Set[str],
        hands: Hands,
        standing: Standing,
        *,
        is_centre: bool,
        is_revoked: bool = False,
    ) -> None:
        self._rules = rules
        self._units = units
        self._hands = hands
        self._scope = hands.units
        self._standing = standing
        self._is_centre = is_centre
        self._is_revoked = is_revoked
        # A batch names few units, periods and people, many times each.
        self._reasons: dict[tuple[str, str, str, str, str], str] = {}
        self._rights: dict[tuple[str, str, str, str, str], str] = {}

    def reason(self, change: Change, has_seen: Collection[Version]) -> str:
        """Why `change` is parked, one of parking.REASONS, or "" when it takes effect.

        Of what stands in its cell it `has_seen` these, also where what it names is parked and had seen them.
        """
        key = change.key
        reason = self.reason_of_address(key)
        if reason:
            return reason
        if not _is_valid(key, change.content):
            return INVALID_CONTENT
        if key.kind == STATUS and not self._rules.are_of_form(key.item, change.content):
            # Whoever may decide over one form could speak of another's figures, which they may not see.
            return UNKNOWN_INDICATOR
        if key.kind == WITHDRAWAL:
            # Of what was typed on it a device may always say so, whatever became of its people's roles. And the centre
            # says again what a device said.
            return "" if self._is_centre or device_of(key) == change.version.device else NOT_YOURS_TO_DECIDE
        if not self._is_centre and (reason := self._reason_of_author(change)):
            return reason
        if key.kind == STATUS and (reason := self._reason_of_step(change, has_seen)):
            return reason
        if key.kind in _BY_ONE and not self._is_own(change):
            return NOT_YOURS_TO_DECIDE
        if key.kind in (TASK, STEP) and not self._is_centre:
            return assigning.reason(change, self._standing, self._hands.grants(change.author) or ())
        if key.kind == EVIDENCE and not self._is_centre:
            return assigning.reason_of_evidence(change, self._standing)
        if any(self._says(closing, CLOSED) for closing in self._rules.closings(key)):
            return PERIOD_CLOSED
        if any(self._is_approved(status) for status in self._rules.statuses(key)):
            return APPROVED
        return ""

    def reason_of_address(self, key: Key) -> str:
        """Why nothing that this device says of `key` takes effect, whatever stands there, or ""."""
        item = key.item if key.kind in _NAMES_AN_ITEM else ""
        address = (key.kind, key.unit, item, key.period, key.part if key.kind in _OF_FIGURES else "")
        reason = self._reasons.get(address)
        if reason is None:
            reason = self._reasons[address] = self._reason_of_address(key)
        return reason

    def _reason_of_address(self, key: Key) -> str:
        if self._is_revoked:
            return DEVICE_REVOKED
        if key.kind not in KINDS:
            return UNKNOWN_KIND
        if key.kind in _BY_CENTRE:
            return "" if self._is_centre else NOT_YOURS_TO_DECIDE
        if key.kind == WITHDRAWAL:
            return ""
        if not any(within(key.unit, root) for root in self._scope):
            return NOT_YOUR_UNIT
        if key.kind in DECIDED and not self._is_centre and not self._hands.may(DECIDED[key.kind], key.unit):
            # Before the stream that all follow is kept to it.
            return NOT_YOURS_TO_DECIDE
        if key.kind != UNIT and key.unit not in self._units:
            return UNKNOWN_UNIT
        # A village is a commune's; a device may not know that there is none, the centre makes both at once.
        is_village = key.kind == UNIT and level_of(key.unit) is Level.VILLAGE
        if is_village and not self._is_centre and commune_of(key.unit) not in self._units:
            return UNKNOWN_UNIT
        catalogue = self._rules.catalogue
        if key.kind in _OF_FIGURES:
            indicator = catalogue.indicators.get(key.item)
            if indicator is None or not indicator.has_part(key.part):
                return UNKNOWN_INDICATOR
        if key.kind in _OF_FORMS and key.item not in catalogue.forms:
            return UNKNOWN_INDICATOR
        if key.kind == COMMENT and key.item not in catalogue.indicators and key.item not in catalogue.forms:
            return UNKNOWN_INDICATOR
        if key.kind in _NAMES_AN_ITEM:
            try:
                Period.parse(key.period)
            except PeriodError:
                return PERIOD_INVALID
        return ""

    def _reason_of_author(self, change: Change) -> str:
        """Whoever typed it must hold a role for what it does, there and up to the class of what they touch."""
        key = change.key
        # What a step does, and whether a request is made or answered, its content alone says.
        content = change.content if key.kind in (STATUS, REVISION) else ""
        asked = (change.author, key.kind, key.unit, key.item, content)
        reason = self._rights.get(asked)
        if reason is None:
            reason = self._rights[asked] = self._reason_of_right(change)
        return reason

    def _reason_of_right(self, change: Change) -> str:
        grants = self._hands.grants(change.author)
        if grants is None:
            return PERSON_UNKNOWN
        actions = actions_of(change.key, change.content)
        sensitivity = class_to_act(self._rules.catalogue, change.key)
        if any(allows(grants, action, change.key.unit, sensitivity) for action in actions):
            return ""
        return NO_RIGHT if _TYPED.intersection(actions) else NOT_YOURS_TO_DECIDE

    def _reason_of_step(self, change: Change, has_seen: Collection[Version]) -> str:
        """A step is taken by whoever has seen where the form stands, and what is approved moves by who decides."""
        decides = self._is_centre or self._decides(change)
        standing = self._standing(change.key)
        if standing and any(head.version not in has_seen for head in standing.heads):
            return STATUS_MOVED
        # Whoever could submit again what is approved could change it without asking.
        return APPROVED if self._is_approved(change.key) and not decides else ""

    def _decides(self, change: Change) -> bool:
        grants = self._hands.grants(change.author) or ()
        sensitivity = class_to_act(self._rules.catalogue, change.key)
        return allows(grants, Action.DECIDE, change.key.unit, sensitivity)

    def _is_own(self, change: Change) -> bool:
        """Whether nobody else's words stand where this one's are to stand: each withdraws their own alone."""
        standing = self._standing(change.key)
        return (
            self._is_centre
            or not standing
            or all(
                id_of(head.author) == id_of(change.author) or head.version.device == change.version.device
                for head in standing.heads
            )
        )

    def _says(self, key: Key, content: str) -> bool:
        standing = self._standing(key)
        return standing is not None and any(head.content == content for head in standing.heads)

    def _is_approved(self, key: Key) -> bool:
        standing = self._standing(key)
        return standing is not None and has_approval(head.content for head in standing.heads)


def _is_valid(key: Key, content: str) -> bool:
    if key.kind == HOLIDAY and not _is_day(key.item):
        return False
    if key.kind == EVIDENCE and not is_evidence(key):
        return False
    if content == CLEARED and key.kind not in (UNIT, STATUS, STEP, DEVICE, PERSON, RIGHTS, ESCROW, WITHDRAWAL):
        # A tombstone; a unit is closed by a day, never taken away, and a step is taken back by another.
        return True
    try:
        match key.kind:
            case keys.VALUE:
                return _is_value(content)
            case keys.PROGRESS:
                # One spelling: another could hide what no text may hold from whoever reads the bytes.
                return Progress.of(content).content() == content
            case keys.REVISION:
                revision = Revision.of(content)
                return revision.content() == content and _is_value(revision.value)
            case keys.COMMENT:
                Part.of(key.part)
                text_of(content)
            case keys.STEP:
                return Step.of(content).content() == content
            case keys.EVIDENCE:
                return Evidence.of(content).content() == content
            case keys.TASK:
                check_field(key.part, content)
            case keys.UNIT:
                unit = Unit.of(key.unit, content)
                # Its name stands in every list, terminals' too; and its code is the one that its key is made of.
                return unit.name.isprintable() and unit.code in ("", key.unit.rpartition(".")[2])
            case keys.DEADLINE:
                Deadline.of(content)
            case keys.STATUS:
                return Status.of(content).content() == content
            case keys.CLOSING:
                return content == CLOSED
            case keys.HOLIDAY:
                Holiday.of(content)
            case keys.DEVICE:
                Membership.of(content)
            case keys.PERSON:
                Person.of(key.item, content)
            case keys.RIGHTS:
                people_of(content)
            case keys.ESCROW:
                Release.of(content)
            case keys.WITHDRAWAL:
                about(key)
                return content == TAKEN_BACK
    except ContentError:
        return False
    return True


def _is_day(text: str) -> bool:
    try:
        day_of(text)
    except ValueError:
        return False
    return True


def _is_value(content: str) -> bool:
    value = Value.of(content)
    if value.number is not None and len(value.number.as_tuple().digits) > _MAX_DIGITS:
        return False
    return value.content() == content
