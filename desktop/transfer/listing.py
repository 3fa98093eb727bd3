"""The sync centre's lists in words: what waits, what was received, what is held back, and the journal."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from desktop.widgets import formats
from desktop.widgets.marks import Mark, mark_word
from desktop.widgets.naming import Names, brief, in_short
from desktop.widgets.rows import Row
from desktop.widgets.words import say
from sync.domain.authors import name_of
from sync.domain.revisions import Revision
from sync.store import CellState, Shown
from sync.store.journal import Line
from sync.store.transfers import Transfer
from sync.store.withdrawing import Withdrawn

_LOOKS = {
    CellState.SAVED: ("circle", ""),
    CellState.SENT: ("refresh-cw", "accent"),
    CellState.RECEIVED: ("check", "good"),
    CellState.PARKED: ("info", "warning"),
}
"""The icon and the pill's look of each state."""


def transfers(found: Sequence[Transfer], names: Names, now: datetime) -> list[Row]:
    """A row for each change of this PC: what, its value, who and when, and how far it has come."""
    rows = []
    for number, (key, entry) in enumerate(found):
        author, at = name_of(entry.author) or say("transfer.list.this_pc"), formats.near(entry.typed_at, now)
        said = brief(key, entry.content)
        details = [*([said] if said else ()), say("transfer.list.typed", author=author, at=at)]
        if entry.received_at is not None:
            details.append(say("transfer.list.received", at=formats.near(entry.received_at, now)))
        icon, look = _LOOKS[entry.state]
        word = mark_word(Mark(entry.state.name.lower()))
        rows.append(Row((number, key), icon, names.whole(key), " · ".join(details), word, look))
    return rows


def parked(cells: Iterable[Shown], typed: Iterable[str], answers: Iterable[str], names: Names) -> list[Row]:
    """A row for each cell whose last change is held back: what was typed, why, and what became of asking for it."""
    return [
        Row(
            ("parked", shown.key),
            "info",
            say("transfer.parked.title", what=names.whole(shown.key), value=in_short(content)),
            answer or formats.reason(shown.reason),
            say("transfer.parked.pill"),
            "warning",
            say("transfer.parked.open"),
        )
        for shown, content, answer in zip(cells, typed, answers, strict=True)
    ]


def answer(revision: Revision) -> str:
    """What became of a request to change an approved figure."""
    word = revision.answer or "open"
    return say(f"transfer.request.{word}", why=revision.why)


def withdrawn(found: Sequence[Withdrawn], names: Names, now: datetime) -> list[Row]:
    """A row for each change that was taken back: what it said, and whether that came too late."""
    rows = []
    for number, one in enumerate(found):
        entry = one.entry
        author, at = name_of(entry.author) or say("transfer.list.this_pc"), formats.near(entry.typed_at, now)
        word = "late" if one.in_effect else "done"
        rows.append(
            Row(
                (number, one.key),
                "undo",
                say("transfer.parked.title", what=names.whole(one.key), value=in_short(entry.content)),
                say("transfer.list.typed", author=author, at=at),
                say(f"transfer.withdrawn.{word}"),
                "warning" if one.in_effect else "",
                say("transfer.parked.open"),
            )
        )
    return rows


def journal(lines: Sequence[Line], now: datetime) -> list[Row]:
    """A row for each sync, in words."""
    return [_sync(number, line, now) for number, line in enumerate(lines)]


def report(lines: Sequence[Line]) -> str:
    """The journal as a text to send to whoever helps: times, counts, bytes and codes, and nothing that was typed."""
    rows = [
        f"{line.at:%Y-%m-%d %H:%M:%SZ} x{line.times} {line.took_ms} ms"
        f" {line.way or 'line'} sent {line.sent} received {line.received}"
        f" up {line.up_bytes} B down {line.down_bytes} B {line.fault or 'ok'}"
        for line in lines
    ]
    return "\n".join(rows) + "\n"


def _sync(number: int, line: Line, now: datetime) -> Row:
    moved = say(
        "transfer.journal.moved",
        sent=formats.number(Decimal(line.sent)),
        received=formats.number(Decimal(line.received)),
        up=formats.size(line.up_bytes),
        down=formats.size(line.down_bytes),
        took=formats.seconds(line.took_ms),
    )
    if line.file:
        moved = f"{line.file} · {moved}"
    pill = say("transfer.journal.ok")
    if line.fault:
        pill, title = say("transfer.journal.failed"), say(f"errors.{line.fault}.title")
        icon, look = "triangle-alert", "bad"
    elif line.way:
        icon, look, title = "file-text", "good", say(f"transfer.journal.way.{line.way}")
    elif line.is_quiet:
        icon, look, title = "check", "", say("transfer.journal.quiet")
    else:
        icon, look, title = "check", "good", say("transfer.journal.done")
    at = formats.near(line.at, now)
    detail = f"{say('transfer.journal.times', count=line.times)} {moved}" if line.times > 1 else moved
    return Row((number, line.at), icon, say("transfer.journal.title", at=at, what=title), detail, pill, look)
