"""Bringing a file's figures into the grid: read, matched, shown as differences, and only then written."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSettings, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from desktop.entry.import_mapping import MappingPage
from desktop.entry.import_preview import PreviewPage
from desktop.entry.import_reading import Compared, Opened, compared, contents_of, moved, opened
from desktop.entry.subject import Subject, missing_words
from desktop.widgets import formats, theme
from desktop.widgets.fault import FaultPanel
from desktop.widgets.words import language, say
from desktop.widgets.work import Work
from sync.domain.errors import EnvironmentFault
from sync.domain.periods import PeriodError
from sync.exchange.differences import Difference
from sync.exchange.remembered import remember
from sync.exchange.workbooks import Note

_REMEMBERED: Final = "entry/mappings"
_MOST_REMEMBERED: Final = 50
_WAIT_MS: Final = 250
"""How long a page stays that was left for a moment."""
_SIZE: Final = (1140, 660)
_EDGE: Final = 60
"""Pixels at plain text size, and those that stay free of the screen around."""


class ImportDialog(QDialog):
    """Reads `path` for the subject, and writes nothing.

    `chosen` brings how many cells the person wants, and what gives their contents by key.
    """

    chosen = Signal(int, object)

    def __init__(
        self,
        subject: Subject,
        path: Path,
        settings: QSettings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._subject, self._path, self._settings = subject, path, settings
        self._opened: Opened | None = None
        self._work: Work | None = None
        self.setWindowTitle(say("exchange.import.title", file=path.name))
        self.setObjectName("import")
        self._pages = QStackedWidget()
        self._slow = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._slow.timeout.connect(self._show_waiting)
        self._waiting, self._mapping = QWidget(), MappingPage(subject)
        self._preview = PreviewPage(subject)
        self._fault = FaultPanel()
        self._build(parent)
        self._connect()
        self._show(self._waiting)
        self._begin("reading", partial(opened, subject, path, self._remembered()), self._read)

    def _build(self, parent: QWidget | None) -> None:
        free = parent.size() if parent is not None else self.screen().availableSize()
        self.resize(min(theme.px(_SIZE[0]), free.width() - _EDGE), min(theme.px(_SIZE[1]), free.height() - _EDGE))
        self._doing = theme.label("", "muted")
        self._doing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setFixedWidth(theme.px(260))
        bar.setAccessibleName(say("exchange.import.progress"))
        middle = QVBoxLayout(self._waiting)
        middle.addStretch(1)
        middle.addWidget(self._doing)
        middle.addWidget(bar, 0, Qt.AlignmentFlag.AlignCenter)
        middle.addStretch(1)
        self._failed = QWidget()
        top = QVBoxLayout(self._failed)
        top.addWidget(self._fault)
        top.addStretch(1)
        for page in (self._waiting, self._mapping, self._preview, self._failed):
            self._pages.addWidget(page)
        self._back = theme.button(say("exchange.import.back"))
        self._cancel = theme.button(say("exchange.import.cancel"))
        self._next = theme.button("", "primary")
        self._next.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        buttons.addWidget(self._back)
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._next)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        column.setSpacing(theme.px(12))
        column.addWidget(self._pages, 1)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self._back.clicked.connect(self._show_mapping)
        self._cancel.clicked.connect(self.reject)
        self._next.clicked.connect(self._go_on)
        self._mapping.changed.connect(self._show_buttons)
        self._preview.changed.connect(self._show_buttons)
        self._fault.closed.connect(self.reject)
        self.finished.connect(self._give_up)

    def _show(self, page: QWidget) -> None:
        self._slow.stop()
        self._pages.setCurrentWidget(page)
        self._show_buttons()
        page.setFocus()

    @Slot()
    def _show_buttons(self) -> None:
        page = self._pages.currentWidget()
        mapping, preview = page is self._mapping, page is self._preview
        self._back.setVisible(preview and self._opened is not None and self._mapping.asks)
        self._next.setVisible(mapping or preview)
        self._cancel.setText(say("exchange.import.close" if page is self._failed else "exchange.import.cancel"))
        if mapping:
            self._next.setText(say("exchange.import.next"))
            self._next.setEnabled(self._mapping.ready)
        elif preview:
            self._next.setText(say("exchange.import.write", count=self._preview.chosen))
            self._next.setEnabled(self._preview.chosen > 0)

    # Work

    def _begin(self, doing: str, run: Callable[[Callable[[], bool]], object], take: Callable[[Any], None]) -> None:
        """Do something, and say so when it takes a while."""
        self._doing.setText(say(f"exchange.import.{doing}", file=self._path.name))
        self._slow.start()
        self._next.setEnabled(False)
        self._work = Work(run)
        self._work.done.connect(take)
        self._work.failed.connect(self._fail)
        self._work.start()

    @Slot()
    def _show_waiting(self) -> None:
        self._show(self._waiting)

    @Slot()
    def _give_up(self) -> None:
        self._slow.stop()
        if self._work is not None:
            self._work.cancel()

    @Slot(object)
    def _fail(self, fault: EnvironmentFault) -> None:
        if "found" in fault.details:
            fault.details["found"] = say("exchange.found", found=_named(self._subject, fault))
        self._fault.show_fault(fault)
        self._show(self._failed)

    @Slot(object)
    def _read(self, found: Opened) -> None:
        self._opened = found
        self._mapping.show_opened(found)
        if self._mapping.settled:
            self._compare()
        else:
            self._show(self._mapping)

    @Slot()
    def _show_mapping(self) -> None:
        self._show(self._mapping)

    @Slot()
    def _go_on(self) -> None:
        if self._pages.currentWidget() is self._mapping:
            self._compare()
        else:
            model = self._preview.model
            self._begin("checking", partial(moved, self._subject, model.found, model.chosen), self._checked)

    @Slot(object)
    def _checked(self, now: dict[int, Difference]) -> None:
        """Hand over what was chosen, unless some of it stands otherwise by now: that is looked at first."""
        if now:
            self._preview.show_moved(now)
            self._show(self._preview)
            return
        model = self._preview.model
        self._remember()
        self.accept()
        self.chosen.emit(self._preview.chosen, partial(contents_of, self._subject, model.found, model.chosen))

    def _compare(self) -> None:
        assert self._opened is not None
        run = partial(compared, self._subject, self._opened, self._mapping.choice, missing_words())
        self._begin("comparing", run, self._show_differences)

    @Slot(object)
    def _show_differences(self, found: Compared) -> None:
        assert self._opened is not None
        notes = [say(f"exchange.note.{note}") for note in Note if note in self._opened.book.notes]
        if found.newer_catalogue:
            notes.append(say("exchange.note.catalogue"))
        if self._mapping.assumed:
            notes.append(self._mapping.assumed)
        self._preview.show_compared(found, notes)
        self._show(self._preview)

    # What is remembered

    def _remembered(self) -> dict[str, str]:
        try:
            kept = json.loads(str(self._settings.value(_REMEMBERED, "{}")))
        except ValueError:
            return {}
        return {str(name): str(mapping) for name, mapping in kept.items()} if isinstance(kept, dict) else {}

    def _remember(self) -> None:
        """Keep what was confirmed, for the next file with the same headings."""
        opened, choice = self._opened, self._mapping.choice
        if opened is None or choice.proposal is None:
            return
        name = opened.prints[choice.sheet]
        kept = {key: mapping for key, mapping in self._remembered().items() if key != name}
        kept[name] = remember(choice.proposal, choice.convention)
        last = dict(list(kept.items())[-_MOST_REMEMBERED:])
        self._settings.setValue(_REMEMBERED, json.dumps(last, ensure_ascii=False))


def _named(subject: Subject, fault: EnvironmentFault) -> str:
    """What a template says that it is, in words."""
    found = fault.details["found"]
    if fault.code == "template_form" and found in subject.catalogue.forms:
        return subject.catalogue.forms[str(found)].name.text(language())
    if fault.code == "template_period":
        try:
            return formats.period(str(found))
        except PeriodError:
            return str(found)
    return ", ".join(map(str, found)) if isinstance(found, tuple) else str(found)
