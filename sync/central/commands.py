"""The command soxa-central: serve, make and fill a centre, and let devices in."""

import os
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from sync.central.administration_commands import add_administration
from sync.central.centre import Centre, exists, make_centre
from sync.central.evidence_commands import add_evidence
from sync.central.loading import List, is_commune, load_list, load_province, load_samples
from sync.central.people_commands import add_audit, add_escrow, add_people
from sync.central.terminal import CATALOGUES, open_with_catalogue, opened, person_in, sentences, stop, unit_in
from sync.central.words import RESOURCES, Words, language_of
from sync.domain.local_time import VIETNAM
from sync.domain.rights import unit_of
from sync.exchange.catalogue import load
from sync.exchange.units import load_units

SAMPLES: Final = RESOURCES / "samples"
SAMPLE_PROVINCE: Final = "48"
SAMPLE_COMMUNE: Final = "48.20308"

_MAX_DAYS: Final = 365
_LATEST_S: Final = 32_503_680_000  # of the year 3000: what a clock says may be more than a calendar can


def main() -> None:
    """Do what the command line says. Ends with 0, or with 2 and a sentence about what is wrong."""
    build_commands(Words(language_of(os.environ)))()


def build_commands(words: Words) -> typer.Typer:
    """The commands, speaking these words."""
    app = typer.Typer(
        help=words.say("help.app"),
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    _add_serving(app, words)
    _add_filling(app, words)
    _add_devices(app, words)
    add_people(app, words)
    add_audit(app, words)
    add_escrow(app, words)
    add_administration(app, words)
    add_evidence(app, words)
    _add_recovery(app, words)
    _add_parcels(app, words)
    return app


def _add_serving(app: typer.Typer, words: Words) -> None:
    @app.command("serve", help=words.say("help.serve"))
    def _serve(
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        port: Annotated[int, typer.Option(help=words.say("help.port"), min=0, max=65535)],
        host: Annotated[str, typer.Option(help=words.say("help.host"))] = "127.0.0.1",
        port_file: Annotated[Path | None, typer.Option(help=words.say("help.port_file"))] = None,
    ) -> None:
        # The routes take half a second to load, which the other commands need not wait for.
        from sync.central.app import build_app
        from sync.central.serving import AlreadyServedError, hold, open_socket, serve, set_up_log

        set_up_log()
        with opened(words, data) as centre:
            try:
                held = hold(data)
            except AlreadyServedError:
                stop(words, "serving_already", folder=data)
            with closing(held):
                try:
                    listening = open_socket(host, port)
                except OSError as error:
                    stop(words, "port_taken", host=host, port=port, reason=error.strerror or error)
                try:
                    serve(build_app(centre), listening, port_file)
                except OSError as error:
                    stop(words, "port_file_unwritable", file=port_file, reason=error.strerror)


def _add_filling(app: typer.Typer, words: Words) -> None:
    @app.command("init", help=words.say("help.init"))
    def _init(
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        province: Annotated[str, typer.Option(help=words.say("help.province"))],
    ) -> None:
        known = exists(data)
        centre, count = _made(words, data, province)
        centre.close()
        done = "done.init_again" if known else "done.init"
        typer.echo(words.say(done, folder=data, province=province, count=count))

    @app.command("load", help=words.say("help.load"))
    def _load(
        what: Annotated[List, typer.Argument(help=words.say("help.list"))],
        file: Annotated[Path, typer.Argument(help=words.say("help.file"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        commune: Annotated[str, typer.Option(help=words.say("help.commune"))] = "",
    ) -> None:
        with opened(words, data) as centre:
            if not commune and what is not List.DEADLINES:
                stop(words, "commune_needed")
            unit = unit_in(words, centre, commune or centre.province)
            if commune and not is_commune(unit):
                stop(words, "not_a_commune", unit=commune)
            count = load_list(centre, what, file, unit)
        typer.echo(words.say("done.load", file=file.name, count=count))

    @app.command("sample", help=words.say("help.sample"))
    def _sample(data: Annotated[Path, typer.Option(help=words.say("help.data"))]) -> None:
        centre, count = _made(words, data, SAMPLE_PROVINCE)
        with closing(centre), sentences(words, data):
            count += load_samples(centre, SAMPLES, unit_in(words, centre, SAMPLE_COMMUNE))
        typer.echo(words.say("done.sample", folder=data, count=count))


def _add_devices(app: typer.Typer, words: Words) -> None:
    @app.command("code", help=words.say("help.code"))
    def _code(
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        unit: Annotated[str, typer.Option(help=words.say("help.unit"))],
        person: Annotated[str, typer.Option(help=words.say("help.person"))],
        days: Annotated[int, typer.Option(help=words.say("help.days"))] = 7,
    ) -> None:
        if not 1 <= days <= _MAX_DAYS:
            stop(words, "days_wrong")
        name = person_in(words, person)
        with opened(words, data) as centre:
            found = unit_in(words, centre, unit)
            code = centre.enrolment.make_code(unit, name, days)
        until = datetime.fromtimestamp(time.time() + days * 86_400, UTC).astimezone(VIETNAM)
        note = words.say("done.code_note", person=name, unit=found.name, until=f"{until:%d/%m/%Y %H:%M}")
        # The code alone on standard output, for scripts.
        typer.echo(note, err=True)
        typer.echo(code)

    @app.command("devices", help=words.say("help.devices"))
    def _devices(data: Annotated[Path, typer.Option(help=words.say("help.data"))]) -> None:
        with opened(words, data) as centre:
            devices = centre.enrolment.devices()
        typer.echo(words.say("done.devices"))
        for device in devices:
            enrolled = datetime.fromtimestamp(device.enrolled_at, UTC).astimezone(VIETNAM)
            line = words.say(
                "done.device" if device.revoked_at is None else "done.revoked",
                device=device.device,
                unit=" ".join(device.units),
                person=device.person,
                computer=device.computer,
                enrolled=f"{enrolled:%d/%m/%Y %H:%M}",
                changes=device.last_n,
            )
            typer.echo(line)
            if device.forks:
                # Two PCs run one data folder: everything of both is kept, and somebody should know.
                typer.echo(words.say("done.copied", device=device.device), err=True)

    @app.command("scope", help=words.say("help.scope"))
    def _scope(
        device: Annotated[str, typer.Argument(help=words.say("help.device"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        unit: Annotated[list[str], typer.Option(help=words.say("help.scope_unit"))],
    ) -> None:
        with opened(words, data) as centre:
            names = [unit_in(words, centre, key).name for key in unit]
            centre.enrolment.set_scope(device, unit)
        typer.echo(words.say("done.scope", device=device, units=", ".join(names)))

    @app.command("revoke", help=words.say("help.revoke"))
    def _revoke(
        device: Annotated[str, typer.Argument(help=words.say("help.device"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
    ) -> None:
        with opened(words, data) as centre:
            centre.enrolment.revoke(device)
        typer.echo(words.say("done.revoke", device=device))


def _add_recovery(app: typer.Typer, words: Words) -> None:
    @app.command("recover", help=words.say("help.recover"))
    def _recover(
        file: Annotated[Path, typer.Argument(help=words.say("help.recovery_file"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        out: Annotated[Path | None, typer.Option(help=words.say("help.recovery_out"))] = None,
    ) -> None:
        from sync.central.recovering import answer

        with opened(words, data) as centre:
            found = answer(centre, file)
            units = centre.repository.units()
        path = out or file.with_name(f"{file.stem}-reset{file.suffix}")
        try:
            path.write_bytes(found.file)
        except OSError as error:
            stop(words, "port_file_unwritable", file=path, reason=error.strerror)
        device = found.device
        names = [units[key].name if key in units else key for key in map(unit_of, device.units)]
        # Printed on a terminal: what a file says of a name must not give it orders.
        person = "".join(sign for sign in found.person if sign.isprintable())
        note = words.say(
            "done.recover",
            person=person,
            device=device.device,
            computer=device.computer,
            units=", ".join(names),
            enrolled=device.person,
            file=path,
        )
        typer.echo(note, err=True)
        typer.echo(found.code)


def _add_parcels(app: typer.Typer, words: Words) -> None:
    @app.command("take", help=words.say("help.take"))
    def _take(
        file: Annotated[Path, typer.Argument(help=words.say("help.parcel"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        out: Annotated[Path | None, typer.Option(help=words.say("help.parcel_out"))] = None,
    ) -> None:
        import logging

        import structlog

        from sync.central.carrying import EARLY_S, Taken, is_joining, take, take_in
        from sync.central.desk import Desk
        from sync.protocol.parcel import read_file, write_file

        # What a server logs of each request would stand among what is said here.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        path = out or file.with_name(f"{file.stem}-{words.say('done.parcel_answer')}{file.suffix}")
        with opened(words, data) as centre:
            carried, sync = read_file(file), Desk(centre, time.time).sync
            by_file = take_in if is_joining(carried) else take
            taken = by_file(centre, carried, sync, time.time)
            try:
                write_file(path, taken.answer)
            except OSError as error:
                # What was taken stays taken: the file may be taken again for another answer.
                stop(words, "port_file_unwritable", file=path, reason=error.strerror)
        done = "done.take_in" if by_file is take_in else "done.take"
        typer.echo(words.say(done, file=path, **taken._asdict()))
        if taken.made_at > time.time() + EARLY_S:
            ahead = f"{datetime.fromtimestamp(min(taken.made_at, _LATEST_S), UTC).astimezone(VIETNAM):%d/%m/%Y}"
            typer.echo(words.say("done.parcel_early", day=ahead), err=True)
        if isinstance(taken, Taken) and taken.refusal:
            stop(words, "parcel_refused", reason=taken.refusal, file=path)

    @app.command("catalogue", help=words.say("help.catalogue"))
    def _catalogue(
        file: Annotated[Path, typer.Argument(help=words.say("help.catalogue_file"))],
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
    ) -> None:
        from sync.protocol.parcel import write_file

        with opened(words, data) as centre:
            try:
                write_file(file, centre.catalogue_file)
            except OSError as error:
                stop(words, "port_file_unwritable", file=file, reason=error.strerror)
        typer.echo(words.say("done.catalogue", file=file, edition=centre.catalogue.edition))


def _made(words: Words, data: Path, province: str) -> tuple[Centre, int]:
    """The centre of `province` in `data`, made first when there is none, with its units as the catalogue has them."""
    with sentences(words, data):
        load(CATALOGUES)
        if not exists(data):
            # Before anything is made: a province without units makes no centre.
            load_units(CATALOGUES, province)
        try:
            make_centre(data, province, time.time)
        except OSError as error:
            stop(words, "folder_unusable", folder=data, reason=error.strerror or error)
        centre = open_with_catalogue(data)
        if centre.province != province:
            centre.close()
            stop(words, "other_province", folder=data, found=centre.province, asked=province)
        return centre, load_province(centre, CATALOGUES)


if __name__ == "__main__":
    main()
