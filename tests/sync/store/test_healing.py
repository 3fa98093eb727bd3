"""Doubt, checks and healing: it ends, it brings the base to the centre's, and it never touches what waits here."""

from collections import Counter
from collections.abc import Mapping
from random import Random

import pytest

from sync.domain.errors import EnvironmentFault
from sync.domain.heads import Outcome
from sync.domain.keys import VALUE, Key, stream_of_device
from sync.protocol.digests import Digest, heads_bytes, row_hash, versions_bytes
from sync.protocol.messages import Check, Heal, Record, Result, Subscription, Verdict, Version
from sync.store import CellState, ChangeSet, Store
from sync.store import connection as file
from sync.store.base import digest_of
from sync.store.healing import (
    MAX_CHECKS,
    checks,
    doubt_all,
    is_in_doubt,
    lost_versions,
    take_heals,
    take_known,
)
from sync.store.sending import outbox, take_receipts
from tests.sync.store.conversation import (
    AT,
    CELL,
    COMMUNE,
    OF_COMMUNE,
    OTHER,
    QUARTER,
    THIRD,
    VILLAGE,
    cell,
    forgot,
    head,
    page,
    pull,
    push_all,
    record,
    take,
    version,
    write,
)

Truth = Mapping[Key, Record]


def item(n: int, unit: str = VILLAGE) -> Key:
    return Key(VALUE, unit, f"i{n:04}", QUARTER)


def many(count: int, first_n: int = 1) -> dict[Key, Record]:
    return {item(n): record(head(str(n), OTHER, first_n + n), key=item(n)) for n in range(count)}


def in_range(truth: Truth, check: Check) -> list[Record]:
    return [
        truth[key]
        for key in sorted(truth)
        if (check.low is None or key >= check.low) and (check.high is None or key < check.high)
    ]


def digest(records: list[Record]) -> Digest:
    total = Digest()
    for each in records:
        total = total.with_row(row_hash(each.key, heads_bytes(each.heads), versions_bytes(each.prev)))
    return total


def doubt(store: Store, subscription: Subscription = OF_COMMUNE) -> None:
    with file.writing(store.db):
        doubt_all(store, subscription)


def doubt_in_parts(store: Store) -> list[Check]:
    """Doubt everything, and hear that it differs."""
    doubt(store)
    take_heals(store, checks(store), [Heal(0, Verdict.SPLIT)])
    return checks(store)


def healed(index: int, *records: Record, up_to: Key | None = None) -> Heal:
    return Heal(index, Verdict.HEALED, list(records), up_to)


def content(store: Store, key: Key = CELL) -> str | None:
    found = store.shown(key)
    return found.content if found else None


# The words of the centre, one by one


def test_nothing_is_checked_while_nothing_is_in_doubt(store: Store) -> None:
    pull(store, record(head("7")))
    assert checks(store) == []


def test_a_check_says_what_is_held_of_its_range(store: Store) -> None:
    rows = [record(head("7"), prev=[version(THIRD, 1)]), record(head("8"), head("9", THIRD), key=cell(2))]
    pull(store, *rows)
    doubt(store)
    assert checks(store) == [Check(OF_COMMUNE, None, None, 2, digest(rows).brief())]


def test_a_doubt_is_kept_until_it_is_answered(store: Store) -> None:
    doubt(store)
    asked = checks(store)
    assert not take_heals(store, asked, [])
    assert checks(store) == asked


def test_a_word_on_what_was_not_asked_changes_nothing(store: Store) -> None:
    doubt(store)
    asked = checks(store)
    with pytest.raises(EnvironmentFault, match="server_failed"):
        take_heals(store, asked, [Heal(0, Verdict.AGREES), Heal(len(asked), Verdict.AGREES)])
    assert checks(store) == asked


def test_what_agrees_is_no_longer_in_doubt(store: Store) -> None:
    pull(store, record(head("7")))
    doubt(store)
    assert not take_heals(store, checks(store), [Heal(0, Verdict.AGREES)])
    assert not is_in_doubt(store, OF_COMMUNE)
    assert content(store) == "7"


def test_a_doubt_is_of_all_at_first(store: Store) -> None:
    """Where to split it, the whole base would have to say while the page is written, and a person waits to type."""
    pull(store, *many(400).values())
    doubt(store)
    assert [(each.low, each.high, each.rows) for each in checks(store)] == [(None, None, 400)]


