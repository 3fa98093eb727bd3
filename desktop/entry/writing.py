"""How what a person did reaches the store, at once or, where it is much, on a thread of its own, and is taken back."""

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal, Slot

from desktop.entry.contents import Contents, Unsaved
from desktop.entry.steps import Action, Step, Steps
from desktop.feed import Feed
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE, Key
from sync.domain.numbers import Convention
from sync.domain.values import CLEARED, with_kept_note
from sync.store import ChangeSet, Shown, Store, typed_over

AT_ONCE: Final = 400
"""Cells that are written while the person waits: no longer than they notice, also on an old PC."""
MOST_CELLS: Final = 100_000
"""Cells of one gesture."""
_TURN_S: Final = 0.0005
"""How long the thread keeps the interpreter while the window asks for it, at every of its many looks into the store."""
_TOLD: Final = 10_000
"""Changes that are told of at a time: every screen looks at each of them, and shows itself anew."""

_Make = Callable[[], Mapping[Key, str]]


class Way(StrEnum):
    """Whether a step was done, taken back or done again."""

    DO = "do"
    UNDO = "undo"
    REDO = "redo"


class Outcome(NamedTuple):
    """What became of a step, told as it was once done: `left` are cells that somebody else changed since, `parked`
    those that show what stands without it. With a `fault` or a `stop` nothing was done."""

    way: Way
    step: Step
    left: frozenset[Key] = frozenset()
    parked: frozenset[Key] = frozenset()
    fault: EnvironmentFault | None = None
    stop: "Stop | None" = None


class Kept(NamedTuple):
    """What outlives a grid and its window: what could not be stored, and the steps to undo."""

    unsaved: dict[Key, Unsaved]
    steps: Steps


class Stop(Exception):
    """Why a step is not done, though nothing is wrong with the store: the person gave it up, or must decide first."""


class Ambiguous(Stop):
    """Figures of the block are written in another convention, or may be.

    `readings` are what each convention makes of the `example`, the likelier one first; None where it is no number.
    """

    def __init__(self, example: str, readings: Mapping[Convention, Decimal | None]) -> None:
        super().__init__(example)
        self.example, self.readings = example, readings


class Overwriting(Stop):
    """Some cells hold something else, or what they shall hold is no number, or it is `doubtful` that these cells were
    meant: shown before it is done."""

    def __init__(self, edits: Mapping[Key, tuple[str, str]], doubtful: bool) -> None:
        super().__init__(len(edits))
        self.edits, self.doubtful = edits, doubtful


