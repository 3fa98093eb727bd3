"""What the palette finds beside the rooms: the forms, units and tasks of this folder, and the commands."""

from collections.abc import Callable, Mapping

from desktop.shell.palette import Target
from desktop.widgets.place import Place
from desktop.widgets.words import language, say
from sync.domain.catalogue import Catalogue
from sync.domain.keys import TASK
from sync.domain.values import Value
from sync.store import Store


def targets(
    store: Store, catalogue: Catalogue, go: Callable[[Place], None], commands: Mapping[str, Callable[[], None]]
) -> list[Target]:
    """The forms that units here report, units with the figures typed for them, tasks by their words.

    `commands` are named by shell.command.
    """
    enrolment = store.enrolment()
    units = store.units(enrolment.unit) if enrolment else []
    kinds = {unit.kind for unit in units}
    found = [
        Target("form", form.name.text(language()), _opener(go, Place("entry", form=form.key)))
        for form in catalogue.forms.values()
        if enrolment is None or form.unit_kinds & kinds
    ]
    if enrolment is not None:
        found += [Target("unit", unit.name, _opener(go, Place("entry", unit=unit.key))) for unit in units]
        for key, cell in store.select(TASK, enrolment.unit).items():
            words = Value.of(cell.content).text if key.part == "content" else None
            if words:
                found.append(Target("task", words, _opener(go, Place("tasks", unit=key.unit, task=key.item))))
    found += [Target("command", say(f"shell.command.{name}"), run) for name, run in commands.items()]
    return found


def _opener(go: Callable[[Place], None], place: Place) -> Callable[[], None]:
    return lambda: go(place)