def test_what_differs_is_split_in_parts_that_join_without_a_gap(store: Store) -> None:
    pull(store, *many(400).values())
    parts = doubt_in_parts(store)
    assert [part.rows for part in parts] == [25] * MAX_CHECKS
    assert [part.low for part in parts[1:]] == [part.high for part in parts[:-1]]
    assert (parts[0].low, parts[-1].high) == (None, None)


def test_a_split_doubts_smaller_parts_of_that_range_alone(store: Store) -> None:
    pull(store, *many(2_000).values())
    whole = doubt_in_parts(store)
    take_heals(store, whole, [Heal(0, Verdict.SPLIT), *(Heal(n, Verdict.AGREES) for n in range(1, MAX_CHECKS))])
    parts = checks(store)
    assert len(parts) == MAX_CHECKS
    assert sum(part.rows for part in parts) == whole[0].rows
    assert (parts[0].low, parts[-1].high) == (whole[0].low, whole[0].high)
    assert [part.low for part in parts[1:]] == [part.high for part in parts[:-1]]


def test_one_request_checks_few_ranges_and_the_next_one_the_rest(store: Store) -> None:
    pull(store, *many(2_000).values())
    take_heals(store, doubt_in_parts(store), [Heal(index, Verdict.SPLIT) for index in range(MAX_CHECKS)])
    asked: list[Check] = []
    while is_in_doubt(store, OF_COMMUNE):
        part = checks(store)
        assert len(part) <= MAX_CHECKS
        asked += part
        take_heals(store, part, [Heal(index, Verdict.AGREES) for index in range(len(part))])
    assert len(asked) == 256
    assert sum(check.rows for check in asked) == 2_000


def test_a_healing_brings_what_is_missing_and_what_is_wrong(store: Store) -> None:
    pull(store, record(head("7")))
    doubt(store)
    truth = [record(head("8", OTHER, 2), prev=[version(OTHER, 1)]), record(head("5"), key=cell(2))]
    assert take_heals(store, checks(store), [healed(0, *truth)]).keys == {CELL, cell(2)}
    assert (content(store), content(store, cell(2))) == ("8", "5")
    assert digest_of(store, OF_COMMUNE) == digest(truth)
    assert not is_in_doubt(store, OF_COMMUNE)


def test_what_a_healing_does_not_name_leaves_the_base_and_stays_on_the_screen(store: Store) -> None:
    """Absence means something only here; and even so nothing that was shown is taken away."""
    pull(store, record(head("7")), record(head("5"), key=cell(2)))
    doubt(store)
    assert take_heals(store, checks(store), [healed(0, record(head("5"), key=cell(2)))]).keys == {CELL, cell(2)}
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.state) == ("7", CellState.SENT)
    assert digest_of(store, OF_COMMUNE) == digest([record(head("5"), key=cell(2))])


def test_a_healing_of_a_part_takes_nothing_from_behind_it(store: Store) -> None:
    rows = many(10)
    pull(store, *rows.values())
    doubt(store)
    part = [record(head("new", OTHER, 99), key=item(0), prev=[version(OTHER, 1)])]
    take_heals(store, checks(store), [healed(0, *part, up_to=item(3))])
    held = digest_of(store, OF_COMMUNE)
    assert held == digest([*part, *(rows[item(n)] for n in range(3, 10))])
    (rest,) = checks(store)
    assert (rest.low, rest.high, rest.rows) == (item(3), None, 7)


def test_a_healing_touches_no_other_subscription(store: Store) -> None:
    below = Subscription(VILLAGE, COMMUNE)
    other = item(1, f"{COMMUNE}.004")
    pull(store, record(head("7")), record(head("9"), key=other))
    doubt(store, below)
    take_heals(store, checks(store), [healed(0)])
    assert digest_of(store, Subscription(f"{COMMUNE}.004", COMMUNE)).rows == 1
    assert digest_of(store, below) == Digest()


