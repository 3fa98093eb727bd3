"""Whether somebody whose name is typed is who is known by it, or another person."""

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QCheckBox

from desktop.admin.seen import Held, role_at
from desktop.widgets.words import say
from sync.domain.authors import alike, name_of


class Another(QCheckBox):
    """Shown while the typed name is somebody's, with what they hold; ticked where another is meant. `known` is the
    author of that name, "" for nobody."""

    known = ""

    def look_up(self, typed: str, people: Mapping[str, Sequence[Held]], names: Mapping[str, str]) -> None:
        """Ask anew of a name that was typed: of these `people`, with what they hold at units of these `names`."""
        self.known = next((one for one in people if alike(name_of(one)) == alike(typed)), "")
        if self.known:
            roles = ", ".join(role_at(one.role, one.unit, names) for one in people[self.known])
            words = {"person": name_of(self.known), "roles": roles or say("admin.people.no_role")}
            self.setText(say("admin.people.another", **words))
        self.setChecked(False)
        self.setVisible(bool(self.known))