class Written(Mapping[Key, Shown]):
    """What the cells of many `edits` show now, made when it is looked at; the `unknown` ones are to be read."""

    def __init__(self, edits: Mapping[Key, tuple[str, str]], unknown: set[Key], author: str, at: datetime) -> None:
        self._edits, self.unknown, self._author, self._at = edits, unknown, author, at

    def __contains__(self, key: object) -> bool:
        return key in self._edits and key not in self.unknown

    def __getitem__(self, key: Key) -> Shown:
        shown = None if key in self.unknown else typed_over(None, key, self._edits[key][1], self._author, self._at)
        if shown is None:
            raise KeyError(key)
        return shown

    def __iter__(self) -> Iterator[Key]:
        return (key for key in self._edits if key not in self.unknown)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Writer(QObject):
    """The one door into the store, for what `author` does; `open_store` gives another thread a connection of its own.

    `ended` carries the Outcome of every step. While `busy` nothing else may be written.
    """

    began = Signal(int)
    progressed = Signal(int, int)
    ended = Signal(object)
    _written = Signal(object, object)

    def __init__(
        self,
        store: Store,
        open_store: Callable[[], Store],
        feed: Feed,
        clock: Callable[[], datetime],
        kept: Kept,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._open_store, self._feed = store, open_store, feed
        self._clock, self.kept = clock, kept
        self.author = ""
        self._thread: threading.Thread | None = None
        self._given_up = threading.Event()
        self._untold: list[ChangeSet] = []
        self._meanwhile: set[Key] = set()
        """What others changed while much is written here."""
        self._outcome: Outcome | None = None
        self._written.connect(self._take)
        feed.changed.connect(self._hear)

    @property
    def busy(self) -> bool:
        return self._thread is not None

    # At once

    def write(self, contents: Contents, typed: Mapping[Key, str], action: Action, form: str) -> bool:
        """Store a gesture's contents as one step. Whether they are safe; where not, they wait in `unsaved`."""
        step = Step(action, form, {})
        edits = {key: _edit(step, key, contents.content(key), typed[key]) for key in typed}
        step = step._replace(edits=edits, decided=_contested({key: contents.shown(key) for key in typed}))
        safe = self.store(contents, {key: after for key, (_, after) in step.edits.items()})
        self.kept.steps.did(step)
        self.ended.emit(Outcome(Way.DO, step))
        return safe

    def store(self, contents: Contents, typed: Mapping[Key, str]) -> bool:
        """Write what says anything new, together with all that waits for a place to be saved."""
        unsaved = self.kept.unsaved
        edits = {key: waiting.content for key, waiting in unsaved.items()}
        edits |= {key: content for key, content in typed.items() if key in edits or not contents.says(key, content)}
        if not edits:
            return True
        known: dict[Key, Shown] = {}
        try:
            # The cell shows the conflict: whoever types into it decides over what they see there.
            before = {key: contents.shown(key) for key in edits}
            over = {key: cell.rivals for key, cell in before.items() if cell and cell.rivals}
            at = self._clock()
            for key in self._store.record_changes(list(edits.items()), self.author, at, over).keys:
                shown = typed_over(before[key], key, edits[key], self.author, at)
                if shown is not None:
                    known[key] = shown
            unsaved.clear()
            return True
        except EnvironmentFault as fault:
            unsaved |= {key: Unsaved(content, fault) for key, content in edits.items()}
            return False
        finally:
            # Stored or not, what the screen must say of these cells has changed, and goes out by the same door.
            self._feed.changed.emit(ChangeSet(frozenset(edits), known))

    # Taking back

    def undo(self, contents: Contents) -> bool:
        """Take the last step back, by new changes. Whether there was one."""
        steps = self.kept.steps
        if self.busy or not steps.done:
            return False
        self._change(contents, steps.done.pop(), Way.UNDO)
        return True

    def redo(self, contents: Contents) -> bool:
        """Do again what was undone last. Whether there was any."""
        steps = self.kept.steps
        if self.busy or not steps.undone:
            return False
        self._change(contents, steps.undone.pop(), Way.REDO)
        return True

    def _change(self, contents: Contents, step: Step, way: Way) -> None:
        if len(step.edits) > AT_ONCE:
            self._begin(step, way, _nothing_made, len(step.edits), sure=True)
            return
        meant = step.back() if way is Way.UNDO else step
        shown = {key: self._store.shown(key) for key in meant.edits}
        held = {key: edit for key, edit in meant.edits.items() if self._stands(shown[key], key, edit[0])}
        self.store(contents, {key: after for key, (_, after) in held.items()})
        done = step._replace(edits={key: edit for key, edit in step.edits.items() if key in held})
        self._remember(Outcome(way, done, *_untouched(step, done, shown)))

    def _stands(self, shown: Shown | None, key: Key, content: str) -> bool:
        """Whether the cell still says what the step left in it, and nobody says otherwise."""
        waiting = self.kept.unsaved.get(key)
        if waiting is not None:
            return waiting.content == content
        return stands(shown, content)

    def _remember(self, outcome: Outcome) -> None:
        steps, step = self.kept.steps, outcome.step
        if outcome.way is Way.DO:
            steps.did(step)
        elif step.edits and outcome.way is Way.UNDO:
            steps.undone.append(step)
        elif step.edits:
            steps.done.append(step)
        self.ended.emit(outcome)

    # Much at a time

    def write_made(
        self,
        contents: Contents,
        step: Step,
        count: int,
        make: _Make,
        sure: bool = False,
        doubtful: bool = False,
    ) -> None:
        """Store what `make` gives, some `count` cells, in one transaction; many of them on a thread of its own.

        The step has no edits yet. Unless the person is `sure`, it stops before anything is overwritten, and in any case
        where it is `doubtful` that these cells were meant.
        """
        if self.busy:
            return
        if count > AT_ONCE:
            self._begin(step, Way.DO, make, count, sure, doubtful)
            return
        try:
            wanted = make()
            edits = {key: _edit(step, key, contents.content(key), content) for key, content in wanted.items()}
            _look_before(edits, sure, doubtful)
        except Stop as stop:
            self.ended.emit(Outcome(Way.DO, step, stop=stop))
            return
        self.write(contents, wanted, step.action, step.form)

    def cancel(self) -> None:
        """Give up what is being written; all of it is taken back."""
        self._given_up.set()

    def finish(self) -> None:
        """Wait until what is being written is stored."""
        if self._thread is not None:
            self._thread.join()
            QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall.value)
            while self.busy:
                self._tell_on()

    def _begin(self, step: Step, way: Way, make: _Make, count: int, sure: bool, doubtful: bool = False) -> None:
        self._given_up.clear()
        self._meanwhile.clear()
        work = (step, way, make, self._clock(), sure, doubtful)
        self._thread = threading.Thread(target=self._work, args=work, name="writing")
        self.began.emit(count)
        self._thread.start()

    def _work(self, step: Step, way: Way, make: _Make, at: datetime, sure: bool, doubtful: bool) -> None:
        """On the thread: read what stands, and write what differs."""
        store: Store | None = None
        patience = sys.getswitchinterval()
        sys.setswitchinterval(_TURN_S)
        try:
            meant = step.back() if way is Way.UNDO else step
            wanted = make() if way is Way.DO else {key: after for key, (_, after) in meant.edits.items()}
            edits: dict[Key, tuple[str, str]] = {}
            spoken_against: set[Key] = set()
            decided: frozenset[Key] = frozenset()
            untouched: tuple[frozenset[Key], frozenset[Key]] = (frozenset(), frozenset())

            def edited(shown: Mapping[Key, Shown]) -> list[tuple[Key, str]]:
                nonlocal edits, decided, untouched
                spoken_against.update(key for key, cell in shown.items() if cell.rivals or cell.reason)
                if way is Way.DO:
                    edits, decided = _edits(step, shown, wanted), _contested(shown)
                    _look_before(edits, sure, doubtful)
                else:
                    edits = {key: edit for key, edit in meant.edits.items() if stands(shown.get(key), edit[0])}
                    untouched = _untouched(step, meant._replace(edits=edits), shown)
                return [(key, after) for key, (_, after) in edits.items()]

            store = self._open_store()
            report = partial(self._report, len(wanted))
            kept = store.record_made(wanted, edited, self.author, at, report)
            known = Written(edits, spoken_against, self.author, at)
            told = [ChangeSet(frozenset(kept[place : place + _TOLD]), known) for place in range(0, len(kept), _TOLD)]
            done = meant._replace(edits=edits, decided=decided if way is Way.DO else step.decided)
            self._written.emit(Outcome(way, done.back() if way is Way.UNDO else done, *untouched), told)
        except EnvironmentFault as fault:
            self._written.emit(Outcome(way, step, fault=fault), [])
        except Stop as stop:
            self._written.emit(Outcome(way, step, stop=stop), [])
        finally:
            sys.setswitchinterval(patience)
            if store is not None:
                store.close()

    def _report(self, total: int, done: int) -> None:
        if self._given_up.is_set():
            raise Stop
        self.progressed.emit(done, total)

    @Slot(object)
    def _hear(self, changes: ChangeSet) -> None:
        if self._thread is None:
            return
        if self._outcome is None:
            self._meanwhile |= changes.keys
        elif self._untold and changes.shown is not (known := self._untold[0].shown) and isinstance(known, Written):
            # Changed since: what is still to be told of these cells is no longer what they hold.
            known.unknown |= changes.keys

    @Slot(object, object)
    def _take(self, outcome: Outcome, told: list[ChangeSet]) -> None:
        assert self._thread is not None
        self._thread.join()
        if told and isinstance(told[0].shown, Written):
            # Which of the two came last is not known here: it is read.
            told[0].shown.unknown |= self._meanwhile
        self._untold, self._outcome = told, outcome
        self._tell_on()

    @Slot()
    def _tell_on(self) -> None:
        """Tell of the changes some at a time, so that the window answers in between; then the step has ended."""
        outcome = self._outcome
        if outcome is None:
            return
        if self._untold:
            self._feed.changed.emit(self._untold.pop(0))
            if self._untold or len(outcome.step.edits) > _TOLD:  # the end of so much is a piece of work of its own
                QTimer.singleShot(0, self._tell_on)
                return
        self._thread = self._outcome = None
        steps = self.kept.steps
        if outcome.fault or outcome.stop:
            if outcome.way is Way.UNDO:
                steps.done.append(outcome.step)
            elif outcome.way is Way.REDO:
                steps.undone.append(outcome.step)
            self.ended.emit(outcome)
        else:
            self._remember(outcome)


