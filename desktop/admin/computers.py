"""The computers: a list, codes for new ones, another name, the end of one, and what a revoked one still handed in."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.admin.seen import Computer, Overview
from desktop.widgets import theme
from desktop.widgets.rows import Row, RowsView
from desktop.widgets.words import say
from sync.domain.local_time import VIETNAM
from sync.domain.rights import unit_of
from sync.domain.units import Unit

_ACTS: Final = ("rename", "revoke", "take", "dismiss")


class ComputersPage(QWidget):
    """`asked` carries an order and what it says."""

    asked = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._computers: Mapping[str, Computer] = {}
        self.person, self.unit = QLineEdit(), QComboBox()
        self.person.setPlaceholderText(say("admin.computers.person"))
        self.person.setAccessibleName(say("admin.computers.person"))
        self.unit.setAccessibleName(say("admin.computers.unit"))
        self.make = theme.button(say("admin.computers.make"))
        self.code = theme.label("", "figure")
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.list = RowsView(say("admin.tab.computers"))
        self.name = QLineEdit()
        self.name.setAccessibleName(say("admin.computers.name"))
        self.buttons = {name: theme.button(say(f"admin.computers.{name}")) for name in _ACTS}
        self.sure = theme.button(say("admin.computers.sure"))
        self._chosen = theme.label("", "strong")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        column.addLayout(self._code_line())
        column.addWidget(self.list, 1)
        column.addWidget(self._panel())
        self.make.clicked.connect(self._make)
        self.person.textChanged.connect(self._allow)
        self.list.chosen.connect(self._choose)
        for name, button in self.buttons.items():
            button.clicked.connect(partial(self._act, name))
        self.sure.clicked.connect(self._revoke)
        self._allow()
        self._choose(None)

    def _code_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(theme.px(8))
        line.addWidget(self.person, 2)
        line.addWidget(self.unit, 2)
        line.addWidget(self.make)
        line.addWidget(self.code, 2)
        return line

    def _panel(self) -> QFrame:
        """What may be done with the chosen computer."""
        self.panel = QFrame()
        self.panel.setProperty("look", "card")
        inside = QHBoxLayout(self.panel)
        inside.setContentsMargins(theme.px(16), theme.px(10), theme.px(16), theme.px(10))
        inside.setSpacing(theme.px(8))
        inside.addWidget(self._chosen, 1)
        inside.addWidget(self.name, 1)
        for button in self.buttons.values():
            inside.addWidget(button)
        inside.addWidget(self.sure)
        return self.panel

    def show_units(self, units: Sequence[Unit]) -> None:
        """The units for which codes may be made."""
        kept = self.unit.currentData()
        self.unit.clear()
        for unit in units:
            if unit.valid_to is None:
                self.unit.addItem(unit.name, unit.key)
        self.unit.setCurrentIndex(max(self.unit.findData(kept), 0))

    def show_overview(self, seen: Overview, names: Mapping[str, str]) -> None:
        """Every computer; those of which something is held stand first."""
        self._computers = {one.device: one for one in seen.computers}
        ordered = sorted(seen.computers, key=lambda one: (not one.held, one.is_revoked, one.units, one.person))
        self.list.show_rows([_row(one, names) for one in ordered])
        self._choose(self.list.current_key())

    def show_code(self, code: str) -> None:
        """A new code: told once, by phone or on paper."""
        self.code.setText(code)

    @Slot()
    def _allow(self) -> None:
        self.make.setEnabled(bool(self.person.text().strip()))

    @Slot()
    def _make(self) -> None:
        self.code.setText("")
        self.asked.emit("code", {"unit": self.unit.currentData(), "person": self.person.text().strip()})

    @Slot(object)
    def _choose(self, key: object) -> None:
        one = self._computers.get(key) if isinstance(key, str) else None
        self.panel.setVisible(one is not None)
        if one is None:
            return
        self._chosen.setText(one.name or one.device)
        self.name.setText(one.name)
        self.sure.hide()
        self.buttons["revoke"].setVisible(not one.is_revoked)
        for name in ("take", "dismiss"):
            self.buttons[name].setVisible(one.held > 0)

    def _act(self, name: str, _: bool = False) -> None:
        device = self.list.current_key()
        if name == "revoke":
            # Once more, in its place: what it then still hands in is held apart.
            self.sure.show()
            self.sure.setFocus()
        elif name == "rename":
            self.asked.emit("device_name", {"device": device, "computer": self.name.text().strip()})
        else:
            self.asked.emit(f"escrow_{name}", {"device": device})

    @Slot()
    def _revoke(self) -> None:
        self.asked.emit("revoke", {"device": self.list.current_key()})


def _row(one: Computer, names: Mapping[str, str]) -> Row:
    units = ", ".join(names.get(unit_of(root), unit_of(root)) for root in one.units) or say("admin.computers.no_unit")
    enrolled = f"{one.enrolled_at.astimezone(VIETNAM):%d/%m/%Y}"
    detail = say("admin.computers.detail", person=one.person, units=units, enrolled=enrolled)
    pill, look = "", ""
    if one.held:
        pill, look = say("admin.computers.held", count=one.held), "warning"
    elif one.is_revoked:
        pill, look = say("admin.computers.revoked"), "bad"
    elif one.is_copied:
        pill, look = say("admin.computers.copied"), "warning"
    return Row(one.device, "server", one.name or one.device, detail, pill, look)
