"""The server process: its port, its log, and its end."""

import logging
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import structlog
import uvicorn
from fastapi import FastAPI

from sync.domain.errors import lines_of

KEEP_ALIVE_S: Final = 75
MAX_CONNECTIONS: Final = 1_000
GRACE_S: Final = 20


class Server(uvicorn.Server):
    """A server that says when it listens. Headers are few: a device pays for every byte."""

    def __init__(self, app: FastAPI, on_listening: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            server_header=False,
            date_header=False,
            access_log=False,
            log_config=None,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
            limit_concurrency=MAX_CONNECTIONS,
        )
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_listening()


class AlreadyServedError(Exception):
    """Another process serves this folder."""


def hold(folder: Path) -> sqlite3.Connection:
    """Keep `folder` to this process until the result is closed or the process ends. Raises AlreadyServedError."""
    # A lock of SQLite's own: the system takes it back when the process dies, on every platform.
    held = sqlite3.connect(folder / "serving.lock", timeout=0)
    try:
        held.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        held.close()
        raise AlreadyServedError from error
    return held


def open_socket(host: str, port: int) -> socket.socket:
    """A socket bound to `host` and `port`, 0 for a free one. Raises OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError:
        found.close()
        raise
    return found


def serve(app: FastAPI, listening: socket.socket, port_file: Path | None) -> None:
    """Answer until SIGTERM or SIGINT; requests in hand are finished first.

    `port_file` gets the port's number once the server listens.
    """
    port = listening.getsockname()[1]

    def on_listening() -> None:
        if port_file is not None:
            _write_whole(port_file, f"{port}\n")
        structlog.get_logger().info("listening", port=port)

    # The server puts these back before it raises the signal again: a wished end is a success.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    Server(app, on_listening).run(sockets=[listening])


def set_up_log() -> None:
    """One JSON object a line on standard error; the server's own warnings stand between them as they are."""
    processors: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    said = logging.StreamHandler(sys.stderr)
    said.setFormatter(_Wordless(logging.BASIC_FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[said])


class _Wordless(logging.Formatter):
    """Tells of an error its kind and the lines on the way to it, and of those that it came from: no words of theirs."""

    def formatException(self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | Any) -> str:
        lines: list[str] = []
        error: BaseException | None = ei[1]
        while error is not None:
            lines += [type(error).__name__, *lines_of(error.__traceback__)]
            error = error.__cause__ or error.__context__
        return "\n".join(lines)


def _end(*_: object) -> None:
    raise SystemExit(0)


def _write_whole(file: Path, text: str) -> None:
    """Write beside it and rename: a reader that waits for the file never sees half of it."""
    beside = file.with_name(file.name + ".new")
    beside.write_text(text, encoding="ascii")
    beside.replace(file)
