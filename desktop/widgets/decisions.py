"""Decisions over one form that speak against each other: who made which, when, and which of them may be chosen here."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from desktop.widgets.naming import Names
from desktop.widgets.words import say
from sync.domain.text import sort_key
from sync.domain.values import ContentError
from sync.domain.workflow import Status, is_of_content
from sync.store import Shown, Store
from sync.store.rights import Rights
from sync.store.submissions import Remarked, Submission, remarked


class Decision(NamedTuple):
    """One of them. `bar` is why it cannot be chosen here: "not_yours", or "other_content" for an approval of what does
    not stand any more; "" where it can."""

    content: str
    author: str
    typed_at: datetime
    bar: str


def decisions(submission: Submission, rights: Rights) -> list[Decision]:
    """What stands, then what speaks against it, what was refused for it last; none where nobody decided otherwise."""
    step, refused = submission.step, submission.refused
    if step is None or not (step.rivals or refused):
        return []
    against = (*step.rivals, refused) if refused else step.rivals
    found = [(step.content, step.author, step.typed_at)]
    found += [(rival.content, rival.author, rival.typed_at) for rival in against]
    # What stands alone is kept without a step, whoever is here.
    kept = "" if step.rivals else step.content
    return [Decision(*one, "" if one[0] == kept else _bar(submission, rights, one[0])) for one in found]


def _bar(submission: Submission, rights: Rights, content: str) -> str:
    if not rights.may_change(submission.key, content):
        return "not_yours"
    return "" if is_of_content(content, submission.digest) else "other_content"


def remarks_in(store: Store, step: Shown, content: str, names: Names) -> list[str]:
    """What a decision over the form of `step` says of single cells, a line for each; of those that may be seen here."""
    try:
        found = remarked(store, step, Status.of(content))
    except ContentError:
        return []  # of a newer version
    # Of a decision that does not stand nothing is mended.
    return remark_lines((one._replace(is_mended=False) for one in found), names)


def remark_lines(remarks: Iterable[Remarked], names: Names) -> list[str]:
    """A line for each cell, in the order of their labels: CT05: khác sổ thôn; and whether it was changed since."""
    lines = (
        say(f"widgets.step.{'mended' if one.is_mended else 'remark'}", cell=names.cell(one.figure), why=one.why)
        for one in remarks
    )
    return sorted(lines, key=sort_key)
