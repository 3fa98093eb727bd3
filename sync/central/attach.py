"""Where a push meets what is held of its device's chain: what is known already, what is new, or nowhere."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from sync.central.tables import change as change_table
from sync.domain.errors import EnvironmentFault
from sync.protocol import chain
from sync.protocol.messages import Change, Link, Push
from sync.protocol.wire import MAX_ENDS

_BETWEEN: Final = select(change_table.c.n, change_table.c.hash, change_table.c.branch).where(
    change_table.c.province_code == bindparam("province"),
    change_table.c.device == bindparam("of_device"),
    change_table.c.n.between(bindparam("first"), bindparam("last")),
)


class Attached(NamedTuple):
    """The part of a push that is held already, and the part that is new, each new change with its hash.

    `forks` says that the first new change stands beside one that is held: somebody copied the device's folder.
    """

    known: Sequence[Change]
    fresh: Sequence[tuple[Change, bytes]]
    end: Link
    forks: bool


def attach(connection: Connection, province: str, device: str, push: Push) -> Attached | None:
    """Attach `push` wherever the link that it follows is known; None when it is not known here.

    Raises EnvironmentFault push_branch when the push claims a version that is held with another content: two PCs run
    one memory image. The centre keeps the first.
    """
    hashes = chain.hashes(push.after.hash, push.changes)
    end = Link(push.after.n + len(hashes), hashes[-1]) if hashes else push.after
    rows = connection.execute(
        _BETWEEN, {"province": province, "of_device": device, "first": push.after.n, "last": end.n}
    ).all()
    held = {(n, hashed) for n, hashed, _ in rows} | {chain.root(device)}
    if push.after not in held:
        return None
    links = enumerate(hashes, push.after.n + 1)
    count = next((place for place, link in enumerate(links) if link not in held), len(hashes))
    known, fresh = push.changes[:count], push.changes[count:]
    names = {(n, branch) for n, _, branch in rows}
    for change in fresh:
        if (change.n, change.branch) in names:
            raise EnvironmentFault("push_branch", n=change.n)
    forks = bool(fresh) and any(n == fresh[0].n for n, _, _ in rows)
    new = tuple(zip(fresh, hashes[count:], strict=True))
    return Attached(known, new, end, forks)


def ends(connection: Connection, province: str, device: str) -> list[Link]:
    """The last change of each of the device's branches that is held here, the longest first.

    No more of them than an answer names.
    """
    columns = change_table.c
    of_device = (columns.province_code == province, columns.device == device)
    last = select(columns.branch, func.max(columns.n).label("n")).where(*of_device).group_by(columns.branch).subquery()
    rows = connection.execute(
        select(columns.n, columns.hash)
        .join(last, (columns.branch == last.c.branch) & (columns.n == last.c.n))
        .where(*of_device)
        .order_by(columns.n.desc())
        .limit(MAX_ENDS)
    )
    return [Link(n, hashed) for n, hashed in rows]