def test_an_answer_to_a_check_that_is_no_longer_asked_changes_nothing(store: Store) -> None:
    """Two answers to one question, or an answer that came after the scope was taken away."""
    pull(store, record(head("7")))
    doubt(store)
    asked = checks(store)
    take_heals(store, asked, [Heal(0, Verdict.AGREES)])
    assert not take_heals(store, asked, [healed(0)])
    assert digest_of(store, OF_COMMUNE).rows == 1


@pytest.mark.parametrize("verdict", [Verdict.AGREES, Verdict.SPLIT, Verdict.HEALED])
def test_an_answer_about_a_part_says_nothing_of_more_that_is_in_doubt_since(store: Store, verdict: Verdict) -> None:
    """A page of the same answer did not prove itself: the part that was asked about begins where all of it begins."""
    pull(store, *many(400).values())
    asked = doubt_in_parts(store)
    assert asked[0].low is None
    doubt(store)
    take_heals(store, asked, [Heal(0, verdict)])
    assert [(each.low, each.high, each.rows) for each in checks(store)] == [(None, None, 400)]


def test_what_waits_here_is_never_touched(store: Store) -> None:
    pull(store, record(head("7")))
    store.record_changes([(CELL, "1"), (cell(2), "2")], "An", AT)
    before = outbox(store)
    doubt(store)
    take_heals(store, checks(store), [healed(0)])
    assert outbox(store) == before
    assert (content(store), content(store, cell(2))) == ("1", "2")
    assert store.waiting() == 2


# What was lost


def lose(store: Store, *records: Record) -> None:
    """Hold these, of which the centre then has nothing."""
    pull(store, *records)
    doubt(store)
    while asked := checks(store):
        take_heals(store, asked, [healed(index) for index in range(len(asked))])


def ask(store: Store, *known: Version) -> list[tuple[Key, Version]]:
    """Ask the centre of everything that it seems to have lost; it knows these. Gives what it does not."""
    return take_known(store, lost_versions(store), known)[1]


def test_what_the_centre_lost_is_asked_for_by_version(store: Store) -> None:
    lose(store, record(head("7")), record(head("8"), head("9", THIRD), key=cell(2)))
    lost = [(CELL, version(OTHER, 1)), (cell(2), version(OTHER, 1)), (cell(2), version(THIRD, 1))]
    assert sorted(lost_versions(store)) == sorted(lost)
    assert sorted(ask(store)) == sorted(lost)
    assert sorted(lost_versions(store)) == sorted(lost)


def test_what_is_in_doubt_or_being_read_is_neither_asked_for_nor_given_up(store: Store) -> None:
    """The base does not show yet what stands there for it."""
    lose(store, record(head("7")))
    asked = lost_versions(store)
    take(store, page(seq=2, more=True))
    assert lost_versions(store) == []
    assert take_known(store, asked, [version(OTHER, 1)]) == (ChangeSet(), [])
    take(store, page(seq=3))
    doubt(store)
    assert lost_versions(store) == []
    assert take_known(store, asked, [version(OTHER, 1)]) == (ChangeSet(), [])
    assert content(store) == "7"
    take_heals(store, checks(store), [Heal(0, Verdict.AGREES)])
    assert lost_versions(store) == asked


def test_what_was_typed_here_the_own_log_and_stream_know(store: Store) -> None:
    """What the centre holds parked, it says it does not hold; here it stands in the log, with its reason."""
    own = Subscription(stream_of_device(store.device), stream_of_device(store.device))
    write(store, "1")
    push_all(store)
    lose(store, record(head("1", store.device, 1)))
    asked = lost_versions(store)
    assert asked == [(CELL, version(store.device, 1))]
    doubt(store, own)
    assert lost_versions(store) == []
    assert take_known(store, asked, [version(store.device, 1)]) == (ChangeSet(), [])
    take_heals(store, checks(store), [Heal(0, Verdict.AGREES)])
    take_receipts(store, outbox(store), forgot())
    assert ask(store) == asked
    push_all(store, Result(1, Outcome.PARKED, "period_closed"))
    assert ask(store) == []
    assert lost_versions(store) == []


def test_what_was_lost_is_no_part_of_what_is_held(store: Store) -> None:
    """Otherwise no check of its range would ever agree again."""
    pull(store, record(head("7")), record(head("8"), key=cell(2)))
    doubt(store)
    rest = [record(head("8"), key=cell(2))]
    take_heals(store, checks(store), [healed(0, *rest)])
    assert content(store) == "7"
    doubt(store)
    (check,) = checks(store)
    assert (check.rows, check.digest) == (1, digest(rest).brief())


