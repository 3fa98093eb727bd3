"""What whoever is here may do and see on this PC, as the centre last said; it decides the same once more for itself.

Before enrolment nobody else is there, and everything is theirs. Nothing is refused by this: what is typed without a
right is kept and sent, and the centre holds it back until the right comes.
"""

from sync.domain.catalogue import Catalogue
from sync.domain.keys import FOR_ALL, RIGHTS, Key, is_for_one_unit, stream_of, stream_of_device
from sync.domain.rights import Action, Grants, actions_of, allows, class_of, class_to_act, implied, unit_of
from sync.domain.values import ContentError
from sync.store.scope import scope
from sync.store.store import Store


class Rights:
    """Of who is signed in at this moment; made anew when somebody else is, or when `key` says something else."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.key = Key(RIGHTS, stream_of_device(store.device))
        enrolment, people = store.enrolment(), store.people()
        self.has_people = people is not None
        """Whether the centre said who uses this PC."""
        self._grants: Grants | None
        if enrolment is None:
            self._grants = None
        elif people is None:
            self._grants = implied(map(unit_of, scope(store) or [enrolment.unit]))
        else:
            self._grants = people.get(store.author(), ())
        # A grid asks of few units and indicators, many times each.
        self._seen: dict[tuple[str, str, str], bool] = {}

    def may(self, action: Action, unit: str, sensitivity: str = "") -> bool:
        """Whether they may do `action` to a cell of `unit` of this class."""
        return self._grants is None or allows(self._grants, action, unit, sensitivity)

    def may_change(self, key: Key, content: str = "null") -> bool:
        """Whether a change of `key` to `content` would be theirs to make; the content matters for a status alone."""
        try:
            actions = actions_of(key, content)
        except ContentError:
            return False
        sensitivity = class_to_act(self._catalogue, key)
        return any(self.may(action, key.unit, sensitivity) for action in actions)

    def sees(self, key: Key) -> bool:
        """Whether they may see what stands in a cell; what is for all, and what the centre told this PC, they may."""
        if key.kind in FOR_ALL or not is_for_one_unit(stream_of(key)):
            return True
        address = key[:3]
        found = self._seen.get(address)
        if found is None:
            found = self._seen[address] = self.may(Action.READ, key.unit, class_of(self._catalogue, key))
        return found

    def highest(self, action: Action) -> str:
        """The highest unit at which a role of theirs allows `action`, "" where none does."""
        units = [grant.unit for grant in self._grants or () if allows((grant,), action, grant.unit)]
        return min(units, key=lambda unit: (unit.count("."), unit), default="")
