"""What whoever is here may do and see: the centre's own table, mirrored, and cells that others on this PC may see."""

from datetime import UTC, datetime

import pytest

from sync.domain.catalogue import Catalogue, Sensitivity
from sync.domain.keys import COMMENT, RIGHTS, STATUS, TASK, UNIT, VALUE, Key, stream_of_device
from sync.domain.rights import Action, Grant, Role, people_content
from sync.domain.workflow import Stage, State, Status
from sync.exchange.catalogue import load
from sync.protocol.messages import Subscription
from sync.store import Enrolment, Store
from sync.store.base import digest_of
from sync.store.receiving import cursors
from sync.store.rights import Rights
from sync.store.scope import scope, take_scope
from sync.store.sending import outbox
from sync.store.submissions import submissions
from sync.store.transfers import waiting
from tests.rights_table import ALLOWED, COMMUNE, OTHER_VILLAGE, PLACES, ROWS, VILLAGE, Attempt, attempts, may
from tests.sync.client.conftest import CATALOGUES
from tests.sync.store.conversation import OTHER, head, page, record, take

PUBLIC, INTERNAL, SENSITIVE = Sensitivity
AN, BINH = "Nguyễn Văn An", "Trần Thị Bình"
AT = datetime(2026, 6, 1, tzinfo=UTC)
PERIOD = "A2026Q2"
QUIET, SECRET = Key(VALUE, VILLAGE, "village_ct01", PERIOD), Key(VALUE, VILLAGE, "village_ct14", PERIOD)
FORM = "village_quarter"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(CATALOGUES)


def enrol(store: Store, unit: str = VILLAGE) -> None:
    store.keep_enrolment(Enrolment("http://localhost", "centre", bytes(32), "48", unit, AN))


def say_people(store: Store, **people: tuple[Grant, ...]) -> None:
    """The centre says who uses this PC."""
    own = stream_of_device(store.device)
    named = {{"an": AN, "binh": BINH}[name]: grants for name, grants in people.items()}
    found = record(head(people_content(named), OTHER, 9), key=Key(RIGHTS, own))
    take(store, page(found, subscription=Subscription(own, own)))


def of_class(attempt: Attempt, catalogue: Catalogue) -> Key:
    """The cell of an attempt, of a figure or a form of the shipped catalogue of its class."""
    items = {PUBLIC: "village_ct01", INTERNAL: "", SENSITIVE: "village_ct14"}
    return attempt.key._replace(item=items[attempt.sensitivity])


def test_every_role_action_distance_and_class_as_at_the_centre(store: Store, catalogue: Catalogue) -> None:
    plain = catalogue.indicators["village_ct01"]
    items = {one: plain._replace(key=one, sensitivity=one) for one in Sensitivity}
    form = catalogue.forms[FORM]
    section = form.sections[0]
    forms = {
        one: form._replace(key=one, sections=(section._replace(rows=(section.rows[0]._replace(indicator=one),)),))
        for one in Sensitivity
    }
    made = catalogue._replace(
        indicators={str(one): found for one, found in items.items()},
        forms={str(one): found for one, found in forms.items()},
        rules={},
    )
    enrol(store)
    asserted = 0
    # As enrolled first: once the centre has said who the people are, it never is so again.
    for (role, unit), up_to in reversed(ROWS):
        if role is Role.AS_ENROLLED:
            take_scope(store, [unit])
        else:
            say_people(store, an=(Grant(role, unit, up_to),))
        rights = Rights(store, made)
        for attempt in attempts(2026, dict.fromkeys(PLACES.values(), "Tên")):
            allowed = may((role, unit), up_to, attempt.action, attempt.place, attempt.sensitivity)
            if attempt.key.kind == TASK:
                # Who does a task may write some of it; which, `steps` says.
                allowed |= may((role, unit), up_to, Action.ENTER, attempt.place, PUBLIC)
            assert rights.may_change(attempt.key, attempt.content) == allowed, (role, unit, up_to, attempt)
            asserted += 1
        for place, at in PLACES.items():
            for one in Sensitivity:
                seen = may((role, unit), up_to, Action.READ, place, one)
                assert rights.sees(Key(VALUE, at, one, PERIOD)) == seen
                assert rights.sees(Key(COMMENT, at, one, PERIOD, "x")) == seen
                asserted += 2
        for action in (Action.OPEN, Action.CLOSE, Action.ADMINISTER):
            assert rights.highest(action) == (unit if action in ALLOWED[role, unit] else "")
    assert asserted == (8 * 3 + 1) * 6 * (6 * 3 + 6 + 2 * 3)


def test_before_enrolment_everything_is_theirs_and_then_what_the_scope_implies(
    store: Store, catalogue: Catalogue
) -> None:
    alone = Rights(store, catalogue)
    assert alone.may_change(SECRET)
    assert alone.sees(SECRET)
    assert not alone.has_people
    enrol(store, COMMUNE)
    for roots in ([], [COMMUNE]):
        take_scope(store, roots)
        rights = Rights(store, catalogue)
        assert not rights.has_people
        assert rights.may_change(SECRET)
        assert rights.may_change(Key(STATUS, VILLAGE, FORM, PERIOD), Status(State.RETURNED).content())
        assert not rights.may_change(Key(STATUS, COMMUNE, FORM, PERIOD), Status(State.RETURNED).content())
        assert not rights.may_change(Key(UNIT, VILLAGE))
        assert not rights.may_change(Key(STATUS, VILLAGE, FORM, PERIOD), "no step")
        assert not rights.may_change(Key(VALUE, "48.20194", "village_ct01", PERIOD))


