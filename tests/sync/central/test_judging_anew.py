"""What is parked is judged anew when the centre opens with another catalogue, or as another program, and only then."""

from collections.abc import Callable

import pytest

from sync.central import judgement, repository
from sync.central.centre import Centre
from sync.domain.catalogue import Catalogue, Sensitivity
from sync.domain.keys import CLOSING, Key
from sync.domain.parking import APPROVED, INVALID_CONTENT, NO_RIGHT, NOT_YOURS_TO_DECIDE, PERIOD_CLOSED, PERIOD_INVALID
from sync.domain.periods import Period, PeriodError
from sync.domain.rights import Role
from sync.domain.workflow import CLOSED, State, Status
from sync.protocol.messages import EnrolRequest
from tests.sync.central.conftest import COMMUNE, FORM, PERIOD, VILLAGE, Device, status_key, value_key
from tests.sync.central.test_parked import approve, close, reasons

MakeDevice = Callable[[str], Device]
Reopen = Callable[..., Centre]
CELL = value_key(VILLAGE)


def with_class(catalogue: Catalogue, sensitivity: Sensitivity) -> Catalogue:
    """A later catalogue, in which every figure has this class."""
    indicators = {key: each._replace(sensitivity=sensitivity) for key, each in catalogue.indicators.items()}
    return catalogue._replace(version="later", indicators=indicators)


def without_rows(catalogue: Catalogue) -> Catalogue:
    """A later catalogue, in which no figure stands in a form."""
    forms = {key: form._replace(sections=()) for key, form in catalogue.forms.items()}
    return catalogue._replace(version="later", forms=forms)


def ends(centre: Centre) -> dict[str, int]:
    with centre.database.reading() as connection:
        return dict(connection.exec_driver_sql("SELECT stream, seq FROM stream").all())


def person_on(centre: Centre, name: str, role: Role, unit: str) -> Device:
    """A device of somebody who holds this role up to the public class."""
    centre.staff.give(name, role, unit, Sensitivity.PUBLIC)
    found = Device(centre, unit, is_known=True)
    code = centre.enrolment.make_code(unit, name, 7)
    centre.enrolment.enrol(EnrolRequest(7, code, bytes(found.key.verify_key), "PC"))
    return found


def test_a_class_that_is_lowered_gives_its_effect_to_what_somebody_had_no_right_to(
    centre: Centre, catalogue: Catalogue, reopened: Reopen
) -> None:
    village = person_on(centre, "Lê Văn Ba", Role.VILLAGE_ENTRY, VILLAGE)
    chief = person_on(centre, "Trần Thị Tư", Role.COMMUNE_APPROVAL, COMMUNE)
    secret = value_key(VILLAGE, "ct14")
    village.type(secret, "5", author="Lê Văn Ba")
    village.ask(village.push())
    chief.type(status_key(), Status(State.RETURNED).content(), author="Trần Thị Tư")
    chief.ask(chief.push())
    assert (reasons(centre, village), reasons(centre, chief)) == ({1: NO_RIGHT}, {1: NOT_YOURS_TO_DECIDE})
    centre.close()
    village.centre = chief.centre = again = reopened(centre.folder, with_class(catalogue, Sensitivity.PUBLIC))
    assert (reasons(again, village), reasons(again, chief)) == ({}, {})
    assert village.heads(secret) == ["5"]


def test_an_indicator_that_leaves_its_form_waits_no_longer_for_the_form(
    centre: Centre, device: MakeDevice, catalogue: Catalogue, reopened: Reopen
) -> None:
    village, commune = device(VILLAGE), device(COMMUNE)
    approve(commune)
    close(centre, period="A2026Q3")
    for period in (PERIOD, "A2026Q3"):
        village.type(value_key(VILLAGE, period=period), "5")
    village.ask(village.push())
    assert reasons(centre, village) == {1: APPROVED, 2: PERIOD_CLOSED}
    centre.close()
    village.centre = again = reopened(centre.folder, without_rows(catalogue))
    assert reasons(again, village) == {}
    assert village.heads(CELL) == ["5"]


def test_a_newer_program_takes_what_the_older_one_could_not_read(
    centre: Centre, device: MakeDevice, reopened: Reopen, monkeypatch: pytest.MonkeyPatch
) -> None:
    class OlderPeriod(Period):
        @classmethod
        def parse(cls, text: str) -> Period:
            raise PeriodError(text)

    village = device(VILLAGE)
    with monkeypatch.context() as older:
        older.setattr(judgement, "_is_value", lambda content: False)
        village.type(CELL, "5")
        village.ask(village.push())
        older.setattr(judgement, "Period", OlderPeriod)
        village.type(value_key(VILLAGE, "ct14"), "6")
        village.ask(village.push(2))
        assert reasons(centre, village) == {1: INVALID_CONTENT, 2: PERIOD_INVALID}
    centre.close()
    monkeypatch.setattr(repository, "VERSION", "later")
    village.centre = again = reopened(centre.folder)
    assert reasons(again, village) == {}
    assert (village.heads(CELL), village.heads(value_key(VILLAGE, "ct14"))) == (["5"], ["6"])


def test_what_still_waits_moves_no_stream_when_the_same_centre_opens_again(
    centre: Centre, device: MakeDevice, reopened: Reopen
) -> None:
    """Every command of an administrator opens it."""
    village = device(VILLAGE)
    centre.repository.decide([(Key(CLOSING, "48", FORM, PERIOD), CLOSED)], "admin")
    village.type(CELL, "5")
    village.ask(village.push())
    before = ends(centre)
    centre.close()
    again = reopened(centre.folder)
    assert reasons(again, village) == {1: PERIOD_CLOSED}
    assert ends(again) == before
