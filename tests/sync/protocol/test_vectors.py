"""Vectors: the same cursors have one name in whatever order, and others have another."""

from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.messages import Cursor, Subscription
from sync.protocol.vectors import vector_of
from tests.sync.protocol.generated import cursors, subscriptions

VECTORS = st.dictionaries(subscriptions, cursors, max_size=4)


@given(found=VECTORS, data=st.data())
def test_the_order_makes_no_difference(found: dict[Subscription, Cursor], data: st.DataObject) -> None:
    again = dict(data.draw(st.permutations(list(found.items()))))
    assert vector_of(again) == vector_of(found)
    assert len(vector_of(found)) == 8


@given(one=VECTORS, other=VECTORS)
def test_other_cursors_have_another_name(one: dict[Subscription, Cursor], other: dict[Subscription, Cursor]) -> None:
    assert (vector_of(one) == vector_of(other)) == (one == other)


def test_a_moved_cursor_has_another_name() -> None:
    commune, broadcast = Subscription("48.20194", "48.20194"), Subscription("*", "*")
    base = {commune: Cursor(7, "abc"), broadcast: Cursor(3, "def")}
    others = [
        base | {commune: Cursor(8, "abc")},
        base | {commune: Cursor(7, "abd")},
        {commune: base[broadcast], broadcast: base[commune]},
        {commune: base[commune]},
    ]
    assert len({vector_of(found) for found in [base, *others]}) == 5
