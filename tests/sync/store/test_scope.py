"""What a device may see: granted, revoked and moved, without a word typed being lost."""

import pytest

from sync.domain.heads import Outcome
from sync.domain.keys import BROADCAST, UNIT, VALUE, Key, stream_of_device
from sync.protocol.digests import Digest
from sync.protocol.messages import Cursor, Record, Result, Subscription
from sync.store import CellState, Store
from sync.store import scope as scope_module
from sync.store.base import digest_of
from sync.store.healing import doubt_all, is_in_doubt
from sync.store.receiving import cursors
from sync.store.scope import _drop, leave, scope, take_scope
from sync.store.sending import outbox
from tests.sync.store.conversation import (
    AT,
    CELL,
    COMMUNE,
    OF_COMMUNE,
    OTHER,
    QUARTER,
    VILLAGE,
    head,
    page,
    push_all,
    record,
    take,
    write,
)

ELSEWHERE = "48.20308"
OF_ELSEWHERE = Subscription(ELSEWHERE, ELSEWHERE)
BROADCASTS = Subscription(BROADCAST, BROADCAST)
THEIRS = Key(VALUE, f"{ELSEWHERE}.001", "i", QUARTER)


def fill(store: Store, *units: str) -> None:
    """Be granted these units, and read them with what is broadcast."""
    take_scope(store, list(units))
    found: dict[Subscription, Record] = {
        OF_COMMUNE: record(head("7")),
        OF_ELSEWHERE: record(head("8", OTHER, 2), key=THEIRS),
    }
    for subscription, each in found.items():
        if subscription.root in units:
            take(store, page(each, subscription=subscription))
    take(
        store,
        page(record(head('{"kind":"commune","name":"Xã"}', OTHER, 3), key=Key(UNIT, COMMUNE)), subscription=BROADCASTS),
    )
    own = stream_of_device(store.device)
    take(store, page(subscription=Subscription(own, own)))


def test_the_scope_is_kept(store: Store) -> None:
    assert scope(store) == []
    take_scope(store, [COMMUNE, ELSEWHERE])
    assert scope(store) == [COMMUNE, ELSEWHERE]


def test_a_unit_that_is_granted_has_no_cursor_and_so_is_read_from_its_start(store: Store) -> None:
    fill(store, COMMUNE)
    before = cursors(store)
    assert not take_scope(store, [COMMUNE, ELSEWHERE])
    assert cursors(store) == before
    assert OF_ELSEWHERE not in before


def test_a_unit_that_is_revoked_leaves_with_its_base_and_nothing_else_does(store: Store) -> None:
    fill(store, COMMUNE, ELSEWHERE)
    own = stream_of_device(store.device)
    assert take_scope(store, [COMMUNE]).keys == {THEIRS}
    assert store.shown(THEIRS) is None
    assert store.shown(CELL) is not None
    assert store.shown(Key(UNIT, COMMUNE)) is not None
    assert set(cursors(store)) == {OF_COMMUNE, BROADCASTS, Subscription(own, own)}
    assert digest_of(store, OF_ELSEWHERE) == Digest()
    assert digest_of(store, OF_COMMUNE).rows == 1


def test_what_is_in_doubt_of_a_revoked_unit_is_no_longer_asked(store: Store) -> None:
    fill(store, COMMUNE, ELSEWHERE)
    for subscription in (OF_COMMUNE, OF_ELSEWHERE, BROADCASTS):
        doubt_all(store, subscription)
    take_scope(store, [COMMUNE])
    assert [is_in_doubt(store, each) for each in (OF_COMMUNE, OF_ELSEWHERE, BROADCASTS)] == [True, False, True]


def test_unsent_work_survives_a_revocation_and_is_still_sent(store: Store) -> None:
    fill(store, COMMUNE, ELSEWHERE)
    store.record_changes([(THEIRS, "9"), (CELL, "10")], "An", AT)
    before = outbox(store)
    take_scope(store, [COMMUNE])
    assert outbox(store) == before
    found = store.shown(THEIRS)
    assert found is not None
    assert (found.content, found.state) == ("9", CellState.SAVED)
    # The centre parks it: the person reads why, and the text stays.
    push_all(store, Result(1, Outcome.PARKED, "not_your_unit"))
    found = store.shown(THEIRS)
    assert found is not None
    assert (found.state, found.reason) == (CellState.PARKED, "not_your_unit")
    assert store.history(THEIRS)[0].content == "9"


def test_a_move_is_both_at_once(store: Store) -> None:
    fill(store, COMMUNE)
    write(store, "9")
    take_scope(store, [ELSEWHERE])
    assert OF_COMMUNE not in cursors(store)
    take(store, page(record(head("8", OTHER, 2), key=THEIRS), subscription=OF_ELSEWHERE, seq=4))
    assert cursors(store)[OF_ELSEWHERE] == Cursor(4, "t4")
    assert set(store.select(VALUE, "48")) == {CELL, THEIRS}
    assert store.waiting() == 1


def test_a_narrower_scope_keeps_what_lies_in_it_and_a_wider_one_all(store: Store) -> None:
    fill(store, COMMUNE)
    other = CELL._replace(unit=f"{COMMUNE}.004")
    take(store, page(record(head("5", OTHER, 9), key=other), seq=2))
    assert take_scope(store, [VILLAGE]).keys == {other}
    assert store.shown(CELL) is not None
    assert take_scope(store, ["48"]).keys == frozenset()
    assert store.shown(CELL) is not None
    assert OF_COMMUNE not in cursors(store)


@pytest.mark.parametrize("units", [[], [COMMUNE], [COMMUNE, ELSEWHERE]])
def test_the_same_scope_again_changes_nothing(store: Store, units: list[str]) -> None:
    fill(store, *units)
    before = [*store.db.execute("SELECT * FROM record"), *store.db.execute("SELECT * FROM cursor")]
    assert not take_scope(store, units)
    assert [*store.db.execute("SELECT * FROM record"), *store.db.execute("SELECT * FROM cursor")] == before


def test_with_no_unit_left_only_what_is_for_all_stays(store: Store) -> None:
    fill(store, COMMUNE, ELSEWHERE)
    assert take_scope(store, []).keys == {CELL, THEIRS}
    assert {key.kind for key in store.select(UNIT, "48")} == {UNIT}


def test_a_unit_that_was_leaving_when_the_power_failed_leaves_in_the_next_session(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, COMMUNE, ELSEWHERE)
    another = record(head("9", OTHER, 4), key=THEIRS._replace(unit=f"{ELSEWHERE}.002"))
    take(store, page(another, subscription=OF_ELSEWHERE, seq=2))
    dropped: list[str] = []

    def drop_one(store: Store, stream: str, unit: str) -> set[Key]:
        if dropped:
            raise KeyboardInterrupt
        dropped.append(unit)
        return _drop(store, stream, unit)

    with monkeypatch.context() as patch:
        patch.setattr(scope_module, "_drop", drop_one)
        with pytest.raises(KeyboardInterrupt):
            take_scope(store, [COMMUNE])
    # What this device may see is decided; the base follows as far as it came.
    assert scope(store) == [COMMUNE]
    assert OF_ELSEWHERE not in cursors(store)
    assert digest_of(store, OF_ELSEWHERE).rows == 1
    assert leave(store)
    assert not leave(store)
    assert not store.select(VALUE, ELSEWHERE)
    assert OF_ELSEWHERE not in cursors(store)
    assert not is_in_doubt(store, OF_ELSEWHERE)
    assert store.select(VALUE, COMMUNE)
