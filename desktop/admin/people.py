"""Who holds which role: a list, and a line to give another."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.admin.acts import Act
from desktop.admin.seen import Held, Overview, Said
from desktop.widgets import theme
from desktop.widgets.rows import Heading, Row, RowsView
from desktop.widgets.words import say
from sync.domain.catalogue import Sensitivity
from sync.domain.rights import HELD, Role, fits
from sync.domain.units import Unit


class PeoplePage(QWidget):
    """`acted` carries an Act."""

    acted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._units: Sequence[Unit] = ()
        self._roles: Sequence[Held] = ()
        self.person = QLineEdit()
        self.person.setPlaceholderText(say("admin.people.person"))
        self.person.setAccessibleName(say("admin.people.person"))
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
        column.addWidget(self.list, 1)
        self.role.currentIndexChanged.connect(self._show_units)
        self.person.textChanged.connect(self._allow)
        self.person.returnPressed.connect(self._give)
        self.give.clicked.connect(self._give)
        self.list.opened.connect(self._withdraw)
        self._allow()

    def show_units(self, units: Sequence[Unit]) -> None:
        """The units at which roles may be given."""
        self._units = units
        self._show_units()

    def show_overview(self, seen: Overview, names: Mapping[str, str]) -> None:
        """Every person with their roles, each to be taken back."""
        self._roles = seen.roles
        rows: list[Heading | Row] = []
        for person in seen.persons:
            rows.append(Heading(person))
            rows += [_row(one, names) for one in seen.roles if one.person == person]
        self.list.show_rows(rows)

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

    @Slot()
    def _give(self) -> None:
        if not self.give.isEnabled():
            return
        given = Held(
            self.person.text().strip(), self.role.currentData(), self.unit.currentData(), self.up_to.currentData()
        )
        before = next((one for one in self._roles if one[:3] == given[:3]), None)
        back = _grant(before) if before else _withdrawal(given)
        self.acted.emit(replace(_grant(given), back=back))

    @Slot(object)
    def _withdraw(self, key: object) -> None:
        if isinstance(key, Held):
            self.acted.emit(replace(_withdrawal(key), back=_grant(key)))


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
