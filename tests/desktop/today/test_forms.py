"""Which forms are due and how complete they are, counted over the real quarter of the sample commune."""

from datetime import date, datetime

from desktop.today.forms import FAR, FormDue, Forms
from sync.domain.deadlines import Deadline
from sync.domain.keys import DEADLINE, OWN_UNIT, STATUS, TASK, UNIT, VALUE, Key
from sync.domain.units import Unit
from sync.domain.values import CLEARED, Value
from sync.domain.workflow import State, Status
from sync.store import Store
from tests.desktop.sampled import COMMUNE, NOW, PERSON, catalogue, receive

TODAY = NOW.date()
FORM = "village_quarter"


def forms_of(store: Store, unit: str = COMMUNE.key) -> Forms:
    return Forms(store, catalogue(), unit)


def find(forms: Forms, form: str, period: str, today: date = TODAY) -> FormDue | None:
    return next((due for due in forms.dues(today) if (due.form.key, due.period.code) == (form, period)), None)


def due_of(forms: Forms, form: str, period: str) -> FormDue:
    found = find(forms, form, period)
    assert found is not None
    return found


def village(store: Store, name: str) -> str:
    return next(unit.key for unit in store.units() if unit.name == name)


def test_the_quarter_that_six_of_ten_villages_reported(store: Store) -> None:
    due = due_of(forms_of(store), FORM, "A2026Q2")
    assert (due.filled, due.cells, due.unread) == (84, 140, 0)
    assert due.due == datetime.fromisoformat("2026-06-15T17:00+07:00")
    assert {store.units(unit)[0].name for unit in due.lacking} == {
        "Thôn Thạch Nham Tây",
        "Thôn Hòa Nhơn",
        "Thôn Sơn Phước",
        "Thôn Hòa Ninh",
    }
    assert due.next_cell == (due.lacking[0], "village_ct01")
    assert not due.is_complete


def test_the_earliest_deadline_stands_first_and_overdue_ones_never_go(store: Store) -> None:
    forms = forms_of(store)
    for today in (TODAY, date(2031, 3, 1)):
        dues = forms.dues(today)
        assert [due.day for due in dues] == sorted(due.day for due in dues)
        assert (dues[0].form.key, dues[0].period.code) == (FORM, "A2026Q2")


def test_it_is_complete_when_every_cell_has_a_figure_or_a_reason(store: Store) -> None:
    forms = forms_of(store)
    due = due_of(forms, FORM, "A2026Q2")
    items = [row.indicator for row in due.form.rows]
    keys = [Key(VALUE, unit, item, "A2026Q2") for unit in due.lacking for item in items]
    reason = Value(missing="not_collected").content()
    forms.forget(store.record_changes([(key, reason) for key in keys[:-1]], PERSON, NOW).keys)
    almost = due_of(forms, FORM, "A2026Q2")
    assert (almost.filled, almost.lacking) == (139, (keys[-1].unit,))
    assert almost.next_cell == (keys[-1].unit, keys[-1].item)
    forms.forget(store.record_changes([(keys[-1], "0")], PERSON, NOW).keys)
    assert due_of(forms, FORM, "A2026Q2").is_complete


def test_a_village_that_has_sent_its_form_lacks_nothing_and_the_others_do(store: Store) -> None:
    forms = forms_of(store)
    first, *others = due_of(forms, FORM, "A2026Q2").lacking
    early = Deadline(datetime.fromisoformat("2026-06-01T17:00+07:00")).content()
    receive(store, [(Key(DEADLINE, first, FORM, "A2026Q2"), [early])])
    unread = Key(VALUE, first, "village_ct02", "A2026Q2")
    receive(store, [(unread, [Value(raw="12a").content()])], stream=COMMUNE.key)
    step = Key(STATUS, first, FORM, "A2026Q2")
    for state, is_sent in ((State.SUBMITTED, True), (State.RETURNED, False)):
        receive(store, [(step, [Status(state).content()])], stream=COMMUNE.key)
        assert forms.forget([step, Key(DEADLINE, first, FORM, "A2026Q2"), unread])
        due = due_of(forms, FORM, "A2026Q2")
        assert due.lacking == tuple(others if is_sent else [first, *others])
        assert due.next_cell == (due.lacking[0], "village_ct01")
        assert due.due == datetime.fromisoformat(f"2026-06-{15 if is_sent else 1:02}T17:00+07:00")
        assert (first in due.unsent, due.unread) == (not is_sent, int(not is_sent))


def test_a_text_in_a_number_cell_is_filled_but_leaves_the_form_open(store: Store) -> None:
    forms = forms_of(store)
    key = Key(VALUE, village(store, "Thôn Phú Hòa"), "village_ct01", "A2026Q2")
    assert forms.forget(store.record_changes([(key, Value(raw="12a").content())], PERSON, NOW).keys) is False
    due = due_of(forms, FORM, "A2026Q2")
    assert (due.filled, due.unread) == (84, 1)
    forms.forget(store.record_changes([(key, CLEARED)], PERSON, NOW).keys)
    assert (due_of(forms, FORM, "A2026Q2").filled, due_of(forms, FORM, "A2026Q2").unread) == (83, 0)


