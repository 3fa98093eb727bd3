"""The commands for people, roles and what they did."""

from pathlib import Path
from typing import Annotated

import typer

from sync.central.terminal import opened, person_in, unit_in
from sync.central.words import Words
from sync.domain.catalogue import Sensitivity
from sync.domain.rights import Role


def add_people(app: typer.Typer, words: Words) -> None:
    """Who holds which role, and on which computers."""

    @app.command("people", help=words.say("help.people"))
    def _people(data: Annotated[Path, typer.Option(help=words.say("help.data"))]) -> None:
        with opened(words, data) as centre:
            persons = centre.staff.persons()
            devices = centre.staff.people_of_devices()
        typer.echo(words.say("done.people"))
        for name, grants in persons.items():
            theirs = " ".join(sorted(device for device, people in devices.items() if name in people))
            for role, unit, up_to in sorted(tuple(map(str, grant)) for grant in grants) or [("-", "-", "-")]:
                typer.echo(words.say("done.person", person=name, role=role, unit=unit, up_to=up_to, devices=theirs))

    @app.command("grant", help=words.say("help.grant"))
    def _grant(
        person: Annotated[str, typer.Argument(help=words.say("help.person_name"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        role: Annotated[Role, typer.Option(help=words.say("help.role"))],
        unit: Annotated[str, typer.Option(help=words.say("help.role_unit"))],
        up_to: Annotated[Sensitivity, typer.Option(help=words.say("help.up_to"))] = Sensitivity.INTERNAL,
    ) -> None:
        name = person_in(words, person)
        with opened(words, data) as centre:
            found = unit_in(words, centre, unit)
            centre.staff.give(name, role, unit, up_to)
        typer.echo(words.say("done.grant", person=name, role=role, unit=found.name, up_to=up_to))

    @app.command("withdraw", help=words.say("help.withdraw"))
    def _withdraw(
        person: Annotated[str, typer.Argument(help=words.say("help.person_name"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        role: Annotated[Role, typer.Option(help=words.say("help.role"))],
        unit: Annotated[str, typer.Option(help=words.say("help.role_unit"))],
    ) -> None:
        name = person_in(words, person)
        with opened(words, data) as centre:
            centre.staff.take(name, role, unit)
        typer.echo(words.say("done.withdraw", person=name, role=role, unit=unit))

    @app.command("device-people", help=words.say("help.device_people"))
    def _device_people(
        device: Annotated[str, typer.Argument(help=words.say("help.device"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        person: Annotated[list[str], typer.Option(help=words.say("help.person_of_device"))],
    ) -> None:
        names = [person_in(words, each) for each in person]
        with opened(words, data) as centre:
            centre.staff.set_people(device, names)
        typer.echo(words.say("done.device_people", device=device, people=", ".join(names)))
