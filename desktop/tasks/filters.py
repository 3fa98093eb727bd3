"""What is chosen of the list: words, how a task stands, its unit, group, state and document, and the order."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from PySide6.QtCore import QSettings, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.tasks.listing import Choice, Listing, Order, Shown
from desktop.widgets import icons, theme
from desktop.widgets.chips import Chips
from desktop.widgets.standing import ICONS, word
from desktop.widgets.words import say
from sync.domain.tasks import TaskGroup, TaskState, Timeliness
from sync.domain.text import sort_key

STANDS: Final = (Timeliness.OVERDUE, Timeliness.NEAR, Timeliness.ON_TIME, Timeliness.NO_DEADLINE)
_KEPT: Final = "tasks/choice"
_CHOICES: Final = ("unit", "group", "state", "document", "order")


class Filters(QWidget):
    """`changed` when something else is chosen. The choice is kept in `settings` for the next start."""

    changed = Signal()

    def __init__(self, settings: QSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._behind: tuple[str, frozenset[str]] | None = None
        self.search = QLineEdit()
        self.choices = {name: QComboBox() for name in _CHOICES}
        self.stands: dict[Timeliness | None, QPushButton] = {}
        self.behind, self._behind_words = QFrame(), theme.label("")
        self.see_all = theme.button(say("tasks.list.see_all"), "link")
        self._chips, self._group = Chips(), QButtonGroup(self)
        self._kept = _read(settings)
        self._offered: dict[str, Mapping[str, str]] = {}
        self._build()
        self.search.textChanged.connect(self.changed)
        self._group.idToggled.connect(self._stand_chosen)
        self.see_all.clicked.connect(self.show_all)
        for box in self.choices.values():
            box.activated.connect(self._chosen)

    def _build(self) -> None:
        self.search.setClearButtonEnabled(True)
        self.search.setPlaceholderText(say("tasks.list.search"))
        self.search.setAccessibleName(say("tasks.list.search"))
        for number, each in enumerate((None, *STANDS)):
            chip = theme.button("", "chip")
            chip.setCheckable(True)
            if each is not None:
                chip.setIcon(icons.icon(ICONS[each], side=14))
            self._group.addButton(chip, number)
            self.stands[each] = chip
            self._chips.add(chip)
        kept = str(self._settings.value("tasks/filter", ""))
        self.stands[next((each for each in STANDS if each == kept), None)].setChecked(True)
        boxes = QGridLayout()
        boxes.setSpacing(theme.px(8))
        beside = 2 if theme.is_large() else 3
        for number, (name, box) in enumerate(self.choices.items()):
            box.setAccessibleName(say(f"tasks.choice.{name}"))
            box.setToolTip(say(f"tasks.choice.{name}"))
            box.setMinimumContentsLength(3)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            boxes.addWidget(box, number // beside, number % beside)
        self.behind.setProperty("look", "note-plain")
        inside = QHBoxLayout(self.behind)
        inside.setContentsMargins(theme.px(12), theme.px(6), theme.px(8), theme.px(6))
        self._behind_words.setWordWrap(True)
        inside.addWidget(self._behind_words, 1)
        inside.addWidget(self.see_all)
        self.behind.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(10))
        for widget in (self.search, self._chips):
            column.addWidget(widget)
        under = QWidget()
        boxes.setContentsMargins(0, 0, 0, 0)
        under.setLayout(boxes)
        column.addWidget(under)
        column.addWidget(self.behind)
        if theme.is_large():
            # Below such letters the list would have no room: the filters come when they are asked for.
            more = theme.button(say("tasks.list.filters"), "link")
            more.setCheckable(True)
            column.insertWidget(1, more, 0, Qt.AlignmentFlag.AlignLeft)
            for filters in (self._chips, under):
                more.toggled.connect(filters.setVisible)
                filters.hide()

    def choice(self) -> Choice:
        """What is chosen now."""
        named = {name: str(box.currentData() or "") for name, box in self.choices.items()}
        stand = next(each for each, chip in self.stands.items() if chip.isChecked())
        order = Order(named.pop("order") or Order.PRESSING)
        items = self._behind[1] if self._behind else None
        return Choice(self.search.text(), stand, **named, order=order, items=items)

    def show_listing(self, listing: Listing) -> None:
        """Offer what there is to choose in `listing`; what is chosen stays, if it is still there."""
        self._fill("unit", listing.named, sort_key)
        self._fill("document", {document: document for document in listing.documents}, sort_key)
        self._fill("group", {group.value: say(f"tasks.group.{group}") for group in TaskGroup}, None)
        self._fill("state", {state.value: say(f"tasks.state.{state}") for state in TaskState}, None)
        self._fill("order", {order.value: say(f"tasks.order.{order}") for order in Order}, None)

    def show_counts(self, shown: Shown) -> None:
        """How many tasks stand in each way, of those that fit what else is chosen."""
        for each, chip in self.stands.items():
            count = shown.fit if each is None else shown.stands[each]
            name = say("tasks.list.all") if each is None else word(each)
            chip.setText(say("tasks.list.filter", name=name, count=count))
        self._chips.place()

    def show_behind(self, words: str, items: frozenset[str]) -> None:
        """Show the tasks behind a figure, which `words` name."""
        self._clear()
        self._behind = words, items
        self._behind_words.setText(say("tasks.list.behind", words=words))
        self.behind.show()
        self.changed.emit()

    @Slot()
    def show_all(self) -> None:
        """Choose nothing any more."""
        self._clear()
        self.changed.emit()

    def _clear(self) -> None:
        self._behind = None
        self.behind.hide()
        self.blockSignals(True)
        self.search.clear()
        self.stands[None].setChecked(True)
        for name in ("unit", "group", "state", "document"):
            self.choices[name].setCurrentIndex(0)
        self.blockSignals(False)
        self._keep()

    def _fill(self, name: str, names: Mapping[str, str], order: Callable[[str], Any] | None) -> None:
        if names == self._offered.get(name):
            return
        self._offered[name] = names
        box = self.choices[name]
        keys = sorted(names, key=lambda key: order(names[key])) if order else list(names)
        wanted = keys if name == "order" else ["", *keys]
        chosen = str(box.currentData() or "") if box.count() else self._kept.get(name, "")
        box.clear()
        for key in wanted:
            box.addItem(names[key] if key else say(f"tasks.choice.any_{name}"), key)
        box.setCurrentIndex(max(0, box.findData(chosen)))

    def _keep(self) -> None:
        kept = {name: str(box.currentData() or "") for name, box in self.choices.items()}
        self._settings.setValue(_KEPT, json.dumps(kept))

    @Slot()
    def _chosen(self) -> None:
        self._keep()
        self.changed.emit()

    @Slot(int, bool)
    def _stand_chosen(self, number: int, chosen: bool) -> None:
        if chosen:
            self._settings.setValue("tasks/filter", (None, *STANDS)[number] or "")
            self.changed.emit()


def _read(settings: QSettings) -> dict[str, str]:
    with suppress(ValueError):
        kept = json.loads(str(settings.value(_KEPT, "{}")))
        if isinstance(kept, dict):
            return {str(name): str(value) for name, value in kept.items()}
    return {}
