"""The commands for people, roles and what they did."""

from pathlib import Path
from typing import Annotated, Final

import typer

from sync.central import audit, escrow
from sync.central.repository import CENTRE
from sync.central.terminal import moment_in, opened, person_in, stop, unit_in
from sync.central.words import Words
from sync.domain.catalogue import Sensitivity
from sync.domain.rights import Role

_WIDTH: Final = 160
"""Signs of what was done in one line."""


def add_people(app: typer.Typer, words: Words) -> None:
    """Who holds which role, and on which computers."""

    @app.command("people", help=words.say("help.people"))
    def _people(data: Annotated[Path, typer.Option(help=words.say("help.data"))]) -> None:
        with opened(words, data) as centre:
            persons = centre.staff.persons()
            devices = centre.staff.people_of_devices()
        typer.echo(words.say("done.people"))
        for one in persons.values():
            theirs = " ".join(sorted(device for device, people in devices.items() if one.author in people))
            for role, unit, up_to in sorted(tuple(map(str, grant)) for grant in one.grants) or [("-", "-", "-")]:
                typer.echo(
                    words.say("done.person", person=one.author, role=role, unit=unit, up_to=up_to, devices=theirs)
                )

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

    @app.command("person-name", help=words.say("help.person_rename"))
    def _person_name(
        person: Annotated[str, typer.Argument(help=words.say("help.person_name"))],
        name: Annotated[str, typer.Argument(help=words.say("help.person_new_name"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
    ) -> None:
        with opened(words, data) as centre:
            renamed = centre.staff.rename(person_in(words, person), person_in(words, name))
        typer.echo(words.say("done.person_rename", person=renamed))

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


def add_audit(app: typer.Typer, words: Words) -> None:
    """Who did what, and whether anybody has tampered with the list of it."""
    found = typer.Typer(help=words.say("help.audit"), no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(found, name="audit")

    @found.command("verify", help=words.say("help.audit_verify"))
    def _verify(
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        end: Annotated[str, typer.Option(help=words.say("help.audit_end"))] = "",
    ) -> None:
        try:
            noted = bytes.fromhex(end)
        except ValueError:
            stop(words, "audit_end_wrong", end=end)
        with opened(words, data) as centre, centre.database.reading() as connection:
            verdict = audit.verify(connection, centre.province, noted)
        if verdict.broken:
            stop(words, f"audit_{verdict.why}", n=verdict.broken, end=end)
        typer.echo(words.say("done.audit_verify", count=verdict.entries, end=verdict.end.hex()))

    @found.command("show", help=words.say("help.audit_show"))
    def _show(
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        most: Annotated[int, typer.Option(help=words.say("help.audit_most"), min=1, max=100_000)] = 50,
        unit: Annotated[str, typer.Option(help=words.say("help.audit_unit"))] = "",
        person: Annotated[str, typer.Option(help=words.say("help.audit_person"))] = "",
    ) -> None:
        with opened(words, data) as centre, centre.database.reading() as connection:
            entries = audit.show(connection, centre.province, most, unit=unit, author=person)
        typer.echo(words.say("done.audit_show"))
        for entry in reversed(entries):
            what = "/".join(part for part in entry.key if part)
            line = words.say(
                "done.audit_entry",
                n=entry.n,
                at=moment_in(entry.at),
                typed=moment_in(entry.typed_at),
                person=entry.author,
                device=entry.device,
                what=f"{what} {entry.content}"[:_WIDTH].rstrip(),
                outcome=f"{entry.outcome} {entry.reason}".rstrip(),
            )
            # A name or a text that somebody typed must not give the terminal orders.
            typer.echo("".join(sign for sign in line if sign.isprintable() or sign == "\t"))


def add_escrow(app: typer.Typer, words: Words) -> None:
    """What revoked computers still had to send."""
    found = typer.Typer(help=words.say("help.escrow"), no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(found, name="escrow")

    @found.command("list", help=words.say("help.escrow_list"))
    def _list(data: Annotated[Path, typer.Option(help=words.say("help.data"))]) -> None:
        with opened(words, data) as centre, centre.database.reading() as connection:
            held = escrow.held(connection, centre.province)
        typer.echo(words.say("done.escrow_list"))
        for one in held:
            times = {"first": moment_in(one.first_at), "last": moment_in(one.last_at)}
            line = words.say("done.escrow", device=one.device, person=one.author, count=one.changes, **times)
            typer.echo("".join(sign for sign in line if sign.isprintable() or sign == "\t"))

    @found.command("take", help=words.say("help.escrow_take"))
    def _take(
        device: Annotated[str, typer.Argument(help=words.say("help.device"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
    ) -> None:
        with opened(words, data) as centre:
            count = centre.repository.release_escrow(device, CENTRE, take=True)
        if not count:
            stop(words, "escrow_empty", device=device)
        typer.echo(words.say("done.escrow_take", device=device, count=count))

    @found.command("dismiss", help=words.say("help.escrow_dismiss"))
    def _dismiss(
        device: Annotated[str, typer.Argument(help=words.say("help.device"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
    ) -> None:
        with opened(words, data) as centre:
            count = centre.repository.release_escrow(device, CENTRE, take=False)
        if not count:
            stop(words, "escrow_empty", device=device)
        typer.echo(words.say("done.escrow_dismiss", device=device, count=count))
