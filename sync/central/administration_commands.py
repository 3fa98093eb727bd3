"""The commands for units, deadlines, holidays and rounds."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from sync.central.administration import END_OF_DAY, Administration
from sync.central.terminal import opened, stop
from sync.central.words import Words
from sync.domain.local_time import VIETNAM, day_of
from sync.domain.units import UnitKind


def add_administration(app: typer.Typer, words: Words) -> None:
    """Every group of them."""
    _add_units(_group(app, words, "unit"), words)
    _add_deadlines(_group(app, words, "deadline"), words)
    _add_periods(_group(app, words, "period"), words)
    _add_holidays(_group(app, words, "holiday"), words)

    @app.command("device-name", help=words.say("help.device_name"))
    def _device_name(
        device: Annotated[str, typer.Argument(help=words.say("help.device"))],
        computer: Annotated[str, typer.Argument(help=words.say("help.computer"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
    ) -> None:
        with opened(words, data) as centre:
            centre.enrolment.rename(device, computer)
        typer.echo(words.say("done.device_name", device=device, computer=computer))


def _group(app: typer.Typer, words: Words, name: str) -> typer.Typer:
    found = typer.Typer(help=words.say(f"help.{name}_group"), no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(found, name=name)
    return found


def _add_units(app: typer.Typer, words: Words) -> None:
    @app.command("create", help=words.say("help.unit_create"))
    def _create(
        commune: Annotated[str, typer.Argument(help=words.say("help.commune"))],
        name: Annotated[str, typer.Argument(help=words.say("help.unit_name"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        decision: Annotated[str, typer.Option(help=words.say("help.decision"))] = "",
        since: Annotated[str, typer.Option(help=words.say("help.since"))] = "",
    ) -> None:
        first = _day(words, since) if since else None
        with opened(words, data) as centre:
            made = Administration(centre).create_village(commune, name, decision, first)
        typer.echo(words.say("done.unit_create", unit=made.key, name=made.name))

    @app.command("create-commune", help=words.say("help.unit_create_commune"))
    def _create_commune(
        kind: Annotated[UnitKind, typer.Argument(help=words.say("help.unit_kind"))],
        code: Annotated[str, typer.Argument(help=words.say("help.unit_code"))],
        name: Annotated[str, typer.Argument(help=words.say("help.unit_name"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        decision: Annotated[str, typer.Option(help=words.say("help.decision"))] = "",
        since: Annotated[str, typer.Option(help=words.say("help.since"))] = "",
    ) -> None:
        first = _day(words, since) if since else None
        with opened(words, data) as centre:
            made = Administration(centre).create_commune(kind, code, name, decision, first)
        typer.echo(words.say("done.unit_create", unit=made.key, name=made.name))

    @app.command("rename", help=words.say("help.unit_rename"))
    def _rename(
        unit: Annotated[str, typer.Argument(help=words.say("help.unit_key"))],
        name: Annotated[str, typer.Argument(help=words.say("help.unit_name"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        decision: Annotated[str, typer.Option(help=words.say("help.decision"))] = "",
    ) -> None:
        with opened(words, data) as centre:
            made = Administration(centre).rename_unit(unit, name, decision)
        typer.echo(words.say("done.unit_rename", unit=made.key, name=made.name))

    @app.command("close", help=words.say("help.unit_close"))
    def _close(
        unit: Annotated[str, typer.Argument(help=words.say("help.unit_key"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        last_day: Annotated[str, typer.Option(help=words.say("help.last_day"))],
        decision: Annotated[str, typer.Option(help=words.say("help.decision"))] = "",
    ) -> None:
        day = _day(words, last_day)
        with opened(words, data) as centre:
            made = Administration(centre).close_unit(unit, day, decision)
        typer.echo(words.say("done.unit_close", unit=made.key, name=made.name, day=f"{day:%d/%m/%Y}"))


def _add_deadlines(app: typer.Typer, words: Words) -> None:
    @app.command("set", help=words.say("help.deadline_set"))
    def _set(
        form: Annotated[str, typer.Argument(help=words.say("help.form"))],
        period: Annotated[str, typer.Argument(help=words.say("help.period"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        unit: Annotated[list[str], typer.Option(help=words.say("help.deadline_unit"))],
        due: Annotated[str, typer.Option(help=words.say("help.due"))] = "",
        working_days: Annotated[int, typer.Option(help=words.say("help.working_days"))] = 0,
        source: Annotated[str, typer.Option(help=words.say("help.source"))] = "",
    ) -> None:
        if bool(due) == bool(working_days):
            stop(words, "due_missing")
        with opened(words, data) as centre:
            administration = Administration(centre)
            day = _day(words, due) if due else None
            until = (
                datetime.combine(day, END_OF_DAY, VIETNAM) if day else administration.due_after(period, working_days)
            )
            administration.open_round(unit, form, period, until, source)
        told = f"{until:%H:%M %d/%m/%Y}"
        typer.echo(words.say("done.deadline_set", form=form, period=period, units=", ".join(unit), due=told))

    @app.command("clear", help=words.say("help.deadline_clear"))
    def _clear(
        form: Annotated[str, typer.Argument(help=words.say("help.form"))],
        period: Annotated[str, typer.Argument(help=words.say("help.period"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        unit: Annotated[str, typer.Option(help=words.say("help.deadline_unit"))],
    ) -> None:
        with opened(words, data) as centre:
            Administration(centre).set_deadline(unit, form, period, None)
        typer.echo(words.say("done.deadline_clear", form=form, period=period, unit=unit))


def _add_periods(app: typer.Typer, words: Words) -> None:
    def closing(name: str, *, is_closed: bool) -> None:
        @app.command(name, help=words.say(f"help.period_{name}"))
        def _closing(
            form: Annotated[str, typer.Argument(help=words.say("help.form"))],
            period: Annotated[str, typer.Argument(help=words.say("help.period"))],
            data: Annotated[Path, typer.Option(help=words.say("help.data"))],
            unit: Annotated[str, typer.Option(help=words.say("help.deadline_unit"))],
        ) -> None:
            with opened(words, data) as centre:
                Administration(centre).close_period(unit, form, period, is_closed=is_closed)
            typer.echo(words.say(f"done.period_{name}", form=form, period=period, unit=unit))

    closing("close", is_closed=True)
    closing("reopen", is_closed=False)


def _add_holidays(app: typer.Typer, words: Words) -> None:
    @app.command("list", help=words.say("help.holiday_list"))
    def _list(data: Annotated[Path, typer.Option(help=words.say("help.data"))]) -> None:
        with opened(words, data) as centre:
            found = Administration(centre).holidays()
        for day, holiday in sorted(found.items()):
            kind = words.say("done.holiday_worked" if holiday.is_worked else "done.holiday_off")
            typer.echo(f"{day:%d/%m/%Y}\t{kind}\t{holiday.name}")

    @app.command("set", help=words.say("help.holiday_set"))
    def _set(
        day: Annotated[str, typer.Argument(help=words.say("help.day"))],
        name: Annotated[str, typer.Argument(help=words.say("help.holiday_name"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        worked: Annotated[bool, typer.Option("--worked", help=words.say("help.worked"))] = False,
    ) -> None:
        found = _day(words, day)
        with opened(words, data) as centre:
            Administration(centre).set_holiday(found, name, is_worked=worked)
        typer.echo(words.say("done.holiday_set", day=f"{found:%d/%m/%Y}", name=name))

    @app.command("clear", help=words.say("help.holiday_clear"))
    def _clear(
        day: Annotated[str, typer.Argument(help=words.say("help.day"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
    ) -> None:
        found = _day(words, day)
        with opened(words, data) as centre:
            Administration(centre).clear_holiday(found)
        typer.echo(words.say("done.holiday_clear", day=f"{found:%d/%m/%Y}"))


def _day(words: Words, text: str) -> date:
    try:
        return day_of(text)
    except ValueError:
        stop(words, "day_unfit", day=text)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, END_OF_DAY, VIETNAM)
