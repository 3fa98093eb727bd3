"""Taking the villages' totals into the commune's own cells: which of the chosen ones take theirs, and what is said."""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, QTimer, Slot

from desktop.entry.model import GridModel
from desktop.entry.notice import Notice
from desktop.entry.selection import Block
from desktop.entry.steps import Action
from desktop.entry.view import GridView
from desktop.entry.writing import Writer
from desktop.widgets.words import say
from sync.analysis.rollup import Standing, standing
from sync.domain.keys import Key

_AGAIN_MS: Final = 50


class Found(NamedTuple):
    """What cells shall hold, and how many take nothing: `same` hold the total, `lacking` have none yet, of `reasoned`
    somebody said why they are another value. `busy` while totals are worked out."""

    edits: dict[Key, str]
    same: int = 0
    lacking: int = 0
    reasoned: int = 0
    busy: bool = False


def found_for(model: GridModel, keys: Iterable[Key], replacing: bool) -> Found:
    """What the cells at `keys` take. Those that were decided with a reason stay, unless it is to `replace` them."""
    edits: dict[Key, str] = {}
    same = lacking = reasoned = 0
    busy = False
    for key in keys:
        total = model.total_of(key.item, key.period)
        if total is None:
            busy = True
            continue
        how = standing(model.contents.value(key), total)
        if how is Standing.OWN:
            continue
        if how is Standing.TAKEN:
            same += 1
        elif how is Standing.OVERRIDDEN and not replacing:
            reasoned += 1
        elif total.value.is_empty:
            lacking += 1
        else:
            edits[key] = total.value.content()
    return Found(edits, same, lacking, reasoned, busy)


class Taking(QObject):
    """Answers what `view` asks for by "take" and "take_all": one step, which one undo takes back.

    `tell` says a few words in passing, `notice` why nothing was taken.
    """

    def __init__(self, view: GridView, writer: Writer, notice: Notice, tell: Callable[[str], None]) -> None:
        super().__init__(view)
        self._view, self._writer, self._notice, self._tell = view, writer, notice, tell
        self._asked: tuple[GridModel, list[Key], bool] | None = None
        self._again = QTimer(self, singleShot=True, interval=_AGAIN_MS)
        self._again.timeout.connect(self._take)
        view.asked.connect(self._begin)

    @Slot(str)
    def _begin(self, name: str) -> None:
        """Take the totals of the chosen cells, or of those beside the chosen totals, or of all."""
        model = self._view.grid()
        if model is None or name not in ("take", "take_all") or self._writer.busy:
            return
        all_cells = Block(0, 0, model.rowCount() - 1, model.columnCount() - 1)
        block = self._view.selection.block if name == "take" else all_cells
        keys = list(dict.fromkeys(key for cell in block.cells() if (key := model.taking_key(*cell)) is not None))
        self._asked = model, keys, name == "take" and len(keys) == 1
        self._take()

    @Slot()
    def _take(self) -> None:
        """Write what was asked for, once all totals are known."""
        asked, self._asked = self._asked, None
        if asked is None or asked[0] is not self._view.grid() or self._writer.busy:
            return
        model, keys, replacing = asked
        found = found_for(model, keys, replacing)
        if found.busy:
            self._asked = asked
            self._again.start()
            self._tell(say("entry.take.adding"))
            return
        counts = {"same": found.same, "lacking": found.lacking, "reasoned": found.reasoned}
        told = [say(f"entry.take.{name}", count=count) for name, count in counts.items() if count]
        if not found.edits:
            self._notice.tell(" ".join(told) or say("entry.take.nowhere"))
            return
        self._writer.write(model.contents, found.edits, Action.TAKING, model.form.key)
        self._tell(" ".join([say("entry.did.taking", count=len(found.edits)), *told]))
