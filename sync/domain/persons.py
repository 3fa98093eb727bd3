"""What the centre decides of one person: who they are, what they are called, and which roles they hold."""

import json
from typing import NamedTuple

from sync.domain.authors import author_of
from sync.domain.rights import Grants, grants_content, grants_of
from sync.domain.values import ContentError, canonical


class Person(NamedTuple):
    """What is decided of one person. `at` is where they held their last role, while they hold none."""

    id: str
    name: str
    grants: Grants = ()
    at: str = ""

    @property
    def author(self) -> str:
        """What stands under what they do from now on."""
        return author_of(self.id, self.name)

    def content(self) -> str:
        """What the person's cell holds: canonical JSON."""
        grants = grants_content(self.grants)
        if self.name == self.id and not self.at:
            return grants
        return canonical({"at": self.at, "grants": json.loads(grants), "name": self.name})

    @classmethod
    def of(cls, person: str, content: str) -> "Person":
        """Read a person's cell; before people had ids it held their roles alone. Raises ContentError."""
        try:
            found = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ContentError(content[:80]) from error
        if isinstance(found, list):
            return cls(person, person, grants_of(content))
        if not isinstance(found, dict) or not all(isinstance(found.get(part), str) for part in ("at", "name")):
            raise ContentError(content[:80])
        return cls(person, found["name"], grants_of(json.dumps(found.get("grants"))), found["at"])
