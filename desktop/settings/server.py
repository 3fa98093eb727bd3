"""The centre that this PC works with: who it is there, enrolling again, and whose the figures typed before are."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.feed import Feed
from desktop.widgets import theme
from desktop.widgets.enrolment import Enrol, EnrolForm
from desktop.widgets.joining import ByFile
from desktop.widgets.words import say
from sync.domain.keys import OWN_UNIT, UNIT, VALUE
from sync.domain.text import sort_key
from sync.store import ChangeSet


class ServerCard(QFrame):
    """Enrols this PC by `enrol`, for the first time or again; for the first time also `by_file`."""

    def __init__(self, feed: Feed, enrol: Enrol, by_file: ByFile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._feed = by_file.store, feed
        self.setProperty("look", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(18))
        column.setSpacing(theme.px(10))
        column.addWidget(theme.label(say("settings.server.title"), "section"))
        column.addLayout(self._identity())
        column.addWidget(self._adoption())
        enrolment = self._store.enrolment()
        self._again = theme.button(say("settings.server.again"))
        if enrolment is None:
            self.form = EnrolForm(enrol, by_file=by_file)
        else:
            self.form = EnrolForm(enrol, enrolment.server, may_move=True)
        row = QHBoxLayout()
        row.addWidget(self._again)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.form)
        self._again.setVisible(enrolment is not None)
        self.form.setVisible(enrolment is None)
        self._again.clicked.connect(self._ask_again)
        self._adopt.clicked.connect(self._adopt_typed)
        feed.changed.connect(self._changed)
        self._show_adoption()

    def _identity(self) -> QGridLayout:
        """Address, unit, person and device, or the sentence that this PC is not enrolled yet."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(4))
        grid.setColumnStretch(1, 1)
        enrolment = self._store.enrolment()
        if enrolment is None:
            text = theme.label(say("settings.server.none"), "muted")
            text.setWordWrap(True)
            grid.addWidget(text, 0, 0, 1, 2)
            return grid
        units = {unit.key: unit.name for unit in self._store.units(enrolment.unit)}
        lines = (
            ("address", enrolment.server or say("settings.server.by_hand")),
            ("unit", units.get(enrolment.unit, enrolment.unit)),
            ("person", enrolment.person),
            ("device", self._store.device),
        )
        for row, (name, value) in enumerate(lines):
            shown = theme.label(value)
            shown.setWordWrap(True)
            shown.setTextInteractionFlags(shown.textInteractionFlags().TextSelectableByMouse)
            grid.addWidget(theme.label(say(f"settings.server.{name}"), "muted"), row, 0)
            grid.addWidget(shown, row, 1)
        return grid

    def _adoption(self) -> QFrame:
        """Asks whose the figures are that were typed before this PC had a unit, where the centre cannot know."""
        self._asking = QFrame()
        self._asking.setProperty("look", "note-plain")
        row = QHBoxLayout(self._asking)
        row.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        words = theme.label(say("settings.server.adopt.text"))
        words.setWordWrap(True)
        self._unit = QComboBox()
        self._unit.setAccessibleName(say("settings.server.adopt.unit"))
        self._adopt = theme.button(say("settings.server.adopt.button"), "primary")
        row.addWidget(words, 1)
        row.addWidget(self._unit)
        row.addWidget(self._adopt)
        return self._asking

    def _show_adoption(self) -> None:
        enrolment = self._store.enrolment()
        units = self._store.units(enrolment.unit) if enrolment else []
        self._unit.clear()
        for unit in sorted(units, key=lambda unit: sort_key(unit.name)):
            if unit.valid_to is None:
                self._unit.addItem(unit.name, unit.key)
        self._asking.setVisible(bool(units) and bool(self._store.cells(VALUE, OWN_UNIT)))

    @Slot()
    def _adopt_typed(self) -> None:
        self._feed.changed.emit(self._store.adopt(self._unit.currentData()))

    @Slot(object)
    def _changed(self, changes: ChangeSet) -> None:
        if any(key.kind == UNIT or key.unit == OWN_UNIT for key in changes.keys):
            self._show_adoption()

    @Slot()
    def _ask_again(self) -> None:
        self._again.hide()
        self.form.show()
