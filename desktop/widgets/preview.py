"""Looking at files without handing them to another program: pictures, the pages of a PDF, and a card for the rest."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QSize, QStandardPaths, Qt, Slot
from PySide6.QtGui import QCloseEvent, QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.widgets import formats, icons, pictures, theme
from desktop.widgets.fault import FaultPanel
from desktop.widgets.picture_view import STEP, PictureView
from desktop.widgets.words import say
from desktop.widgets.work import Work
from sync.domain.errors import EnvironmentFault
from sync.domain.media import Media
from sync.exchange.sheets import Cancelled

if TYPE_CHECKING:  # loaded with the first PDF
    from sync.exchange.pdf import Pages

MOST_SIDE: Final = 4096
"""Pixels of a picture's longer side as it is looked at: a larger one is brought to that."""

PAGE: Final = 1700, 2400
"""Pixels into which a page is drawn: some 200 for each inch of an A4 page."""

_SIZE: Final = 1040, 690


class Viewed(NamedTuple):
    """A file to look at: its hash, name, kind and size in bytes."""

    sha256: str
    name: str
    media: Media
    size: int


class Doors(NamedTuple):
    """How a file is read by its hash, and how a copy of it is written: on any thread, raising EnvironmentFault."""

    read: Callable[[str], bytes]
    write: Callable[[str, Path], None]


class _Paper:
    """The pages of one PDF, opened on one thread and let go on another, whichever comes first."""

    def __init__(self) -> None:
        self._lock, self._drawing = Lock(), Lock()
        self._pages: Pages | None = None
        self._is_closed = False

    def open(self, data: bytes, name: str) -> "Pages":
        from sync.exchange.pdf import Pages

        pages = Pages(data, name)
        with self._lock:
            self._pages = pages
            if self._is_closed:
                pages.close()
                raise Cancelled
        return pages

    def draw(self, number: int, cancelled: Callable[[], bool]) -> QImage:
        """Page `number`, from 0, after whichever is still being drawn."""
        assert self._pages is not None
        with self._drawing:
            if cancelled():
                raise Cancelled
            page = self._pages.draw(number, *PAGE)
        drawn = QImage(page.pixels, page.width, page.height, page.width * 4, QImage.Format.Format_RGB32)
        return drawn.copy()  # the bytes go with this function

    @property
    def count(self) -> int:
        return 0 if self._pages is None else self._pages.count

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            if self._pages is not None:
                self._pages.close()


