"""What a key and its content are called where rooms speak of them: a cell, a task, a dated progress, a value."""

from collections.abc import Callable, Mapping
from typing import Final

from desktop.widgets import formats
from desktop.widgets.place import Place
from desktop.widgets.words import language, say
from sync.domain import keys
from sync.domain.catalogue import Catalogue, Sensitivity
from sync.domain.keys import (
    CLOSING,
    COMMENT,
    DEADLINE,
    EVIDENCE,
    OWN_UNIT,
    PROGRESS,
    REVISION,
    STATUS,
    STEP,
    TASK,
    VALUE,
    WITHDRAWAL,
    Key,
)
from sync.domain.progress import Progress
from sync.domain.rights import class_of_form
from sync.domain.tasks import Task
from sync.domain.values import CLEARED, ContentError, Value
from sync.domain.workflow import Status

_OF_TASKS: Final = (TASK, PROGRESS, STEP, EVIDENCE)


class Names:
    """Names of `units` by key, of the catalogue's indicators, and of the tasks that `find` gives by a key of theirs."""

    def __init__(self, catalogue: Catalogue, units: Mapping[str, str], find: Callable[[Key], Task | None]) -> None:
        self._units, self._catalogue, self._find = units, catalogue, find
        self._forms = tuple(catalogue.forms.values())

    def unit(self, key: str) -> str:
        """A unit's name."""
        return say("widgets.what.own_unit") if key == OWN_UNIT else self._units.get(key, key)

    def row(self, key: Key) -> tuple[str, str]:
        """The form in which the unit of a value reports it, and the form's label; "" and the item where it is in none.

        Before enrolment nobody knows of which level the unit is.
        """
        if key.item in self._catalogue.forms:
            # A comment on the whole form.
            return key.item, self.form(key.item)
        for form in self._forms:
            for row in form.rows if key.unit == OWN_UNIT or form.is_of(key.unit) else ():
                if row.indicator == key.item:
                    return form.key, row.label
        return "", key.item

    def cell(self, key: Key) -> str:
        """A value by its place in the form alone: CT05, or CT05 Nữ."""
        indicator = self._catalogue.indicators.get(key.item)
        members = indicator.breakdown.members if indicator and indicator.breakdown else ()
        part = next((one.name.text(language()) for one in members if one.key == key.part), key.part)
        return f"{self.row(key)[1]} {part}".rstrip()

    def is_public(self, key: Key) -> bool:
        """Whether anybody may see a value."""
        indicator = self._catalogue.indicators.get(key.item)
        return indicator is not None and indicator.sensitivity is Sensitivity.PUBLIC

    def is_public_form(self, form: str) -> bool:
        """Whether anybody may see every figure of a form."""
        return form in self._catalogue.forms and class_of_form(self._catalogue, form) is Sensitivity.PUBLIC

    def form(self, key: str) -> str:
        """A form's name."""
        found = self._catalogue.forms.get(key)
        return found.name.text(language()) if found else key

    def task(self, key: Key) -> str:
        """The task of a key by its document, else by its content; by "?" while it has not arrived."""
        task = self._find(key)
        return (task.document or task.content) if task else "?"

    def what(self, key: Key) -> str:
        """A cell in short: CT12 Thôn An Sơn."""
        if key.kind in (VALUE, COMMENT, REVISION):
            return say(f"widgets.what.{key.kind}", label=self.row(key)[1], unit=self.unit(key.unit))
        if key.kind in _OF_TASKS:
            return say(f"widgets.what.{key.kind}", task=self.task(key))
        if key.kind == WITHDRAWAL:
            return say("widgets.what.withdrawal")
        if key.kind in (STATUS, DEADLINE, CLOSING):
            return say(f"widgets.what.{key.kind}", form=self.form(key.item), unit=self.unit(key.unit))
        return say("widgets.what.other", unit=self.unit(key.unit))

    def whole(self, key: Key) -> str:
        """A cell in full: CT12 · Số thành viên tổ · Thôn An Sơn · Quý III/2026."""
        if key.kind != VALUE:
            return " · ".join([self.what(key), *self.where(key)])
        label = self.row(key)[1]
        indicator = self._catalogue.indicators.get(key.item)
        name = indicator.name.text(language()) if indicator else ""
        parts = (label, name, self.unit(key.unit), formats.period(key.period))
        return " · ".join(part for part in parts if part)

    def where(self, key: Key) -> list[str]:
        """The period, or the unit of what has none."""
        if key.kind == WITHDRAWAL:
            return []
        return [formats.period(key.period)] if key.period else [self.unit(key.unit)]

    def place(self, key: Key) -> Place | None:
        """Where the key is shown; None for what no person here looks at."""
        if key.kind in (VALUE, COMMENT):
            return Place("entry", key.unit, self.row(key)[0], key.period, key.item)
        if key.kind == STATUS:
            return Place("review", key.unit, key.item, key.period)
        return Place("tasks", key.unit, task=key.item) if key.kind in _OF_TASKS else None


def brief(key: Key, content: str) -> str:
    """What a cell of any kind says in short; "" where its name says it all."""
    try:
        match key.kind:
            case keys.WITHDRAWAL | keys.CLOSING:
                return ""
            case keys.REVISION:
                from sync.domain.revisions import Revision

                return in_short(Revision.of(content).value)
            case keys.DEADLINE:
                from sync.domain.deadlines import Deadline

                return formats.moment(Deadline.of(content).due)
    except ContentError:
        pass  # taken back
    return in_short(content)


def in_short(content: str) -> str:
    """A content in short: a figure, a text, the reason why there is none, a progress."""
    if content == CLEARED:
        return say("widgets.what.empty")
    try:
        value = Value.of(content)
    except ContentError:
        return _step(content)
    if value.number is not None:
        return formats.number(value.number)
    if value.missing is not None:
        return say(f"widgets.what.{value.missing}")
    return value.text or value.raw or say("widgets.what.empty")


def _step(content: str) -> str:
    try:
        status = Status.of(content)
    except ContentError:
        return _progress(content)
    words = say(f"widgets.step.{status.state}")
    if status.remarks:
        words = say("widgets.step.remarks", step=words, count=len(status.remarks))
    return say("widgets.step.why", step=words, why=status.comment) if status.comment else words


def _progress(content: str) -> str:
    try:
        found = Progress.of(content)
    except ContentError:
        return _evidence(content)
    percent = "" if found.percent is None else say("widgets.what.percent", percent=found.percent)
    return " · ".join(part for part in (formats.day(found.date), percent, found.words) if part)


def _evidence(content: str) -> str:
    from sync.domain.evidence import Evidence  # few contents are one

    # Not for a start, which shows none.

    try:
        return Evidence.of(content).name
    except ContentError:
        return say("widgets.what.update")
