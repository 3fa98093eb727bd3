"""Who holds which role: a list, and a line to give another."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.admin import fields
from desktop.admin.acts import Act
from desktop.admin.another import Another
from desktop.admin.seen import Held, Overview, Said
from desktop.widgets import theme
from desktop.widgets.rows import Heading, Row, RowsView
from desktop.widgets.words import say
from sync.domain.authors import is_name, name_of
from sync.domain.catalogue import Sensitivity
from sync.domain.rights import HELD, Role, fits
from sync.domain.units import Unit


class PeoplePage(QWidget):
    """`acted` carries an Act."""

    acted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._units: Sequence[Unit] = ()
        self._people: Mapping[str, Sequence[Held]] = {}
        self._names: Mapping[str, str] = {}
        self.person, self.another = fields.line("admin.people.person"), Another()
        self.name, self.rename = fields.line("admin.people.name"), theme.button(say("admin.people.rename"))
        self.role, self.unit, self.up_to = QComboBox(), QComboBox(), QComboBox()
        for role in HELD:
            self.role.addItem(say(f"admin.role.{role}"), role)
        for one in Sensitivity:
            self.up_to.addItem(say(f"admin.class.{one}"), one)
        self.up_to.setCurrentIndex(self.up_to.findData(Sensitivity.INTERNAL))
        for box, name in ((self.role, "role"), (self.unit, "unit"), (self.up_to, "up_to")):
            box.setAccessibleName(say(f"admin.people.{name}"))
        self.give = theme.button(say("admin.people.give"), "primary")
        self.list = RowsView(say("admin.tab.people"))
        line = QHBoxLayout()
        line.setSpacing(theme.px(8))
        line.addWidget(self.person, 2)
        line.addWidget(self.role, 2)
        line.addWidget(self.unit, 2)
        line.addWidget(self.up_to, 1)
        line.addWidget(self.give)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        column.addLayout(line)
        column.addWidget(self.another)
        column.addWidget(self.list, 1)
        column.addWidget(self._panel())
        self.role.currentIndexChanged.connect(self._show_units)
        self.person.textChanged.connect(self._look_up)
        self.list.chosen.connect(self._choose)
        self.name.textChanged.connect(self._allow)
        self.name.returnPressed.connect(self._rename)
        self.rename.clicked.connect(self._rename)
        self.person.returnPressed.connect(self._give)
        self.give.clicked.connect(self._give)
        self.list.opened.connect(self._withdraw)
        self._choose(None)
        self._look_up()

    def _panel(self) -> QFrame:
        """The name of whoever holds the chosen role, to be corrected."""
        self.panel = QFrame()
        self.panel.setProperty("look", "card")
        row = QHBoxLayout(self.panel)
        row.setContentsMargins(theme.px(16), theme.px(10), theme.px(16), theme.px(10))
        row.setSpacing(theme.px(8))
        row.addWidget(theme.label(say("admin.people.name"), "muted"))
        row.addWidget(self.name, 1)
        row.addWidget(self.rename)
        return self.panel

    def show_units(self, units: Sequence[Unit]) -> None:
        """The units at which roles may be given."""
        self._units = units
        self._show_units()

    def show_overview(self, seen: Overview, names: Mapping[str, str]) -> None:
        """Every person with their roles, each to be taken back."""
        self._people, self._names = seen.people, names
        rows: list[Heading | Row] = []
        for person, held in seen.people.items():
            rows.append(Heading(name_of(person)))
            rows += [_row(one, names) for one in held]
        self.list.show_rows(rows)
        self._choose(self.list.current_key())
        self._look_up()

    @Slot()
    def _show_units(self) -> None:
        """Only those of the level at which the chosen role is held."""
        kept, role = self.unit.currentData(), Role(self.role.currentData())
        self.unit.clear()
        for unit in self._units:
            if unit.valid_to is None and fits(role, unit.key):
                self.unit.addItem(unit.name, unit.key)
        self.unit.setCurrentIndex(max(self.unit.findData(kept), 0))
        self._allow()

    @Slot()
    def _allow(self) -> None:
        self.give.setEnabled(bool(self.person.text().strip()) and self.unit.count() > 0)
        key, name = self.list.current_key(), " ".join(self.name.text().split())
        self.rename.setEnabled(isinstance(key, Held) and is_name(name) and name != name_of(key.person))

    @Slot()
    def _look_up(self) -> None:
        """Whether somebody is called so already: the same person, or another who must be told apart?"""
        self.another.look_up(self.person.text(), self._people, self._names)
        self._allow()

    @Slot(object)
    def _choose(self, key: object) -> None:
        self.panel.setVisible(isinstance(key, Held))
        self.name.setText(name_of(key.person) if isinstance(key, Held) else "")

    @Slot()
    def _rename(self) -> None:
        key, name = self.list.current_key(), " ".join(self.name.text().split())
        if isinstance(key, Held) and self.rename.isEnabled():
            back = Act("person_name", {"person": key.person, "name": name_of(key.person)}, told="person_name")
            self.acted.emit(replace(back, said={"person": key.person, "name": name}, back=back))

    @Slot()
    def _give(self) -> None:
        if not self.give.isEnabled():
            return
        typed = " ".join(self.person.text().split())
        known = self.another.known or typed
        role, unit, up_to = (box.currentData() for box in (self.role, self.unit, self.up_to))
        given = Held(known, role, unit, up_to)
        if self.another.isChecked():
            # How they will be called the centre says: there is nobody yet from whom to take it back.
            self.acted.emit(Act("grant", {**given._asdict(), "person": typed, "is_new": True}, told="grant"))
            return
        before = next((one for one in self._people.get(known, ()) if one[:3] == given[:3]), None)
        back = _grant(before) if before else _withdrawal(given)
        self.acted.emit(replace(_grant(given), back=back))

    @Slot(object)
    def _withdraw(self, key: object) -> None:
        if not isinstance(key, Held):
            return
        effect = ""
        if key.role == Role.ADMINISTRATOR:
            effect = say("admin.effect.withdraw", unit=self._names.get(key.unit, key.unit), person=name_of(key.person))
        self.acted.emit(replace(_withdrawal(key), effect=effect, back=_grant(key)))


def _grant(held: Held) -> Act:
    return Act("grant", held._asdict(), told="grant")


def _withdrawal(held: Held) -> Act:
    said: Said = {"person": held.person, "role": held.role, "unit": held.unit}
    return Act("withdraw", said, told="withdraw")


def _row(held: Held, names: Mapping[str, str]) -> Row:
    title = f"{say(f'admin.role.{held.role}')} · {names.get(held.unit, held.unit)}"
    pill = say(f"admin.class.{held.up_to}")
    look = "warning" if held.up_to == Sensitivity.SENSITIVE else ""
    return Row(held, "user", title, held.unit, pill, look, say("admin.people.withdraw"))
