"""The head rule: hand-made histories, and random ones against a plain definition of what must stand."""

from itertools import permutations
from random import Random

import pytest

from sync.domain.heads import Outcome, arrive


def settle(order: list[str], seen: dict[str, set[str]]) -> tuple[str, ...]:
    """Heads after the versions arrive in this order; a version's `seen` is known only once it has arrived."""
    heads: tuple[str, ...] = ()
    arrived: dict[str, set[str]] = {}
    for version in order:
        arrived[version] = seen[version]
        heads, _ = arrive(heads, version, lambda v: arrived.get(v, set()))
    return heads


def test_a_first_version_stands() -> None:
    assert arrive((), "a", lambda v: ()) == (("a",), Outcome.APPLIED)


def test_an_edit_of_what_was_seen_replaces_it() -> None:
    seen = {"a": set(), "b": {"a"}}
    assert arrive(("a",), "b", lambda v: seen[v]) == (("b",), Outcome.APPLIED)


def test_edits_that_did_not_see_each_other_both_stand_and_the_first_is_displayed() -> None:
    seen = {"a": set(), "b": {"a"}, "c": {"a"}}
    assert arrive(("b",), "c", lambda v: seen[v]) == (("b", "c"), Outcome.CONFLICT)


def test_a_resolution_that_saw_all_heads_leaves_one() -> None:
    seen: dict[str, set[str]] = {"b": set(), "c": set(), "r": {"b", "c"}}
    assert arrive(("b", "c"), "r", lambda v: seen[v]) == (("r",), Outcome.APPLIED)


def test_a_head_that_the_resolution_did_not_see_stays_beside_it() -> None:
    seen: dict[str, set[str]] = {"b": set(), "c": set(), "d": set(), "r": {"b", "c"}}
    assert arrive(("b", "c", "d"), "r", lambda v: seen[v]) == (("d", "r"), Outcome.CONFLICT)


def test_what_a_head_has_already_seen_is_history() -> None:
    seen = {"a": set(), "b": {"a"}}
    assert arrive(("b",), "a", lambda v: seen[v]) == (("b",), Outcome.HISTORY)


def test_seen_is_followed_through_versions_that_no_longer_stand() -> None:
    seen = {"a": set(), "b": {"a"}, "c": {"b"}}
    assert arrive(("a",), "c", lambda v: seen[v]) == (("c",), Outcome.APPLIED)
    assert arrive(("c",), "a", lambda v: seen[v]) == (("c",), Outcome.HISTORY)


def test_late_history_takes_its_own_ancestors_out_of_the_heads() -> None:
    # c saw b, which was not here yet; b saw a, which still stands. When b arrives, a is seen through it.
    seen = {"a": set(), "b": {"a"}, "c": {"b"}}
    assert arrive(("a", "c"), "b", lambda v: seen[v]) == (("c",), Outcome.HISTORY)


def test_the_same_version_again_changes_nothing() -> None:
    assert arrive(("a", "b"), "a", lambda v: ()) == (("a", "b"), Outcome.HISTORY)


def test_a_loop_in_what_devices_claim_to_have_seen_ends() -> None:
    seen = {"a": {"b"}, "b": {"a"}}
    assert arrive(("a",), "b", lambda v: seen[v]) == (("b",), Outcome.APPLIED)


@pytest.mark.parametrize("seed", range(40))
def test_the_heads_do_not_depend_on_the_order_of_arrival(seed: int) -> None:
    random = Random(seed)
    versions = list("abcde")
    seen = {v: {w for w in versions[:i] if random.random() < 0.4} for i, v in enumerate(versions)}
    found = {frozenset(settle(list(order), seen)) for order in permutations(versions)}
    closure = {v: set(seen[v]) for v in versions}
    for v in versions:
        for w in list(closure[v]):
            closure[v] |= closure[w]
    unseen = frozenset(v for v in versions if not any(v in closure[w] for w in versions))
    assert found == {unseen}
