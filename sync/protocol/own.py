"""What comes back of a push: the records that its changes alone made are told by number, since their device has them.

Both ends make such a record by the same rule, so that neither can differ from what the other keeps and sums.
"""

from collections.abc import Sequence

import msgspec

from sync.protocol.messages import Change, Head, Page, Record


def alone(change: Change, at: int) -> Record:
    """The record of a cell in which nothing stood before `change` took effect, at the centre's time `at`."""
    head = Head(change.version, change.content, change.author, change.typed_at, at, change.extra)
    return Record(change.key, (head,))


def by_number(page: Page, changes: Sequence[Change], at: int) -> Page:
    """`page` with numbers in the place of those records that one of these `changes`, pushed just now, alone made."""
    made = {change.key: change for change in changes}
    others: list[Record] = []
    own: list[int] = []
    for record in page.records:
        change = made.get(record.key)
        if change is not None and record == alone(change, at):
            own.append(change.n)
        else:
            others.append(record)
    return msgspec.structs.replace(page, records=others, own=sorted(own))


def whole(page: Page, changes: Sequence[Change], at: int) -> Page:
    """`page` as it was before `by_number`. Raises KeyError for a number that is none of the `changes`."""
    made = {change.n: change for change in changes} if page.own else {}
    return msgspec.structs.replace(page, records=page.records + [alone(made[n], at) for n in page.own], own=[])