def test_what_was_counted_is_kept_until_a_key_concerns_it(store: Store) -> None:
    forms = forms_of(store)
    unit = village(store, "Thôn Hòa Ninh")
    before = due_of(forms, FORM, "A2026Q4").filled
    keys = store.record_changes([(Key(VALUE, unit, "village_ct01", "A2026Q4"), "7")], PERSON, NOW).keys
    assert due_of(forms, FORM, "A2026Q4").filled == before
    assert not forms.forget([Key(TASK, unit, "x", "", "content"), Key(VALUE, unit, "village_ct01", "A1999Q1")])
    assert due_of(forms, FORM, "A2026Q4").filled == before
    assert forms.forget(keys)
    assert due_of(forms, FORM, "A2026Q4").filled == before + 1


def test_a_period_without_a_deadline_is_asked_for_only_while_it_is_recent(store: Store) -> None:
    receive(store, [(Key(DEADLINE, COMMUNE.key, FORM, code), [CLEARED]) for code in ("A2026Q2", "A2026Q3", "A2026Q4")])
    forms = forms_of(store)
    asked = {due.period.code: due.due for due in forms.dues(TODAY) if due.form.key == FORM}
    assert asked == {"A2026Q3": None, "A2026Q4": None}
    assert due_of(forms, FORM, "A2026Q4").day == FAR


def test_a_period_that_has_not_begun_is_not_asked_for(store: Store) -> None:
    receive(store, [(Key(DEADLINE, COMMUNE.key, FORM, "A2027Q2"), [Deadline(NOW).content()])])
    assert find(forms_of(store), FORM, "A2027Q2") is None
    assert find(forms_of(store), FORM, "A2027Q2", date(2027, 3, 15)) is not None


def test_a_communes_own_deadline_goes_before_its_provinces(store: Store) -> None:
    early, late = (datetime.fromisoformat(f"2026-12-{day}T17:00+07:00") for day in (10, 20))
    receive(store, [(Key(DEADLINE, "48", FORM, code), [Deadline(late).content()]) for code in ("A2026Q4", "A2026Q1")])
    receive(store, [(Key(DEADLINE, COMMUNE.key, FORM, "A2026Q4"), [Deadline(early).content()])])
    forms = forms_of(store, village(store, "Thôn Phú Hòa"))
    assert due_of(forms, FORM, "A2026Q4").due == early
    assert due_of(forms, FORM, "A2026Q1").due == late


def test_a_village_counts_only_itself(store: Store) -> None:
    due = due_of(forms_of(store, village(store, "Thôn Phú Hòa")), FORM, "A2026Q2")
    assert (due.filled, due.cells, due.lacking, due.next_cell) == (14, 14, (), None)
    assert due.is_complete


def test_a_closed_village_is_no_longer_asked(store: Store) -> None:
    key = village(store, "Thôn Hòa Ninh")
    closed = Unit.of(key, '{"kind":"village","name":"Thôn Hòa Ninh","valid_to":"2026-09-30"}')
    forms = forms_of(store)
    assert len(due_of(forms, FORM, "A2026Q4").units) == 10
    assert forms.forget(receive(store, [(Key(UNIT, key), [closed.content()])]))
    assert len(due_of(forms, FORM, "A2026Q4").units) == 9
    assert len(due_of(forms, FORM, "A2026Q3").units) == 10, "it was there"


def test_before_enrolment_the_one_unit_fills_every_form(empty: Store) -> None:
    empty.record_changes([(Key(VALUE, OWN_UNIT, "village_ct01", "A2026Q4"), "7")], "", NOW)
    due = due_of(forms_of(empty, OWN_UNIT), FORM, "A2026Q4")
    assert (due.filled, due.cells, due.units) == (1, 14, (OWN_UNIT,))


def test_the_latest_batch_of_each_unit_is_told_newest_first(store: Store) -> None:
    forms = forms_of(store)
    assert forms.received() == []
    forms.dues(TODAY)
    batches = forms.received()
    assert [(batch.period, batch.cells) for batch in batches] == [("A2026Q2", 14)] * 6
    assert [batch.received_at for batch in batches] == sorted((batch.received_at for batch in batches), reverse=True)


def test_a_round_is_asked_of_those_who_have_a_day_for_it_and_of_nobody_else(store: Store) -> None:
    asked, other = village(store, "Thôn Phú Hòa"), village(store, "Thôn Hòa Ninh")
    code = "A20261115-20261125Q"
    due = datetime.fromisoformat("2026-11-27T17:00+07:00")
    receive(store, [(Key(DEADLINE, asked, FORM, code), [Deadline(due).content()])])
    found = due_of(forms_of(store), FORM, code)
    assert (found.units, found.due, found.filled) == ((asked,), due, 0)
    assert due_of(forms_of(store, asked), FORM, code).due == due
    assert find(forms_of(store, other), FORM, code) is None
    assert find(forms_of(store), FORM, code, date(2026, 11, 14)) is None


def test_a_villages_own_day_goes_before_its_communes_while_it_lacks_figures(store: Store) -> None:
    late, early = village(store, "Thôn Hòa Ninh"), village(store, "Thôn Phú Hòa")
    day = datetime.fromisoformat("2026-11-01T17:00+07:00")
    for unit in (late, early):
        receive(store, [(Key(DEADLINE, unit, FORM, "A2026Q2"), [Deadline(day).content()])])
    assert due_of(forms_of(store, late), FORM, "A2026Q2").due == day
    # The commune is told of the earliest day of those who lack something, which is that of the others.
    assert due_of(forms_of(store), FORM, "A2026Q2").due == datetime.fromisoformat("2026-06-15T17:00+07:00")


def test_a_deadline_of_a_newer_version_is_left_alone(store: Store) -> None:
    receive(store, [(Key(DEADLINE, COMMUNE.key, FORM, "B2026Q9"), [Deadline(NOW).content()])])
    assert forms_of(store).dues(TODAY)
