"""The first page of a new data folder: enrol with a code, or start typing at once and enrol later."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from desktop.widgets import theme
from desktop.widgets.enrolment import Enrol, EnrolForm
from desktop.widgets.joining import ByFile
from desktop.widgets.words import LANGUAGES, language, say
from sync.domain.errors import EnvironmentFault


class Welcome(QScrollArea):
    """Enrols by itself; emits `started` with the name given to the unit, `language_chosen`, or `joined` by a file."""

    joined = Signal()
    started = Signal(str)
    language_chosen = Signal(str)

    def __init__(self, enrol: Enrol, by_file: ByFile, server: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(say("shell.title"))
        self.setProperty("look", "ground")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.resize(1366, 768)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(theme.px(24), theme.px(20), theme.px(24), theme.px(24))
        column.addLayout(self._languages())
        column.addStretch(1)
        for text, look in (("title", "figure"), ("text", "muted")):
            label = theme.label(say(f"shell.welcome.{text}"), look)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            column.addWidget(label)
        column.addSpacing(theme.px(20))
        cards = QHBoxLayout()
        cards.setSpacing(theme.px(16))
        cards.addStretch(1)
        cards.addWidget(self._enrol_card(enrol, by_file, server), 4)
        cards.addWidget(self._start_card(), 4)
        cards.addStretch(1)
        column.addLayout(cards)
        column.addStretch(2)
        self.setWidget(page)
        self._form.setFocus()

    def _languages(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        for tongue in LANGUAGES:
            button = theme.button(say(f"shell.language.{tongue}"), "link")
            button.setEnabled(tongue != language())
            button.setProperty("language", tongue)
            button.clicked.connect(self._choose_language)
            row.addWidget(button)
        return row

    def _enrol_card(self, enrol: Enrol, by_file: ByFile, server: str) -> QFrame:
        card, column = _card("enrol")
        self._form = EnrolForm(enrol, server, by_file=by_file)
        self._form.joined.connect(self.joined)
        column.addWidget(self._form)
        column.addStretch(1)
        return card

    def _start_card(self) -> QFrame:
        card, column = _card("start")
        label = theme.label(say("shell.welcome.start.name"), "small")
        self._name = QLineEdit()
        self._name.setPlaceholderText(say("shell.welcome.start.example"))
        self._name.setAccessibleName(label.text())
        self._name.setMaxLength(100)
        label.setBuddy(self._name)
        self._start = theme.button(say("shell.welcome.start.button"))
        self._start.setEnabled(False)
        column.addWidget(label)
        column.addWidget(self._name)
        column.addSpacing(theme.px(8))
        column.addWidget(self._start, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self._name.textChanged.connect(self._named)
        self._name.returnPressed.connect(self._go)
        self._start.clicked.connect(self._go)
        return card

    def show_fault(self, fault: EnvironmentFault) -> None:
        """Say why an enrolment asked for on the command line did not work."""
        self._form.show_fault(fault)

    @Slot(str)
    def _named(self, name: str) -> None:
        self._start.setEnabled(bool(name.strip()))

    @Slot()
    def _go(self) -> None:
        if self._name.text().strip():
            self.started.emit(self._name.text().strip())

    @Slot()
    def _choose_language(self) -> None:
        self.language_chosen.emit(self.sender().property("language"))


def _card(part: str) -> tuple[QFrame, QVBoxLayout]:
    """A card with the title and the text of one way to begin."""
    card = QFrame()
    card.setProperty("look", "card")
    column = QVBoxLayout(card)
    column.setContentsMargins(theme.px(20), theme.px(18), theme.px(20), theme.px(20))
    column.setSpacing(theme.px(4))
    text = theme.label(say(f"shell.welcome.{part}.text"), "muted")
    text.setWordWrap(True)
    column.addWidget(theme.label(say(f"shell.welcome.{part}.title"), "section"))
    column.addWidget(text)
    column.addSpacing(theme.px(12))
    return card, column
