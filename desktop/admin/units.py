"""Units created, renamed and closed: villages, and communes by whoever administers the province."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from PySide6.QtCore import QRegularExpression, Qt, Signal, Slot
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from desktop.admin import fields
from desktop.admin.acts import Act
from desktop.widgets import formats, theme
from desktop.widgets.words import say
from sync.domain.keys import within
from sync.domain.units import CODE_DIGITS, Level, Unit, UnitKind, level_of

_UNIT: Final = Qt.ItemDataRole.UserRole


_CODE: Final = QRegularExpression(f"[0-9]{{{CODE_DIGITS}}}")


class UnitsPage(QWidget):
    """`acted` carries an Act. `top` is the highest unit that is administered here: those below it are established."""

    acted = Signal(object)

    def __init__(self, top: str, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._top = top
        self._units: Mapping[str, Unit] = {}
        self.commune = fields.choice("admin.units.commune")
        self.list = QListWidget()
        self.list.setAccessibleName(say("admin.units.list"))
        self.list.setProperty("look", "ticks")
        self.new, self.name, self.decision = (fields.line(f"admin.units.{one}") for one in ("new", "name", "decision"))
        self.last_day = fields.day_edit("admin.units.last_day", clock, 0)
        self.buttons: dict[str, QPushButton] = {
            name: theme.button(say(f"admin.units.{name}")) for name in ("create", "rename", "close")
        }
        self.kind, self.code = fields.choice("admin.units.kind"), fields.line("admin.units.code")
        for kind in (one for one in UnitKind if one.level is Level.COMMUNE):
            self.kind.addItem(say(f"admin.commune_kind.{kind}"), kind)
        self.code.setValidator(QRegularExpressionValidator(_CODE, self))
        self.new_commune = fields.line("admin.units.new_commune")
        self.commune_decision = fields.line("admin.units.decision")
        self.create_commune = theme.button(say("admin.units.create"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(16))
        left = QVBoxLayout()
        left.addWidget(self.commune)
        left.addWidget(self.list, 1)
        row.addLayout(left, 2)
        right = QVBoxLayout()
        right.setSpacing(theme.px(12))
        right.addWidget(self._card())
        right.addWidget(self._commune_card())
        right.addStretch(1)
        row.addLayout(right, 3)
        self.commune.currentIndexChanged.connect(self._show_villages)
        self.list.currentItemChanged.connect(self._choose)
        self.new.textChanged.connect(self._allow)
        for name, button in self.buttons.items():
            button.clicked.connect(partial(self._act, name))
        for line in (self.code, self.new_commune):
            line.textChanged.connect(self._allow)
        self.create_commune.clicked.connect(self._create_commune)

    def _card(self) -> QFrame:
        made, grid = fields.card("admin.units.title")
        grid.addWidget(self.new, 1, 0)
        grid.addWidget(self.buttons["create"], 1, 1)
        grid.addWidget(self.name, 2, 0)
        grid.addWidget(self.buttons["rename"], 2, 1)
        grid.addWidget(self.last_day, 3, 0)
        grid.addWidget(self.buttons["close"], 3, 1)
        grid.addWidget(self.decision, 4, 0, 1, 2)
        return made

    def _commune_card(self) -> QFrame:
        made, grid = fields.card("admin.units.commune_title")
        grid.addWidget(self.kind, 1, 0, 1, 2)
        grid.addWidget(self.code, 2, 0, 1, 2)
        grid.addWidget(self.new_commune, 3, 0)
        grid.addWidget(self.create_commune, 3, 1)
        grid.addWidget(self.commune_decision, 4, 0, 1, 2)
        made.setVisible(level_of(self._top) is Level.PROVINCE)
        return made

    def show_units(self, units: Sequence[Unit]) -> None:
        """The units that are administered here; communes to choose from, with their villages."""
        before = self._units.get(self._chosen())
        self._units = {unit.key: unit for unit in units if unit.valid_to is None}
        if f"{self._top}.{self.code.text()}" in self._units:
            # Typed until it is there: the centre may refuse it.
            self.code.clear()
            self.new_commune.clear()
        kept = self.commune.currentData()
        self.commune.blockSignals(True)
        self.commune.clear()
        for unit in self._units.values():
            if unit.kind.level is Level.COMMUNE:
                self.commune.addItem(unit.name, unit.key)
        self.commune.setCurrentIndex(max(self.commune.findData(kept), 0))
        self.commune.blockSignals(False)
        self._show_villages()
        if before and self.name.text() == before.name:
            self._choose()

    @Slot()
    def _show_villages(self) -> None:
        """The commune itself and each of its villages."""
        commune = self.commune.currentData() or ""
        chosen = self._chosen()
        # Names that are being typed stay while the same unit is chosen.
        self.list.blockSignals(True)
        self.list.clear()
        for key, unit in self._units.items():
            if commune and within(key, commune):
                item = QListWidgetItem(unit.name)
                item.setData(_UNIT, key)
                self.list.addItem(item)
                if key == chosen:
                    self.list.setCurrentItem(item)
        self.list.blockSignals(False)
        if self._chosen() != chosen:
            self._choose()
        self._allow()

    @Slot()
    def _choose(self) -> None:
        unit = self._units.get(self._chosen())
        self.name.setText(unit.name if unit else "")
        self._allow()

    @Slot()
    def _allow(self) -> None:
        self.buttons["create"].setEnabled(bool(self.new.text().strip()) and self.commune.count() > 0)
        for name in ("rename", "close"):
            self.buttons[name].setEnabled(self._chosen() not in ("", self._top))
        self.create_commune.setEnabled(self.code.hasAcceptableInput() and bool(self.new_commune.text().strip()))

    def _chosen(self) -> str:
        item = self.list.currentItem()
        return str(item.data(_UNIT)) if item else ""

    @Slot()
    def _create_commune(self) -> None:
        said = {
            "unit": self._top,
            "kind": self.kind.currentData(),
            "code": self.code.text(),
            "name": self.new_commune.text().strip(),
            "decision": self.commune_decision.text().strip(),
        }
        self.acted.emit(Act("unit_create", said, told="unit_create"))

    def _act(self, name: str, _: bool = False) -> None:
        said: dict[str, object] = {"decision": self.decision.text().strip(), "unit": self._chosen()}
        unit = self._units.get(self._chosen())
        effect, back = "", None
        if name == "create":
            said |= {"unit": self.commune.currentData(), "name": self.new.text().strip()}
            self.new.clear()
        elif name == "rename" and unit:
            said["name"] = self.name.text().strip()
            back = Act("unit_rename", {**said, "name": unit.name, "decision": unit.decision}, told="unit_rename")
        elif unit:
            day = fields.day_in(self.last_day)
            said["last_day"] = day.isoformat()
            effect = say("admin.effect.unit_close", unit=unit.name, day=formats.day(day))
        self.acted.emit(Act(f"unit_{name}", said, told=f"unit_{name}", effect=effect, back=back))
