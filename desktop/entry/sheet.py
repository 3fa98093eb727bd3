"""Which form, period and units a place means on this device, and what is missing when there is nothing to type."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from desktop.widgets.place import Place
from sync.domain.catalogue import Catalogue, Form
from sync.domain.keys import OWN_UNIT, VALUE, commune_of, province_of, within
from sync.domain.local_time import day_at
from sync.domain.periods import Period, PeriodError, period_of
from sync.domain.units import Level, Unit, UnitKind, reporting_on
from sync.domain.values import CLEARED
from sync.store import Store
from sync.store.deadlines import Deadlines


class Missing(StrEnum):
    """Why there is no grid: the catalogue has no form for this unit, or the centre sent no units to report it."""

    NO_FORM = "no_form"
    NO_UNITS = "no_units"


class Sheet(NamedTuple):
    """What the room shows: one of `forms`, in one period, a column for each of `units` (keys).

    `communes` are those to choose from by key and name, `commune` the chosen one; `due` is the deadline's day. `below`
    are the units whose total is shown to whoever has the whole commune before them: `units`, or those that they sum,
    in whatever period they reported.
    """

    forms: tuple[Form, ...]
    form: Form
    period: Period
    units: tuple[str, ...]
    communes: Mapping[str, str]
    commune: str
    due: date | None
    below: tuple[str, ...] = ()


def sheet_of(store: Store, catalogue: Catalogue, place: Place, today: date) -> Sheet | Missing:
    """What to open for `place`; what it leaves open is the first form, what is current today, every village.

    Before enrolment every form is offered, with one column of a unit that is not known yet. A device above the
    communes looks at one commune at a time.
    """
    enrolment = store.enrolment()
    known = store.units(enrolment.unit) if enrolment else []
    kinds = {unit.kind for unit in known}
    every = tuple(catalogue.forms.values())
    forms = tuple(form for form in every if form.unit_kinds & kinds) if enrolment else every
    form = next((form for form in forms if form.key == place.form), forms[0] if forms else None)
    if form is None:
        reports = not enrolment or UnitKind.DEPARTMENT in kinds or any(kind.level is Level.VILLAGE for kind in kinds)
        return Missing.NO_FORM if reports or not every else Missing.NO_UNITS
    period = _period(form, place.period, today)
    reporting = _reporting(store, catalogue, known, form, period)
    names = {unit.key: unit.name for unit in known}
    communes = {key: names.get(key, key) for key in _communes(reporting)}
    wanted = commune_of(place.unit) if place.unit else None
    commune = wanted if wanted in communes else next(iter(communes), "")
    if len(communes) > 1:
        reporting = [unit for unit in reporting if commune_of(unit.key) == commune]
    dues = _dues(store, form, period, [unit.key for unit in reporting])
    if period.days is not None:
        # A round has a column for each who is asked.
        reporting = [unit for unit in reporting if dues[unit.key]] or reporting
    units = tuple(unit.key for unit in reporting) or (OWN_UNIT,)
    below: tuple[str, ...] = ()
    if enrolment and commune and within(commune, enrolment.unit):
        summed = catalogue.forms[form.sums] if form.sums else form
        adding = [unit for unit in known if unit.kind in summed.unit_kinds]
        below = tuple(unit.key for unit in adding if within(unit.key, commune) and unit.key != commune)
    below = below if form.sums or len(units) > 1 else ()
    due = min((found for unit in units if (found := dues.get(unit))), default=None)
    return Sheet(forms, form, period, units, communes, commune or "", due, below)


def _reporting(store: Store, catalogue: Catalogue, known: Sequence[Unit], form: Form, period: Period) -> list[Unit]:
    """The units that report a form for a period, and those of which figures stand there all the same."""
    every = [unit for unit in known if unit.kind in form.unit_kinds]
    asked = {unit.key for unit in reporting_on(every, period.last_day)}
    others = [unit.key for unit in every if unit.key not in asked]
    if others:
        items = {indicator.key for indicator in catalogue.indicators_of(form.key)}
        found = store.cells_of(VALUE, others, [period.code]).items()
        asked |= {key.unit for key, shown in found if key.item in items and shown.content != CLEARED}
    return [unit for unit in every if unit.key in asked]


def _communes(units: Sequence[Unit]) -> list[str]:
    """The communes that these units are or lie in, in key order."""
    return sorted({commune for unit in units if (commune := commune_of(unit.key)) is not None})


def _period(form: Form, code: str, today: date) -> Period:
    """The period of a code where it fits the form, else the one that today lies in."""
    try:
        period = Period.parse(code)
        if (period.regime, period.frequency) == (form.regime, form.frequency):
            return period
    except PeriodError:
        pass  # none was asked for
    found = period_of(today, form.regime, form.frequency)
    return found or Period(form.regime, today.year, form.frequency)


def _dues(store: Store, form: Form, period: Period, units: Sequence[str]) -> dict[str, date | None]:
    """The day by which each unit's form is due."""
    if not units:
        return {}
    deadlines = Deadlines(store, commune_of(units[0]) or province_of(units[0]))
    found = {unit: deadlines.of(unit, form.key, period.code) for unit in units}
    return {unit: day_at(due) if due else None for unit, due in found.items()}