class Preview(QDialog):
    """Shows one of `files` after another. Ctrl+Left and Ctrl+Right turn to the next file, Page Up and Down to the next
    page, Ctrl+S saves a copy, Esc closes."""

    def __init__(self, files: Sequence[Viewed], at: int, doors: Doors, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._files, self._doors = tuple(files), doors
        self._at, self._page = at, 0
        self._paper: _Paper | None = None
        self._work: Work | None = None
        self._saving: Work | None = None
        self._build()
        self._connect()
        self._turn_to(at)

    def _build(self) -> None:
        self.resize(QSize(theme.px(_SIZE[0]), theme.px(_SIZE[1])).boundedTo(self.screen().availableSize()))
        self.setSizeGripEnabled(True)
        self.name, self.about = theme.label("", "section"), theme.label("", "small")
        for label in (self.name, self.about):
            label.setMinimumWidth(0)
        self.view = PictureView(say("widgets.preview.picture"))
        self.sign, self.kind, self.said = QLabel(), theme.label("", "section"), theme.label("", "muted")
        self.fault = FaultPanel()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._card())
        names = ("before", "after", "page_before", "page_after", "away", "near", "fit", "save", "close")
        self.buttons: dict[str, QPushButton] = {name: theme.button(say(f"widgets.preview.{name}")) for name in names}
        self.place, self.percent = theme.label("", "small"), theme.label("", "small")
        self._pages = _row(self.buttons["page_before"], self.place, self.buttons["page_after"])
        self._zoom = _row(self.buttons["away"], self.percent, self.buttons["near"], self.buttons["fit"])
        self.note = theme.label("", "small")
        self.note.setWordWrap(True)
        head, foot, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.name)
        words.addWidget(self.about)
        head.addLayout(words, 1)
        for name in ("before", "after"):
            head.addWidget(self.buttons[name])
            self.buttons[name].setVisible(len(self._files) > 1)
        for widget in (self._pages, self._zoom):
            foot.addWidget(widget)
        foot.addWidget(self.note, 1)
        foot.addWidget(self.buttons["save"])
        foot.addWidget(self.buttons["close"])
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        column.addLayout(foot)
        for name, button in self.buttons.items():
            button.setAutoDefault(False)
            button.setToolTip(say(f"widgets.preview.{name}_tip"))
            button.setAccessibleName(say(f"widgets.preview.{name}_tip"))

    def _card(self) -> QWidget:
        card = QWidget()
        column = QVBoxLayout(card)
        column.setSpacing(theme.px(8))
        column.addStretch(2)
        column.addWidget(self.fault)
        for label in (self.sign, self.kind, self.said):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            column.addWidget(label)
        column.addStretch(3)
        return card

    def _connect(self) -> None:
        actions = {
            "before": (self._file_before, "Ctrl+Left"),
            "after": (self._file_after, "Ctrl+Right"),
            "page_before": (self._page_before, "PgUp"),
            "page_after": (self._page_after, "PgDown"),
            "away": (self._away, "Ctrl+-"),
            "near": (self._near, "Ctrl++"),
            "fit": (self.view.fit, "Ctrl+0"),
            "save": (self._ask_where, "Ctrl+S"),
            "close": (self.close, ""),
        }
        for name, (slot, keys) in actions.items():
            self.buttons[name].clicked.connect(slot)
            if keys:
                QShortcut(QKeySequence(keys), self, slot)
        self.view.zoomed.connect(self._say_percent)

    # What is shown

    @property
    def shown(self) -> Viewed:
        """The file that is shown."""
        return self._files[self._at]

    def _turn_to(self, at: int) -> None:
        self._let_go()
        self._at, self._page = at, 0
        file = self.shown
        self.setWindowTitle(say("widgets.preview.title", name=file.name))
        # A long name must not make the window wide.
        width = theme.px(_SIZE[0]) * 6 // 10
        self.name.setText(self.name.fontMetrics().elidedText(file.name, Qt.TextElideMode.ElideMiddle, width))
        self.name.setToolTip(file.name)
        kind, size = say(f"widgets.media.{file.media}"), formats.size(file.size)
        of = say("widgets.preview.of", number=at + 1, count=len(self._files)) if len(self._files) > 1 else ""
        self.about.setText(" · ".join(part for part in (kind, size, of) if part))
        self.buttons["before"].setEnabled(at > 0)
        self.buttons["after"].setEnabled(at + 1 < len(self._files))
        self.note.clear()
        self.view.wheel_zooms = file.media is not Media.PDF
        self._show_card(file, "widgets.preview.reading" if _can_be_seen(file.media) else "widgets.preview.other")
        if file.media is Media.PDF:
            self._paper = _Paper()
            self._begin(partial(_first_page, self._paper, self._doors.read, file))
        elif _can_be_seen(file.media):
            self._begin(partial(_picture, self._doors.read, file))

    def _show_card(self, file: Viewed, words: str) -> None:
        self.sign.setPixmap(icons.pixmap("image" if file.media.is_picture else "file-text", theme.roles().muted, 48))
        self.kind.setText(say(f"widgets.media.{file.media}"))
        self.said.setText(say(words))
        self.fault.hide()
        self._stack.setCurrentIndex(1)
        self._pages.hide()
        self._zoom.hide()

    def _begin(self, run: Callable[[Callable[[], bool]], QImage]) -> None:
        self._work = Work(run)
        self._work.done.connect(self._show)
        self._work.failed.connect(self._show_fault)
        self._work.start()

    @Slot(object)
    def _show(self, image: QImage) -> None:
        if self.sender() is not self._work:
            return
        had_keys = self.view.hasFocus() or not self._zoom.isVisible()
        self._stack.setCurrentIndex(0)
        self._zoom.show()
        count = self._paper.count if self._paper else 0
        self._pages.setVisible(count > 1)
        self.place.setText(say("widgets.preview.page", number=self._page + 1, count=max(count, 1)))
        self.view.setAccessibleDescription(self.place.text() if count else self.shown.name)
        self.buttons["page_before"].setEnabled(self._page > 0)
        self.buttons["page_after"].setEnabled(self._page + 1 < count)
        self.view.show_image(image)
        if had_keys:
            self.view.setFocus()

    @Slot(object)
    def _show_fault(self, fault: EnvironmentFault) -> None:
        if self.sender() is self._work:
            self._show_card(self.shown, "widgets.preview.unseen")
            self.fault.show_fault(fault)

    def _let_go(self) -> None:
        """Nothing of the file that was shown stays open."""
        if self._work is not None:
            self._work.cancel()
            self._work = None
        if self._paper is not None:
            self._paper.close()
            self._paper = None

    def closeEvent(self, event: QCloseEvent) -> None:
        self._let_go()
        super().closeEvent(event)

    def done(self, result: int) -> None:
        self._let_go()
        super().done(result)

    # Slots

    @Slot()
    def _file_before(self) -> None:
        if self._at > 0:
            self._turn_to(self._at - 1)

    @Slot()
    def _file_after(self) -> None:
        if self._at + 1 < len(self._files):
            self._turn_to(self._at + 1)

    @Slot()
    def _page_before(self) -> None:
        self._turn_page(self._page - 1)

    @Slot()
    def _page_after(self) -> None:
        self._turn_page(self._page + 1)

    def _turn_page(self, number: int) -> None:
        if self._paper is None or not 0 <= number < self._paper.count:
            return
        if self._work is not None:
            self._work.cancel()
        self._page = number
        self._begin(partial(self._paper.draw, number))

    @Slot()
    def _away(self) -> None:
        self.view.zoom(1 / STEP)

    @Slot()
    def _near(self) -> None:
        self.view.zoom(STEP)

    @Slot(int)
    def _say_percent(self, percent: int) -> None:
        self.percent.setText(f"{percent} %")

    @Slot()
    def _ask_where(self) -> None:
        home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        name, _ = QFileDialog.getSaveFileName(self, say("widgets.preview.save"), str(Path(home, self.shown.name)))
        if name:
            self.save(Path(name))

    def save(self, path: Path) -> None:
        """Write a copy of the file that is shown, on a thread of its own, and say what whoever holds it owes it."""
        self._saving = Work(partial(_saved, self._doors.write, self.shown.sha256, path))
        self._saving.done.connect(self._say_saved)
        self._saving.failed.connect(self._say_unsaved)
        self._saving.start()

    @Slot(object)
    def _say_saved(self, name: str) -> None:
        self.note.setText(say("widgets.preview.saved", file=name))

    @Slot(object)
    def _say_unsaved(self, fault: EnvironmentFault) -> None:
        self.note.setText(f"{say(f'errors.{fault.code}.text')} {say(f'errors.{fault.code}.way_out')}")


def _can_be_seen(media: Media) -> bool:
    """HEIC is a picture that Qt does not read."""
    return media is Media.PDF or (media.is_picture and media is not Media.HEIC)


def _picture(read: Callable[[str], bytes], file: Viewed, _cancelled: Callable[[], bool]) -> QImage:
    return pictures.read(file.name, read(file.sha256), MOST_SIDE)


def _first_page(paper: _Paper, read: Callable[[str], bytes], file: Viewed, cancelled: Callable[[], bool]) -> QImage:
    data = read(file.sha256)
    if cancelled():
        raise Cancelled
    paper.open(data, file.name)
    return paper.draw(0, cancelled)


def _saved(write: Callable[[str, Path], None], hashed: str, path: Path, _cancelled: Callable[[], bool]) -> str:
    write(hashed, path)
    return path.name


def _row(*widgets: QWidget) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.px(6))
    for widget in widgets:
        row.addWidget(widget)
    return made
