"""The head rule: hand-made histories, and random ones against a plain definition of what must stand."""

from itertools import permutations
from random import Random

import pytest

from sync.domain.heads import Outcome, arrive


def settle(order: list[str], seen: dict[str, set[str]]) -> tuple[str, ...]:
    """Heads after the versions arrive in this order; a version's `seen` is known only once it has arrived.

    Every version has effect, so none has to be followed: what was named is all that has to be remembered.
    """
    heads: tuple[str, ...] = ()
    named: set[str] = set()
    for version in order:
        is_seen = version in named and not seen[version].issuperset(heads)
        heads, _ = arrive(heads, version, seen[version], is_seen=is_seen)
        named |= seen[version]
    return heads


def test_a_first_version_stands() -> None:
    assert arrive((), "a", (), is_seen=False) == (("a",), Outcome.APPLIED)


def test_an_edit_of_what_was_seen_replaces_it() -> None:
    assert arrive(("a",), "b", {"a"}, is_seen=False) == (("b",), Outcome.APPLIED)


def test_edits_that_did_not_see_each_other_both_stand_and_the_first_is_displayed() -> None:
    assert arrive(("b",), "c", {"a"}, is_seen=False) == (("b", "c"), Outcome.CONFLICT)


def test_a_resolution_that_saw_all_heads_leaves_one() -> None:
    assert arrive(("b", "c"), "r", {"b", "c"}, is_seen=False) == (("r",), Outcome.APPLIED)


def test_a_head_that_the_resolution_did_not_see_stays_beside_it() -> None:
    assert arrive(("b", "c", "d"), "r", {"b", "c"}, is_seen=False) == (("d", "r"), Outcome.CONFLICT)


def test_what_a_head_has_already_seen_is_history() -> None:
    assert arrive(("b",), "a", (), is_seen=True) == (("b",), Outcome.HISTORY)


def test_seen_is_followed_through_versions_that_no_longer_stand() -> None:
    seen = {"a": set(), "b": {"a"}, "c": {"b"}}
    assert settle(["a", "c", "b"], seen) == settle(["c", "a", "b"], seen) == ("c",)


def test_late_history_takes_its_own_ancestors_out_of_the_heads() -> None:
    # c saw b, which was not here yet; b saw a, which still stands. When b arrives, a is seen through it.
    assert arrive(("a", "c"), "b", {"a"}, is_seen=True) == (("c",), Outcome.HISTORY)


def test_the_same_version_again_changes_nothing() -> None:
    assert arrive(("a", "b"), "a", (), is_seen=False) == (("a", "b"), Outcome.HISTORY)


def test_a_loop_in_what_devices_claim_to_have_seen_ends() -> None:
    assert settle(["a", "b"], {"a": {"b"}, "b": {"a"}}) == ("b",)


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
