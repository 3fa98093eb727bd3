"""The room itself: what the person chooses for the window, where the data lies, and whom this PC works for."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.feed import Feed
from desktop.settings.evidence import EvidenceCard
from desktop.settings.people import PeopleCard
from desktop.settings.server import ServerCard
from desktop.widgets import theme
from desktop.widgets.enrolment import Enrol
from desktop.widgets.joining import ByFile
from desktop.widgets.place import Place
from desktop.widgets.preferences import TEXT_PERCENTS, Preferences
from desktop.widgets.words import LANGUAGES, say
from sync.store import Store
from sync.store.people import People

_WIDTH = 760


class SettingsRoom(QScrollArea):
    """Emits `look_chosen` when language, theme or text size changed."""

    name = "settings"
    look_chosen = Signal()

    def __init__(
        self,
        preferences: Preferences,
        store: Store,
        feed: Feed,
        enrol: Enrol,
        by_file: ByFile,
        choose_next_folder: Callable[[Path], None],
        version: str,
        people: People,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._choose_next_folder = choose_next_folder
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(say("shell.room.settings"))
        self.server = server = ServerCard(feed, enrol, by_file)
        self.people = PeopleCard(people, store, preferences)
        self.evidence = EvidenceCard(preferences)
        page = QWidget()
        cards = QWidget()
        cards.setMaximumWidth(theme.px(_WIDTH))
        column = QVBoxLayout(cards)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(16))
        cards_shown = (
            self._look_card(),
            self.people,
            self.evidence,
            server,
            self._folder_card(),
            self._about_card(version),
        )
        for card in cards_shown:
            column.addWidget(card)
        column.addStretch(1)
        row = QHBoxLayout(page)
        row.setContentsMargins(theme.px(26), theme.px(20), theme.px(26), theme.px(20))
        row.addWidget(cards, 100)
        row.addStretch(1)
        self.setWidget(page)

    def show_place(self, place: Place) -> None:
        """The room has no places of its own."""

    def _look_card(self) -> QFrame:
        card, grid = section(say("settings.look.title"))
        self._choices(grid, 1, "language", LANGUAGES, self._preferences.language)
        self._choices(grid, 2, "theme", theme.THEMES, self._preferences.theme)
        self._choices(grid, 3, "text_percent", TEXT_PERCENTS, self._preferences.text_percent)
        return card

    def _choices(self, grid: QGridLayout, row: int, kind: str, values: Sequence[object], now: object) -> None:
        """One question with its answers side by side."""
        label = theme.label(say(f"settings.look.{kind}.label"), "muted")
        answers = QHBoxLayout()
        answers.setSpacing(theme.px(6))
        group = QButtonGroup(self)
        for value in values:
            words = f"{value} %" if kind == "text_percent" else say(f"settings.look.{kind}.{value}")
            button = theme.button(words)
            button.setCheckable(True)
            button.setChecked(value == now)
            button.setAccessibleName(f"{label.text()}: {words}")
            button.setProperty("choice", (kind, value))
            group.addButton(button)
            answers.addWidget(button)
        answers.addStretch(1)
        group.buttonClicked.connect(self._chosen)
        grid.addWidget(label, row, 0)
        grid.addLayout(answers, row, 1)

    def _folder_card(self) -> QFrame:
        card, grid = section(say("settings.folder.title"))
        self._folder = theme.label(str(self._preferences.folder))
        self._folder.setWordWrap(True)
        self._folder.setTextInteractionFlags(self._folder.textInteractionFlags().TextSelectableByMouse)
        self._next = theme.label("", "strong")
        self._next.setWordWrap(True)
        self._next.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        for name, slot in (("open", self._open_folder), ("choose", self._choose_folder)):
            button = theme.button(say(f"settings.folder.{name}"))
            button.clicked.connect(slot)
            buttons.addWidget(button)
        buttons.addStretch(1)
        text = theme.label(say("settings.folder.text"), "small")
        text.setWordWrap(True)
        grid.addWidget(self._folder, 1, 0, 1, 2)
        grid.addWidget(text, 2, 0, 1, 2)
        grid.addWidget(self._next, 3, 0, 1, 2)
        grid.addLayout(buttons, 4, 0, 1, 2)
        return card

    def _about_card(self, version: str) -> QFrame:
        card, grid = section(say("settings.about.title"))
        texts = (say("settings.about.version", version=version), say("settings.about.text"))
        for row, text in enumerate(texts, start=1):
            label = theme.label(text, "muted")
            label.setWordWrap(True)
            grid.addWidget(label, row, 0, 1, 2)
        return card

    @Slot(QPushButton)
    def _chosen(self, button: Any) -> None:
        kind, value = button.property("choice")
        if getattr(self._preferences, kind) != value:
            setattr(self._preferences, kind, value)
            self.look_chosen.emit()

    @Slot()
    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._preferences.folder)))

    @Slot()
    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, say("settings.folder.choose"), str(self._preferences.folder))
        if chosen:
            self._choose_next_folder(Path(chosen))
            self._next.setText(say("settings.folder.next", folder=chosen))
            self._next.show()


def section(title: str) -> tuple[QFrame, QGridLayout]:
    """A card with its title in the first row of a grid of two columns."""
    card = QFrame()
    card.setProperty("look", "card")
    grid = QGridLayout(card)
    grid.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(18))
    grid.setHorizontalSpacing(theme.px(16))
    grid.setVerticalSpacing(theme.px(10))
    grid.setColumnStretch(1, 1)
    grid.addWidget(theme.label(title, "section"), 0, 0, 1, 2)
    return card, grid
