"""What a person is typing into the form of a task, kept while they look elsewhere in the room."""

from dataclasses import dataclass

from desktop.tasks.typing import Typed
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import Key


@dataclass(frozen=True, slots=True)
class Draft:
    """`corrects` is the update that is being corrected, None for a new one; `fault` is why it is not saved."""

    typed: Typed
    corrects: Key | None = None
    fault: EnvironmentFault | None = None