def test_each_of_two_people_sees_what_is_theirs(store: Store, catalogue: Catalogue) -> None:
    enrol(store)
    for each in (QUIET, SECRET):
        take(store, page(record(head("7", OTHER, 1 + (each is SECRET)), key=each)))
    say_people(
        store, an=(Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE),), binh=(Grant(Role.COMMUNE_ENTRY, COMMUNE, PUBLIC),)
    )

    def sit(person: str) -> None:
        store.sign_in(person)
        store.sees = Rights(store, catalogue).sees

    sit(AN)
    assert set(store.cells(VALUE, VILLAGE)) == {QUIET, SECRET}
    store.record_changes([(SECRET, "8")], AN, AT)
    sit(BINH)
    assert set(store.cells(VALUE, VILLAGE)) == set(store.select(VALUE, COMMUNE)) == {QUIET}
    assert store.shown(SECRET) is None
    assert store.history(SECRET) == []
    assert waiting(store, 9) == []
    # What they type themselves they see, and nothing of what stands behind it.
    store.record_changes([(SECRET, "9")], BINH, AT)
    shown = store.shown(SECRET)
    assert shown is not None
    assert (shown.content, shown.rivals) == ("9", ())
    assert [entry.content for entry in store.history(SECRET)] == ["9"]
    assert [one.entry.content for one in waiting(store, 9)] == ["9"]
    store.record_changes([(SECRET, "10")], BINH, AT)
    sit(AN)
    assert [entry.content for entry in store.history(SECRET)] == ["10", "9", "8", "7"]
    # And they put nothing in its place: should they get the right, both figures stand beside each other.
    changes = {change.content: change for change in outbox(store).changes}
    seen = {content: [version.n for version in change.seen] for content, change in changes.items()}
    assert seen == {"8": [2], "9": [], "10": [changes["9"].n]}


def test_the_unit_before_somebody_is_the_one_of_their_role(store: Store) -> None:
    enrol(store, VILLAGE)

    def unit() -> str:
        found = store.enrolment()
        assert found is not None
        return found.unit

    assert unit() == VILLAGE
    say_people(store, an=(Grant(Role.COMMUNE_ENTRY, COMMUNE, PUBLIC), Grant(Role.VILLAGE_ENTRY, VILLAGE, PUBLIC)))
    assert unit() == COMMUNE
    say_people(store, an=(), binh=(Grant(Role.VILLAGE_ENTRY, OTHER_VILLAGE, PUBLIC),))
    assert unit() == VILLAGE
    store.sign_in(BINH)
    assert unit() == OTHER_VILLAGE


def test_a_form_of_which_not_all_is_seen_is_called_approved_as_the_centre_has_it(
    store: Store, catalogue: Catalogue
) -> None:
    enrol(store)
    approved = Status(State.APPROVED, "d" * 32).content()
    take(store, page(record(head("7", OTHER, 1), key=QUIET)))
    take(store, page(record(head(approved, OTHER, 2), key=Key(STATUS, VILLAGE, FORM, PERIOD))))

    def stage() -> Stage:
        return submissions(store, VILLAGE, FORM, ["village_ct01", "village_ct14"], PERIOD)[VILLAGE].stage

    assert stage() is Stage.WAITING
    say_people(store, an=(Grant(Role.VILLAGE_ENTRY, VILLAGE, INTERNAL),))
    store.sees = Rights(store, catalogue).sees
    assert stage() is Stage.APPROVED


# A scope that names the last class that is seen


def test_what_is_seen_no_longer_leaves_before_the_rest_is_read_again(store: Store) -> None:
    enrol(store, COMMUNE)
    take_scope(store, [COMMUNE])
    whole = Subscription(COMMUNE, COMMUNE)
    take(
        store, page(record(head("7", OTHER, 1), key=QUIET), record(head("8", OTHER, 2), key=SECRET), subscription=whole)
    )
    store.record_changes([(SECRET, "9")], AN, AT)
    gone = take_scope(store, [f"{COMMUNE}:internal"])
    assert gone.keys == {QUIET, SECRET}
    assert scope(store) == [f"{COMMUNE}:internal"]
    assert whole not in cursors(store)
    assert digest_of(store, Subscription(f"{COMMUNE}:internal", COMMUNE)).rows == 0
    # What was typed here stays, and is still sent.
    shown = store.shown(SECRET)
    assert shown is not None
    assert (shown.content, store.waiting()) == ("9", 1)
    part = Subscription(f"{COMMUNE}:internal", COMMUNE)
    take(store, page(record(head("7", OTHER, 1), key=QUIET), subscription=part))
    assert digest_of(store, part).rows == 1
    assert not take_scope(store, [COMMUNE])
    assert store.shown(QUIET) is not None
