"""The lines above and below the grid: what it shows and how far it is filled, how it is turned, and its keys."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QWidget

from desktop.entry.layout import Turn
from desktop.entry.model import Count
from desktop.widgets import theme
from desktop.widgets.words import say
from sync.domain.values import DOES_NOT_APPLY, NOT_COLLECTED

_KEYS: Final = (("F2", "edit"), ("Enter", "down"), ("Tab", "right"), ("Del", "clear"), ("Esc", "revert"))
_CHOICE: Final = 200
"""Most pixels of the choice of a unit or indicator, at plain text size."""


class Bar(QWidget):
    """Title, counts and switches. `turned` carries a Turn, `chosen` the unit or indicator that all cells have."""

    retry = Signal()
    turned = Signal(str)
    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(10))
        self._has_before, self._is_unusual = True, False
        self._title = theme.label("", "section")
        self._filled = theme.label("", "muted")
        self._errors, self._warnings = theme.label("", "pill-bad"), theme.label("", "pill-warning")
        self._unusual = theme.label("", "muted")
        self._unusual.setToolTip(say("entry.bar.unusual_tip"))
        self._unsaved = theme.label("", "pill-bad")
        self._retry = theme.button(say("entry.unsaved.retry"), "link")
        self._one = _choice(say("entry.turn.one"))
        self._one.setMaximumWidth(theme.px(_CHOICE))
        self._turn = _choice(say("entry.turn.name"))
        self.take = theme.button("")
        self.take.setToolTip(say("entry.take.tip"))
        self.before = theme.button(say("entry.bar.before"))
        self.before.setToolTip(say("entry.bar.before_tip"))
        self.details = theme.button(say("entry.bar.details"))
        self.details.setToolTip(say("entry.bar.details_tip"))
        left = (self._title, self._filled, self._errors, self._warnings, self._unusual, self._unsaved, self._retry)
        for widget in left:
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        self.check = theme.button(say("entry.bar.check"), "primary")
        self.check.setToolTip(say("entry.bar.check_tip"))
        for switch in (self.take, self._one, self._turn, self.before, self.details, self.check):
            row.addWidget(switch)
        for button in (self.before, self.details):
            button.setCheckable(True)
        self._retry.clicked.connect(self.retry)
        self._turn.activated.connect(self._choose_turn)
        self._one.activated.connect(self._choose_one)

    def add(self, button: QWidget) -> None:
        """Place a button before the switches."""
        self._row.insertWidget(self._row.indexOf(self.take), button)

    def minimumSizeHint(self) -> QSize:
        """Nothing in it makes the window wider."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Leave out what else is to be had, where there is no place: the header says the title, keys turn and show the
        details, the desk counts."""
        for widget in self._wanted:
            widget.show()
        for widget in self._wanted:
            self._row.invalidate()
            if self._row.sizeHint().width() <= self.width():
                return
            widget.hide()

    @property
    def _wanted(self) -> list[QWidget]:
        """What may be left out, the first first."""
        before = [self.before] if self._has_before else []
        unusual = [self._unusual] if self._is_unusual else []
        return [self._title, *unusual, self._turn, *before, self._filled, self.details]

    def show_title(self, text: str) -> None:
        self._title.setText(text)

    def show_turn(self, turn: Turn, turns: Sequence[Turn], names: Mapping[str, str], one: str) -> None:
        """Show how the grid is turned, and of what it is: `one` of the units or indicators by key and name."""
        if self._turn.count() != len(turns):
            self._turn.clear()
            for possible in turns:
                self._turn.addItem(say(f"entry.turn.{possible}"), str(possible))
        self._turn.setCurrentIndex(self._turn.findData(str(turn)))
        self._one.setVisible(bool(names))
        if [self._one.itemData(place) for place in range(self._one.count())] != list(names):
            self._one.clear()
            for key, name in names.items():
                self._one.addItem(name, key)
        self._one.setCurrentIndex(self._one.findData(one))
        # Where the columns are periods, the one before stands in a column of its own.
        self._has_before = turn in (Turn.UNITS, Turn.BREAKDOWN)
        self.before.setVisible(self._has_before)
        self._make_room()

    def show_take(self, word: str) -> None:
        """Offer to take totals, in these words; "" where there are none to take."""
        self.take.setText(word)
        self.take.setVisible(bool(word))
        self._make_room()

    def show_count(self, count: Count) -> None:
        """Say how far the grid is filled and what is wrong with it."""
        self._filled.setText(say("entry.bar.filled", filled=count.filled, cells=count.cells))
        _say_count(self._errors, "entry.bar.errors", count.errors)
        _say_count(self._warnings, "entry.bar.warnings", count.warnings)
        self._is_unusual = count.unusual > 0
        _say_count(self._unusual, "entry.bar.unusual", count.unusual)
        _say_count(self._unsaved, "entry.bar.unsaved", count.unsaved)
        self._retry.setVisible(count.unsaved > 0)
        self._make_room()

    @Slot(int)
    def _choose_turn(self, place: int) -> None:
        self.turned.emit(self._turn.itemData(place))

    @Slot(int)
    def _choose_one(self, place: int) -> None:
        self.chosen.emit(self._one.itemData(place))


class Hints(QWidget):
    """The keys, and the two that say why there is no figure as buttons, for who has only a mouse; what was just done.

    `reason` carries the reason of such a button, one of MISSING_REASONS.
    """

    reason = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        hints = QHBoxLayout(self)
        hints.setContentsMargins(0, 0, 0, 0)
        hints.setSpacing(theme.px(6))
        for key, reason in (("F7", NOT_COLLECTED), ("F8", DOES_NOT_APPLY)):
            hints.addWidget(theme.label(key, "key"))
            button = theme.button(say(f"entry.missing.{reason}.long"), "link")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(self._not_collected if reason == NOT_COLLECTED else self._does_not_apply)
            hints.addWidget(button)
        self._keys = QWidget()
        keys = QHBoxLayout(self._keys)
        keys.setContentsMargins(0, 0, 0, 0)
        for key, word in _KEYS:
            keys.addSpacing(theme.px(6))
            keys.addWidget(theme.label(key, "key"))
            keys.addWidget(theme.label(say(f"entry.hint.{word}"), "small"))
        hints.addWidget(self._keys)
        self._said = theme.label("", "small")
        self._said.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._said.setAccessibleName(say("entry.did.name"))
        hints.addWidget(self._said, 1)

    def make_room(self, roomy: bool) -> None:
        """Leave the keys out where there is no place for them."""
        self._keys.setVisible(roomy)

    def tell(self, text: str) -> None:
        """Say what was just done, as far as there is place for it."""
        fitting = self._said.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self._said.width())
        self._said.setText(fitting)
        self._said.setToolTip(text)
        self._said.setAccessibleDescription(text)

    @Slot()
    def _not_collected(self) -> None:
        self.reason.emit(NOT_COLLECTED)

    @Slot()
    def _does_not_apply(self) -> None:
        self.reason.emit(DOES_NOT_APPLY)


def _choice(word: str) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(word)
    made.setToolTip(word)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


def _say_count(label: QLabel, key: str, count: int) -> None:
    label.setVisible(count > 0)
    label.setText(say(key, count=count))
