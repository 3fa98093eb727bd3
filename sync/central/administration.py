"""What an administrator decides beside people: units, deadlines, holidays, and rounds, as the centre's decisions."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Final

from sync.central.centre import Centre
from sync.central.repository import CENTRE
from sync.domain.deadlines import Deadline
from sync.domain.errors import EnvironmentFault
from sync.domain.holidays import Holiday, after_working_days
from sync.domain.keys import CLOSING, DEADLINE, HOLIDAY, UNIT, Key
from sync.domain.local_time import VIETNAM, day_of
from sync.domain.periods import Period, PeriodError, period_of
from sync.domain.text import fold, nfc
from sync.domain.units import CODE_DIGITS, MAX_NAME, Level, Unit, UnitKind
from sync.domain.values import CLEARED
from sync.domain.workflow import CLOSED

MAX_NUMBER: Final = 999
END_OF_DAY: Final = time(17, 0)
"""When a deadline ends that was given as a day: the end of office hours."""


class Administration:
    """Decides for one open centre. Whatever is refused raises EnvironmentFault with a code of its own, and changed
    nothing; `author` is who decided."""

    def __init__(self, centre: Centre, author: str = CENTRE) -> None:
        self._centre, self._author = centre, author

    # Units

    def create_village(self, commune: str, name: str, decision: str = "", since: date | None = None) -> Unit:
        """A new village, or in a ward a new residential group, under a number that nobody ever had.

        Raises EnvironmentFault unit_unknown, unit_closed, not_a_commune, name_unfit, name_taken (also for a name that
        differs in its accents only), villages_too_many.
        """
        units = self._centre.repository.units()
        found = self._open(units, commune)
        if found.kind.level is not Level.COMMUNE:
            raise EnvironmentFault("not_a_commune", unit=commune)
        numbers = (int(key.rpartition(".")[2]) for key in units if key.startswith(f"{commune}."))
        number = max(numbers, default=0) + 1
        key = f"{commune}.{number:03}"
        self._check_name(name, _open_beside(units, key))
        if number > MAX_NUMBER:
            raise EnvironmentFault("villages_too_many", unit=commune)
        kind = UnitKind.VILLAGE if found.kind is UnitKind.COMMUNE else UnitKind.RESIDENTIAL_GROUP
        made = Unit(key, kind, _name(name), valid_from=since, decision=decision)
        self._write(made)
        return made

    def create_commune(
        self, kind: UnitKind, code: str, name: str, decision: str = "", since: date | None = None
    ) -> Unit:
        """A new commune, ward or special zone of the province, under its official code of five digits.

        Raises EnvironmentFault not_a_commune, unit_code_unfit, unit_code_taken (also by one that is closed),
        name_unfit, name_taken.
        """
        if kind.level is not Level.COMMUNE:
            raise EnvironmentFault("not_a_commune", unit=kind)
        if not (code.isascii() and code.isdigit() and len(code) == CODE_DIGITS):
            raise EnvironmentFault("unit_code_unfit", number=code[:80])
        units = self._centre.repository.units()
        key = f"{self._centre.province}.{code}"
        if key in units:
            raise EnvironmentFault("unit_code_taken", number=code, name=units[key].name)
        self._check_name(name, _open_beside(units, key))
        made = Unit(key, kind, _name(name), code, valid_from=since, decision=decision)
        self._write(made)
        return made

    def rename_unit(self, key: str, name: str, decision: str = "") -> Unit:
        """Raises EnvironmentFault unit_unknown, unit_closed, name_unfit, name_taken."""
        units = self._centre.repository.units()
        before = self._open(units, key)
        self._check_name(name, _open_beside(units, key))
        made = replace(before, name=_name(name), decision=decision or before.decision, source="")
        self._write(made)
        return made

    def close_unit(self, key: str, last_day: date, decision: str = "") -> Unit:
        """End a unit with a day. Its figures stay, and its number is never given again.

        Raises EnvironmentFault unit_unknown, unit_closed, unit_has_units, day_unfit.
        """
        units = self._centre.repository.units()
        before = self._open(units, key)
        if any(other.startswith(f"{key}.") and unit.valid_to is None for other, unit in units.items()):
            raise EnvironmentFault("unit_has_units", unit=key)
        if before.valid_from and last_day < before.valid_from:
            raise EnvironmentFault("day_unfit", day=last_day.isoformat())
        made = replace(before, valid_to=last_day, decision=decision or before.decision, source="")
        self._write(made)
        return made

    def _open(self, units: dict[str, Unit], key: str) -> Unit:
        found = units.get(key)
        if found is None:
            raise EnvironmentFault("unit_unknown", unit=key)
        if found.valid_to is not None:
            raise EnvironmentFault("unit_closed", unit=key)
        return found

    def _check_name(self, name: str, beside: Collection[Unit]) -> None:
        plain = fold(_name(name))
        if any(fold(unit.name) == plain for unit in beside):
            raise EnvironmentFault("name_taken", name=name)

    def _write(self, unit: Unit) -> None:
        self._centre.repository.decide([(Key(UNIT, unit.key), unit.content())], self._author)

    # Deadlines, rounds and closings

    def set_deadline(self, unit: str, form: str, period: str, due: datetime | None, source: str = "") -> None:
        """When a form of a period is due in a unit and all below it; None takes back what was set there.

        Raises EnvironmentFault unit_unknown, unit_closed, form_unknown, period_unfit.
        """
        self._deadlines([unit], form, period, due, source)

    def open_round(self, villages: Collection[str], form: str, period: str, due: datetime, source: str) -> None:
        """Ask these villages, and no others, for a form by a day of their own. Raises as `set_deadline`."""
        self._deadlines(villages, form, period, due, source)

    def due_after(self, period: str, working_days: int) -> datetime:
        """The end of the n-th working day behind a period. Raises EnvironmentFault period_unfit, day_unfit."""
        last = self._period(period).last_day
        try:
            day = after_working_days(last, working_days, self.holidays())
        except ValueError as error:
            raise EnvironmentFault("day_unfit", day=str(working_days)) from error
        return datetime.combine(day, END_OF_DAY, VIETNAM)

    def settle_deadlines(self, today: date) -> int:
        """Say when the forms of this period and of the last are due for which the catalogue has a rule.

        Whatever somebody said of one stays, also that it has no deadline. How many were said now.
        """
        ruled = [form for form in self._centre.catalogue.forms.values() if form.due_working_days is not None]
        if not ruled:
            return 0
        said = self._centre.repository.decided(DEADLINE)
        decisions: list[tuple[Key, str]] = []
        for form in ruled:
            current = period_of(today, form.regime, form.frequency)
            for period in (current, current.previous) if current else ():
                key = Key(DEADLINE, self._centre.province, form.key, period.code)
                if key not in said and form.due_working_days is not None:
                    due = self.due_after(period.code, form.due_working_days)
                    decisions.append((key, Deadline(due, form.source).content()))
        self._centre.repository.decide(decisions, self._author)
        return len(decisions)

    def close_period(self, unit: str, form: str, period: str, *, is_closed: bool) -> None:
        """Close a form of a period for a unit and all below it, or open it again. Raises as `set_deadline`."""
        self._check_form(form, period)
        self._open(self._centre.repository.units(), unit)
        decided = (Key(CLOSING, unit, form, period), CLOSED if is_closed else CLEARED)
        self._centre.repository.decide([decided], self._author)

    def _deadlines(self, units: Collection[str], form: str, period: str, due: datetime | None, source: str) -> None:
        self._check_form(form, period)
        known = self._centre.repository.units()
        for unit in units:
            self._open(known, unit)
        content = CLEARED if due is None else Deadline(due, source).content()
        decisions = [(Key(DEADLINE, unit, form, period), content) for unit in units]
        self._centre.repository.decide(decisions, self._author)

    def _check_form(self, form: str, period: str) -> None:
        found = self._centre.catalogue.forms.get(form)
        if found is None:
            raise EnvironmentFault("form_unknown", form=form)
        asked = self._period(period)
        if (asked.regime, asked.frequency) != (found.regime, found.frequency):
            raise EnvironmentFault("period_unfit", period=period)

    def _period(self, code: str) -> Period:
        try:
            return Period.parse(code)
        except PeriodError as error:
            raise EnvironmentFault("period_unfit", period=code) from error

    # Holidays

    def holidays(self) -> dict[date, Holiday]:
        """The days that are off, or worked against the week."""
        found = self._centre.repository.decided(HOLIDAY)
        return {day_of(key.item): Holiday.of(content) for key, content in found.items() if content != CLEARED}

    def set_holiday(self, day: date, name: str, *, is_worked: bool = False) -> None:
        """Say what a day is. Raises EnvironmentFault name_unfit."""
        decided = (Key(HOLIDAY, self._centre.province, day.isoformat()), Holiday(_name(name), is_worked).content())
        self._centre.repository.decide([decided], self._author)

    def clear_holiday(self, day: date) -> None:
        """Let a day be as every other of the week. Raises EnvironmentFault day_unfit for one that is."""
        if day not in self.holidays():
            raise EnvironmentFault("day_unfit", day=day.isoformat())
        decided = (Key(HOLIDAY, self._centre.province, day.isoformat()), CLEARED)
        self._centre.repository.decide([decided], self._author)


def _open_beside(units: Mapping[str, Unit], key: str) -> list[Unit]:
    """The others under the same unit that are not closed."""
    above = key.rpartition(".")[0]
    return [
        unit
        for other, unit in units.items()
        if other != key and unit.valid_to is None and other.rpartition(".")[0] == above
    ]


def _name(name: str) -> str:
    found = nfc(" ".join(name.split()))
    if not found or not found.isprintable() or len(found) > MAX_NAME:
        raise EnvironmentFault("name_unfit", name=name[:80])
    return found