def test_what_the_centre_knows_after_all_leaves_the_screen(store: Store) -> None:
    """It stands in the centre's history: somebody has typed over it there."""
    pull(store, record(head("7")))
    doubt(store)
    take_heals(store, checks(store), [healed(0, record(head("8", THIRD)))])
    assert content(store) == "7"
    assert take_known(store, lost_versions(store), [version(OTHER, 1)]) == (ChangeSet(frozenset({CELL})), [])
    found = store.shown(CELL)
    assert found is not None
    assert (found.content, found.state, found.rivals) == ("8", CellState.RECEIVED, ())
    assert lost_versions(store) == []


def test_what_the_centre_does_not_know_stays(store: Store) -> None:
    lose(store, record(head("7")))
    assert ask(store, version(THIRD, 9)) == [(CELL, version(OTHER, 1))]
    assert content(store) == "7"


def test_what_is_known_of_one_cell_says_nothing_of_another(store: Store) -> None:
    """One hand typed into both, into this one before: the centre's having the later says nothing of the earlier."""
    lose(store, record(head("7", OTHER, 4)), record(head("8", OTHER, 9), key=cell(2)))
    ask(store, version(OTHER, 9))
    assert content(store) == "7"
    assert store.shown(cell(2)) is None


def test_who_types_over_what_was_lost_names_it(store: Store) -> None:
    lose(store, record(head("7"), prev=[version(THIRD, 3)]))
    write(store, "8")
    assert set(outbox(store).changes[-1].seen) == {version(OTHER, 1), version(THIRD, 3)}


# All together


@pytest.mark.parametrize("seed", range(10))
def test_healing_ends_at_the_centres_state_whatever_it_chooses_to_say(store: Store, seed: int) -> None:
    """Any base against any centre; the centre answers some checks late, in parts, or by splitting."""
    random = Random(seed)
    happened: Counter[str] = Counter()
    mine, truth = many(1_500), many(1_500)
    for n in random.sample(range(1_500), 40):
        del mine[item(n)]
    for n in random.sample(range(1_500), 40):
        truth.pop(item(n), None)
    for n in random.sample(range(1_500), 20):
        truth[item(n)] = record(head("x", THIRD, n + 1), key=item(n), prev=[version(OTHER, n + 1)])
    pull(store, *mine.values())
    store.record_changes([(item(n), "5") for n in range(3)], "An", AT)
    waiting = outbox(store)
    doubt(store)
    for _ in range(200):
        asked = checks(store)
        if not asked:
            break
        heals: list[Heal] = []
        for index, check in enumerate(asked):
            held = in_range(truth, check)
            if random.random() < 0.1:
                happened["not compared"] += 1
            elif (digest(held).rows, digest(held).brief()) == (check.rows, check.digest):
                happened["agrees"] += 1
                heals.append(Heal(index, Verdict.AGREES))
            elif check.rows > 64 and random.random() < 0.7:
                happened["split"] += 1
                heals.append(Heal(index, Verdict.SPLIT))
            elif len(held) > 10:
                happened["in parts"] += 1
                heals.append(healed(index, *held[:10], up_to=held[10].key))
            else:
                happened["healed"] += 1
                heals.append(healed(index, *held))
        take_heals(store, asked, heals)
    assert checks(store) == []
    assert digest_of(store, OF_COMMUNE) == digest(list(truth.values()))
    assert outbox(store) == waiting
    # Nothing that was shown has gone: what the centre has not, it is asked for.
    assert set(mine) | set(truth) == set(store.cells(VALUE, VILLAGE))
    assert {key for key, _ in lost_versions(store)} >= set(mine) - set(truth)
    assert len(happened) == 5, happened


def test_pages_and_healing_reach_the_same_base(store: Store) -> None:
    rows = many(100)
    take(store, page(*rows.values(), digest=digest(list(rows.values())).brief()))
    assert not is_in_doubt(store, OF_COMMUNE)
    doubt(store)
    asked = checks(store)
    assert sum(check.rows for check in asked) == 100
    assert [check.digest for check in asked] == [digest(in_range(rows, check)).brief() for check in asked]
