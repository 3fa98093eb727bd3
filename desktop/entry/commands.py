"""What keys ask for beyond single cells: copy, cut, paste, fill, undo and redo, and what is said of it."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QVBoxLayout

from desktop.entry.model import GridModel
from desktop.entry.notice import Notice
from desktop.entry.reading import edited_text, value_of
from desktop.entry.selection import Block
from desktop.entry.steps import Action, Step
from desktop.entry.view import GridView
from desktop.entry.writing import MOST_CELLS, Ambiguous, Outcome, Overwriting, Stop, Way, Writer
from desktop.widgets import formats
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.catalogue import NUMBERS
from sync.domain.comments import about
from sync.domain.keys import COMMENT, Key
from sync.domain.numbers import Convention
from sync.domain.values import CLEARED, Value

if TYPE_CHECKING:  # loaded with the first Ctrl+C, Ctrl+V or Ctrl+F
    from desktop.entry.clipboard import Copied, Piece
    from desktop.entry.finding import FindBar
    from desktop.entry.pasting import Laid

_PROGRESS_AFTER_MS = 700


class Commands(QObject):
    """Does what `view` asks for. `tell` says a few words in passing, `notice` what must be read, `go` opens a place.

    `above` is the layout in which the notice stands, and the bar for finding when it is asked for.
    """

    def __init__(
        self,
        view: GridView,
        writer: Writer,
        notice: Notice,
        above: QVBoxLayout,
        tell: Callable[[str], None],
        go: Callable[[Place], None],
    ) -> None:
        super().__init__(view)
        self._view, self._writer, self._notice, self._tell, self._go = view, writer, notice, tell, go
        self._waiting: Callable[[Convention | None, bool], None] | None = None
        self._chosen: Convention | None = None
        self._laid: tuple[Block, Block] | None = None
        """The block that was chosen when a paste began, and the one that it goes into."""
        self._count = 0
        self._bar: FindBar | None = None
        self._above = above
        self._slow = QTimer(self, singleShot=True, interval=_PROGRESS_AFTER_MS)
        self._slow.timeout.connect(self._show_progress)
        self._done: tuple[int, int] = (0, 0)
        view.asked.connect(self._do)
        writer.began.connect(self._began)
        writer.progressed.connect(self._progressed)
        writer.ended.connect(self._ended)
        notice.closed.connect(self._closed)

    @Slot(str)
    def _do(self, name: str) -> None:
        model = self._view.grid()
        if model is None:
            return
        if name == "copy":
            self._copy(model)
        elif name == "focus":
            if self._notice.asks:
                self._notice.close_notice()
        elif name.startswith("find"):
            self._find(name)
        elif name == "nothing":
            self._notice.close_notice()
        elif self._writer.busy:
            self._show_progress()
        elif name == "cut":
            if self._copy(model):
                model.clear(self._view.selection.block.cells(), Action.CUTTING)
        elif name == "paste":
            self._paste(model)
        elif name in ("fill_down", "fill_right"):
            self._fill(model, down=name == "fill_down")
        elif name == "undo" and not self._writer.undo(model.contents):
            self._tell(say("entry.did.nothing_to_undo"))
        elif name == "redo" and not self._writer.redo(model.contents):
            self._tell(say("entry.did.nothing_to_redo"))

    # Copying

    def _copy(self, model: GridModel) -> bool:
        """Put the chosen cells on the clipboard. Whether they are not too many."""
        from desktop.entry import clipboard

        block = self._view.selection.block
        if block.height * block.width > MOST_CELLS:
            self._refuse("too_many", count=MOST_CELLS)
            return False
        rows = [row for row in range(block.top, block.bottom + 1) if model.lines[row].indicator]
        for row in rows if block.right >= model.columns_typed else ():
            model.add_up(row)
        pieces = [[_piece(model, row, column) for column in range(block.left, block.right + 1)] for row in rows]
        QApplication.clipboard().setMimeData(clipboard.written(pieces))
        self._tell(say("entry.did.copied", count=len(rows) * block.width))
        return True

    # Pasting

    def _paste(self, model: GridModel) -> None:
        from desktop.entry import clipboard
        from desktop.entry.pasting import contents_of

        copied = clipboard.read(QApplication.clipboard().mimeData())
        if copied is None:
            self._refuse("no_block")
            return
        laid = self._lay(model, copied)
        if laid is not None:
            self._write(Action.PASTING, model, laid.size, partial(contents_of, laid), laid.doubtful)

    def _lay(self, model: GridModel, copied: "Copied") -> "Laid | None":
        from desktop.entry.pasting import Refusal, lay

        chosen = self._view.selection.block
        laid = lay(model, copied, chosen)
        if isinstance(laid, Refusal):
            self._refuse(laid.reason, **laid.details)
            return None
        if self._view.selection.single:
            self._laid = chosen, laid.block
        return laid

    def _cover_laid(self) -> None:
        """Choose what a block from the clipboard has gone into, unless the person has gone elsewhere meanwhile.

        Not before: the window would paint all cells while they are written, and once more when they are.
        """
        model, laid = self._view.grid(), self._laid
        self._laid = None
        if model is not None and laid is not None and self._view.selection.block == laid[0]:
            block = laid[1]
            self._view.setCurrentIndex(model.index(block.top, block.left))
            self._view.selection.cover(model.index(block.bottom, block.right))

    def _write(
        self,
        action: Action,
        model: GridModel,
        count: int,
        make: Callable[[Convention | None], dict[Key, str]],
        doubtful: bool = False,
    ) -> None:
        """Write what `make` gives for a convention; what must be asked first is asked, and then it goes on."""

        def go_on(chosen: Convention | None, sure: bool) -> None:
            self._chosen = chosen
            step = Step(action, model.form.key, {})
            self._writer.write_made(model.contents, step, count, partial(make, chosen), sure, doubtful)

        self._waiting = go_on
        go_on(None, action is Action.FILLING)

    # Filling

    def _fill(self, model: GridModel, down: bool) -> None:
        """Repeat the first row or column of the block in the others; of one cell, the one before it in it."""
        block = self._view.selection.block
        lines = [row for row in range(model.rowCount()) if model.lines[row].typed]
        rows = [row for row in lines if block.top <= row <= block.bottom]
        columns = list(range(block.left, block.right + 1))
        if down and len(rows) == 1:
            place = lines.index(rows[0])
            rows = lines[max(0, place - 1) : place + 1]
        elif not down and len(columns) == 1:
            columns = [column for column in (block.left - 1, block.left) if column >= 0]
        if not rows or len(rows if down else columns) < 2:
            self._refuse("nothing_to_fill")
            return
        if len(rows) * len(columns) > MOST_CELLS:
            self._refuse("too_many", count=MOST_CELLS)
            return
        pairs = (
            [((row, column), (rows[0], column)) for row in rows[1:] for column in columns]
            if down
            else [((row, column), (row, columns[0])) for row in rows for column in columns[1:]]
        )
        contents = _filled(model, pairs)
        self._write(Action.FILLING, model, len(contents), lambda _: contents)

    # Finding

    def _find(self, name: str) -> None:
        if self._bar is None:
            from desktop.entry.finding import FindBar  # seldom asked for, so not loaded at the start

            self._bar = FindBar(self._view)
            self._above.insertWidget(self._above.indexOf(self._notice) + 1, self._bar)
        if name == "find":
            self._bar.begin()
        elif name == "find_on":
            self._bar.on()
        else:
            self._bar.back()

    # What is said

    def _refuse(self, reason: str, **details: object) -> None:
        self._notice.tell(say(f"entry.refused.{reason}", **details))

    @Slot(int)
    def _began(self, count: int) -> None:
        self._view.locked = True
        self._count, self._done = count, (0, count)
        self._slow.start()

    @Slot(int, int)
    def _progressed(self, done: int, total: int) -> None:
        self._done = done, total
        if not self._slow.isActive() and self._writer.busy:
            self._show_progress()

    @Slot()
    def _show_progress(self) -> None:
        text = say("entry.notice.writing", count=self._count)
        self._notice.progress(text, *self._done, self._writer.cancel)

    @Slot()
    def _closed(self) -> None:
        self._waiting = None
        self._view.preview = {}
        self._view.viewport().update()
        self._view.setFocus()

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        self._slow.stop()
        self._view.locked = False
        self._cover_laid()
        stop, go_on = outcome.stop, self._waiting
        if isinstance(stop, Ambiguous) and go_on is not None:
            self._ask_for_convention(stop, go_on)
        elif isinstance(stop, Overwriting) and go_on is not None:
            self._show_differences(stop, partial(go_on, self._chosen))
        else:
            self._notice.close_notice()
            self._waiting = None
            if outcome.fault is not None:
                code = outcome.fault.code
                self._notice.tell(f"{say(f'errors.{code}.text')} {say(f'errors.{code}.way_out')}")
            elif isinstance(stop, Stop):
                self._tell(say("entry.did.given_up"))
            else:
                self._tell_outcome(outcome)

    def _ask_for_convention(self, stop: Ambiguous, go_on: Callable[[Convention | None, bool], None]) -> None:
        answers = []
        for read_as, number in stop.readings.items():
            word = say(f"entry.paste.as_{read_as}", number=formats.number(number) if number is not None else "–")
            answers.append((word, partial(go_on, read_as, False)))
        self._notice.ask(say("entry.paste.which", example=stop.example), answers)

    def _show_differences(self, stop: Overwriting, go_on: Callable[[bool], None]) -> None:
        """Count what would be new, changed, the same and unreadable, and show it in its cells."""
        edits = stop.edits
        same = sum(before == after for before, after in edits.values())
        new = sum(before == CLEARED != after for before, after in edits.values())
        raw = sum('"raw":' in after for _, after in edits.values())
        self._view.preview = {key: after for key, (before, after) in edits.items() if before != after}
        self._view.viewport().update()
        text = say("entry.paste.differences", new=new, changed=len(edits) - same - new, same=same, raw=raw)
        if stop.doubtful:
            text = f"{text} {say('entry.paste.doubtful')}"
        self._notice.ask(text, [(say("entry.paste.yes"), partial(go_on, True))])

    def _tell_outcome(self, outcome: Outcome) -> None:
        step = outcome.step
        what = say(f"entry.did.{step.action}", count=len(step.edits))
        if outcome.way is Way.DO and step.action is Action.TYPING:
            self._tell(self._held(step))
            return
        if outcome.way is Way.DO:
            raw = sum('"raw":' in after for _, after in step.edits.values())
            self._tell(f"{what} {say('entry.did.raw', count=raw)}" if raw else what)
            return
        self._show_place(step)
        told = say(f"entry.did.{outcome.way}", what=what[:1].lower() + what[1:]) if step.edits else ""
        left = say("entry.did.left", count=len(outcome.left)) if outcome.left else ""
        parked = say("entry.did.parked", count=len(outcome.parked)) if outcome.parked else ""
        decided = say("entry.did.decided", count=len(step.decided)) if step.decided and outcome.way is Way.UNDO else ""
        self._tell(" ".join(part for part in (told, left, parked, decided) if part))

    def _held(self, step: Step) -> str:
        """That what was typed is kept and waits, where it does."""
        model = self._view.grid()
        found = (model.rights.held(key) for key in step.edits) if model is not None else iter(())
        why = next((held for held in found if held is not None), None)
        return say(f"entry.held.{why}.typed") if why is not None else ""

    def _show_place(self, step: Step) -> None:
        """Bring what was undone or done again into sight."""
        model = self._view.grid()
        keys = step.edits or step.decided
        if model is None or not keys:
            return
        first = next(iter(keys))
        if model.cell_of(first) is None:
            self._go(Place("entry", unit=first.unit, form=step.form, period=first.period, item=first.item))
            return
        rows, columns = model.layout.places(about(key) if key.kind == COMMENT else key for key in keys)
        block = Block(min(rows), min(columns), max(rows), max(columns))
        self._view.setCurrentIndex(model.index(block.top, block.left))
        self._view.selection.cover(model.index(block.bottom, block.right))


def _piece(model: GridModel, row: int, column: int) -> "Piece":
    """A cell as it is copied: a figure without thousands marks, which every spreadsheet reads; why there is none in the
    words of our files."""
    from desktop.entry.clipboard import Piece

    key = model.typed_key(row, column)
    if key is None:
        return Piece(model.face(row, column).text)
    value = model.contents.value(key)
    text = say(f"entry.missing.{value.missing}.short") if value.missing is not None else edited_text(value)
    return Piece(text, value.number, model.contents.content(key))


def _filled(model: GridModel, pairs: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> dict[Key, str]:
    """Contents of cells as the cells that stand first in their row or column have them."""
    contents: dict[Key, str] = {}
    for (row, column), source in pairs:
        key, indicator = model.typed_key(row, column), model.lines[row].indicator
        from_key, from_indicator = model.typed_key(*source), model.lines[source[0]].indicator
        if key is None or from_key is None or indicator is None or from_indicator is None:
            continue
        value = model.contents.value(from_key)
        fits = value.missing is not None or (value.number is not None and indicator.type in NUMBERS)
        if not fits:
            value = value_of(edited_text(value), indicator)
        contents[key] = Value(value.number, value.text, value.missing, value.raw).content()
    return contents