def _nothing_made() -> Mapping[Key, str]:
    """What a step brings that is taken back or done again: it has its edits."""
    return {}


def _edits(step: Step, shown: Mapping[Key, Shown], wanted: Mapping[Key, str]) -> dict[Key, tuple[str, str]]:
    """What each cell says before and after a step that brings what is `wanted`."""
    if not shown:
        return {key: (CLEARED, after) for key, after in wanted.items()}
    return {
        key: _edit(step, key, cell.content, after) if (cell := shown.get(key)) else (CLEARED, after)
        for key, after in wanted.items()
    }


def _edit(step: Step, key: Key, before: str, after: str) -> tuple[str, str]:
    """What a cell says before and after a step: who types the same value again leaves the explanation that it has."""
    if before != CLEARED and key.kind == VALUE and step.action is not Action.EXPLAINING:
        after = with_kept_note(before, after)
    return before, after


def _look_before(edits: Mapping[Key, tuple[str, str]], sure: bool, doubtful: bool) -> None:
    """Raise Overwriting where a block takes something's place, brings what cannot be read, or may be meant for other
    cells, and nobody said yes."""
    if sure or (len(edits) < 2 and not doubtful):
        return
    if doubtful or any(before not in (CLEARED, after) or '"raw":' in after for before, after in edits.values()):
        raise Overwriting(edits, doubtful)


def _contested(shown: Mapping[Key, Shown | None]) -> frozenset[Key]:
    """The cells in conflict."""
    return frozenset(key for key, cell in shown.items() if cell is not None and cell.rivals)


def _untouched(
    step: Step, done: Step, shown: Mapping[Key, Shown] | Mapping[Key, Shown | None]
) -> tuple[frozenset[Key], frozenset[Key]]:
    """The cells of a step that were not done: those that somebody else changed, and those of what is parked."""
    rest = step.edits.keys() - done.edits.keys()
    parked = frozenset(key for key in rest if (cell := shown.get(key)) is not None and cell.reason)
    return frozenset(rest - parked), parked


def stands(shown: Shown | None, content: str) -> bool:
    """Whether a cell says `content` and nothing speaks against it."""
    if shown is None:
        return content == CLEARED
    return shown.content == content and not shown.rivals and not shown.reason
