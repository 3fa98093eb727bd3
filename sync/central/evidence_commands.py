"""The commands for the files of evidence: what lies there, what is missing, and whether each is still what it was."""

from pathlib import Path
from time import time
from typing import Annotated, Final

import typer

from sync.central.evidence import Owed, all_named
from sync.central.shelf import Shelf
from sync.central.terminal import opened, stop
from sync.central.words import Words

_MB: Final = 1 << 20
_DAY_S: Final = 86_400
_MAX_DAYS: Final = 3_650


def add_evidence(app: typer.Typer, words: Words) -> None:
    """Listing, checking and tidying."""
    found = typer.Typer(help=words.say("help.evidence"), no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(found, name="evidence")

    @found.command("list", help=words.say("help.evidence_list"))
    def _list(data: Annotated[Path, typer.Option(help=words.say("help.data"))]) -> None:
        named, shelf = _look(words, data)
        held = dict(shelf.whole())
        missing = [owed for owed in named.values() if owed.sha256 not in held]
        for owed in missing:
            typer.echo(words.say("done.evidence_missing", hash=owed.sha256, size=owed.size, unit=owed.unit))
        typer.echo(
            words.say(
                "done.evidence_list",
                count=len(held),
                mb=sum(held.values()) // _MB,
                missing=len(missing),
                unnamed=len(held.keys() - named.keys()),
                free=shelf.free() // _MB,
            )
        )

    @found.command("check", help=words.say("help.evidence_check"))
    def _check(data: Annotated[Path, typer.Option(help=words.say("help.data"))]) -> None:
        _, shelf = _look(words, data)
        held = [hashed for hashed, _ in shelf.whole()]
        damaged = [hashed for hashed in held if not shelf.is_sound(hashed)]
        for hashed in damaged:
            typer.echo(words.say("done.evidence_damaged", file=shelf.put_aside(hashed)))
        if damaged:
            stop(words, "evidence_files_damaged", damaged=len(damaged), count=len(held))
        typer.echo(words.say("done.evidence_check", count=len(held)))

    @found.command("tidy", help=words.say("help.evidence_tidy"))
    def _tidy(
        data: Annotated[Path, typer.Option(help=words.say("help.data"))],
        days: Annotated[int, typer.Option(help=words.say("help.evidence_days"), min=1, max=_MAX_DAYS)] = 30,
    ) -> None:
        named, shelf = _look(words, data)
        dropped = [
            (hashed, size)
            for hashed, size in shelf.whole()
            if hashed not in named and shelf.since(hashed) < time() - days * _DAY_S
        ]
        for hashed, _ in dropped:
            shelf.drop(hashed)
        typer.echo(
            words.say("done.evidence_tidy", count=len(dropped), mb=sum(size for _, size in dropped) // _MB, days=days)
        )


def _look(words: Words, data: Path) -> tuple[dict[str, Owed], Shelf]:
    """What records name, by hash, and what lies there."""
    with opened(words, data) as centre, centre.database.reading() as connection:
        return {owed.sha256: owed for owed in all_named(connection, centre.province)}, Shelf(centre.folder)
