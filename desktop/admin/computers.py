"""The computers: a list, codes for new ones, another name, the end of one, and what a revoked one still handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.admin import fields
from desktop.admin.acts import Act
from desktop.admin.another import Another
from desktop.admin.seen import Computer, Held, Overview, role_at
from desktop.widgets import theme
from desktop.widgets.rows import Row, RowsView
from desktop.widgets.words import say
from sync.domain.authors import name_of
from sync.domain.local_time import VIETNAM
from sync.domain.rights import unit_of
from sync.domain.units import Unit

_ACTS: Final = ("rename", "revoke", "take", "dismiss")
_LIST: Final = 132
"""Pixels at plain text size for those who may use a computer."""


class ComputersPage(QWidget):
    """`acted` carries an Act."""

    acted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._computers: Mapping[str, Computer] = {}
        self.person, self.unit = QLineEdit(), QComboBox()
        self.person.setPlaceholderText(say("admin.computers.person"))
        self.person.setAccessibleName(say("admin.computers.person"))
        self.unit.setAccessibleName(say("admin.computers.unit"))
        self.another = Another()
        self.make = theme.button(say("admin.computers.make"))
        self.code = theme.label("", "figure")
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.list = RowsView(say("admin.tab.computers"))
        self.name = QLineEdit()
        self.name.setAccessibleName(say("admin.computers.name"))
        self.buttons = {name: theme.button(say(f"admin.computers.{name}")) for name in _ACTS}
        self.people = fields.Ticks("admin.computers.people")
        self.people.setMaximumHeight(theme.px(_LIST))
        self.keep = theme.button(say("admin.computers.keep"))
        self._persons: Mapping[str, str] = {}
        self._known: Mapping[str, Sequence[Held]] = {}
        self._names: Mapping[str, str] = {}
        self._chosen = theme.label("", "strong")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        column.addLayout(self._code_line())
        column.addWidget(self.another)
        column.addWidget(self.list, 1)
        column.addWidget(self._panel())
        self.make.clicked.connect(self._make)
        self.person.textChanged.connect(self._look_up)
        self.list.chosen.connect(self._choose)
        for name, button in self.buttons.items():
            button.clicked.connect(partial(self._act, name))
        self.keep.clicked.connect(self._set_people)
        self.people.itemChanged.connect(self._allow)
        self._choose(None)
        self._look_up()

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
        lines = QVBoxLayout(self.panel)
        lines.setContentsMargins(theme.px(16), theme.px(10), theme.px(16), theme.px(10))
        lines.setSpacing(theme.px(8))
        inside = QHBoxLayout()
        inside.setSpacing(theme.px(8))
        lines.addLayout(inside)
        inside.addWidget(self._chosen, 1)
        inside.addWidget(self.name, 1)
        for button in self.buttons.values():
            inside.addWidget(button)
        self._of_people = QWidget()
        below = QHBoxLayout(self._of_people)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(theme.px(8))
        text = theme.label(say("admin.computers.people"), "muted")
        text.setWordWrap(True)
        below.addWidget(text, 1, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self.people, 3)
        below.addWidget(self.keep, 0, Qt.AlignmentFlag.AlignBottom)
        lines.addWidget(self._of_people)
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
        self._persons = _persons(seen, names)
        made_for = (one.person for one in seen.computers)
        self._known = {one: seen.people.get(one, ()) for one in dict.fromkeys((*self._persons, *made_for))}
        self._names = names
        ordered = sorted(seen.computers, key=lambda one: (not one.held, one.is_revoked, one.units, one.person))
        self.list.show_rows([_row(one, names) for one in ordered])
        self._choose(self.list.current_key())
        self._look_up()

    def show_code(self, code: str) -> None:
        """A new code: told once, by phone or on paper."""
        self.code.setText(code)

    @Slot()
    def _allow(self) -> None:
        self.make.setEnabled(bool(self.person.text().strip()))
        one = self._chosen_computer()
        self.keep.setEnabled(one is not None and sorted(self.people.ticked()) != sorted(one.people or ()))

    @Slot()
    def _look_up(self) -> None:
        """Whether somebody is called so already: a code for them makes the computer theirs."""
        self.another.look_up(self.person.text(), self._known, self._names)
        self._allow()

    @Slot()
    def _make(self) -> None:
        self.code.setText("")
        unit, typed = self.unit.currentData(), " ".join(self.person.text().split())
        if self.another.isChecked():
            self.acted.emit(Act("code", {"unit": unit, "person": typed, "is_new": True}))
        else:
            self.acted.emit(Act("code", {"unit": unit, "person": self.another.known or typed}))

    @Slot(object)
    def _choose(self, key: object) -> None:
        one = self._computers.get(key) if isinstance(key, str) else None
        self.panel.setVisible(one is not None)
        if one is None:
            return
        self._chosen.setText(one.name or one.device)
        self.name.setText(one.name)
        self.buttons["revoke"].setVisible(not one.is_revoked)
        for name in ("take", "dismiss"):
            self.buttons[name].setVisible(one.held > 0)
        self._of_people.setVisible(not one.is_revoked)
        self._show_people(one)

    def _show_people(self, one: Computer) -> None:
        """Everybody who could use it; those who do first."""
        theirs = one.people or ()
        everybody = dict.fromkeys((*theirs, *self._persons))
        self.people.show_lines(((person, self._persons[person]) for person in everybody), theirs)
        self._allow()

    def _chosen_computer(self) -> Computer | None:
        return self._computers.get(str(self.list.current_key()))

    def _act(self, name: str, _: bool = False) -> None:
        one = self._chosen_computer()
        if one is None:
            return
        said = {"device": one.device}
        if name == "rename":
            back = Act("device_name", {**said, "computer": one.name}, told="device_name") if one.name else None
            self.acted.emit(
                Act("device_name", {**said, "computer": self.name.text().strip()}, told="device_name", back=back)
            )
        elif name == "revoke":
            people = ", ".join(map(name_of, one.people or (one.person,)))
            effect = say("admin.effect.revoke", computer=one.name or one.device, people=people)
            self.acted.emit(Act("revoke", said, told="revoke", effect=effect))
        else:
            effect = say("admin.effect.dismiss", count=one.held) if name == "dismiss" else ""
            self.acted.emit(Act(f"escrow_{name}", said, told=f"escrow_{name}", effect=effect))

    @Slot()
    def _set_people(self) -> None:
        one, ticked = self._chosen_computer(), sorted(self.people.ticked())
        if one is None:
            return
        act = Act("device_people", {"device": one.device, "people": ticked}, told="device_people")
        gone = [person for person in one.people or () if person not in ticked]
        computer = one.name or one.device
        if not ticked:
            effect = say("admin.effect.nobody", computer=computer)
        elif gone:
            effect = say("admin.effect.people", computer=computer, people=", ".join(map(name_of, gone)))
        else:
            effect = say("admin.effect.first_people", computer=computer) if one.people is None else ""
        # To a computer that is every hand's it never goes back.
        back = None if one.people is None else replace(act, said={**act.said, "people": sorted(one.people)})
        self.acted.emit(replace(act, effect=effect, back=back))


def _persons(seen: Overview, names: Mapping[str, str]) -> Mapping[str, str]:
    """Everybody who holds a role or uses a computer, with what tells namesakes apart: role and unit."""
    found: dict[str, str] = {}
    users = (person for one in seen.computers for person in one.people or ())
    for person in dict.fromkeys((*seen.people, *users)):
        roles = [role_at(one.role, one.unit, names) for one in seen.people.get(person, ())]
        found[person] = " · ".join([name_of(person), *roles])
    return found


def _row(one: Computer, names: Mapping[str, str]) -> Row:
    units = ", ".join(names.get(unit_of(root), unit_of(root)) for root in one.units) or say("admin.computers.no_unit")
    enrolled = f"{one.enrolled_at.astimezone(VIETNAM):%d/%m/%Y}"
    people = ", ".join(map(name_of, one.people or (one.person,)))
    detail = say("admin.computers.detail", person=people, units=units, enrolled=enrolled)
    pill, look = "", ""
    if one.held:
        pill, look = say("admin.computers.held", count=one.held), "warning"
    elif one.is_revoked:
        pill, look = say("admin.computers.revoked"), "bad"
    elif one.is_copied:
        pill, look = say("admin.computers.copied"), "warning"
    return Row(one.device, "server", one.name or one.device, detail, pill, look)
