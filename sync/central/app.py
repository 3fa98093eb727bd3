"""The composition root of the centre: what an open folder holds, wired to its routes."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final, TypeVar

import structlog
from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import OperationalError
from starlette.requests import ClientDisconnect

from sync.central.administration import Administration
from sync.central.centre import Centre
from sync.central.database import CONNECTIONS
from sync.central.desk import Desk
from sync.domain.errors import EnvironmentFault
from sync.domain.local_time import VIETNAM
from sync.protocol import codec, envelope
from sync.protocol.messages import MAX_FILE_BYTES
from sync.protocol.version import OLDEST, PROTOCOL

T = TypeVar("T")

MAX_READING: Final = 256
"""Bodies that come in at once. A slow line holds one of these, never a thread."""

MAX_IN_FLIGHT: Final = 32
"""Messages that are being answered, or wait for a thread."""

PARCEL_THREADS: Final = 1
MAX_PARCELS: Final = 4
"""Parcels that are taken, or wait to be: a large one takes as long as a hundred syncs, which go on beside it."""

BODY_TIMEOUT_S: Final = 120

FILE_THREADS: Final = 2
MAX_FILES_OPEN: Final = 64
"""Files that come or go at once. A slow line holds one of these, never a thread."""

MAX_FILE_MESSAGE: Final = 64 << 10
"""Bytes of a sealed message about files."""

CHUNK_TIMEOUT_S: Final = 60
"""Between two pieces of a file, however small."""

SETTLE_AGAIN_S: Final = 6 * 3600

RETRY_AFTER_S: Final = (2, 8)

_SEALED: Final[dict[str, Any]] = {
    "description": "A sealed message: magic, length, zstd body, Ed25519 signature.",
    "content": {envelope.CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}}},
}
_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {**_SEALED, "description": "The answer, or a refusal with its code, sealed by the centre."},
    400: {"description": "No message of this protocol, or not sealed by its sender. Nothing changed."},
    408: {"description": "The body did not come in time. Nothing changed."},
    413: {"description": "The body is larger than a message may be. Nothing changed."},
    503: {"description": "Too much to do at this moment: come again after Retry-After seconds."},
}

_CATALOGUE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The catalogue's files, signed by the centre.", "content": _SEALED["content"]},
    204: {"description": "The centre works under this version itself."},
}

_log = structlog.get_logger()


def build_app(centre: Centre, clock: Callable[[], float] = time.time) -> FastAPI:
    """The centre's HTTP side. The caller keeps `centre` open for as long as the app runs."""
    desk = Desk(centre, clock)
    door, parcels = _Door(CONNECTIONS, MAX_IN_FLIGHT), _Door(PARCEL_THREADS, MAX_PARCELS)
    counter = _Counter(desk)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        days = asyncio.create_task(_settle_again_and_again(centre, clock))
        yield
        days.cancel()
        door.close()
        parcels.close()
        counter.close()

    app = FastAPI(title="Sổ Xã", version=str(PROTOCOL), docs_url=None, redoc_url=None, lifespan=lifespan)
    body = {"requestBody": {"required": True, **_SEALED}}

    @app.post("/v1/sync", responses=_RESPONSES, openapi_extra=body, response_class=Response)
    async def sync(request: Request) -> Response:
        """Push what a device typed, then pull what it may see and has not yet, in one round trip."""
        return await door.answer(request, desk.sync)

    @app.post("/v1/enrol", responses=_RESPONSES, openapi_extra=body, response_class=Response)
    async def enrol(request: Request) -> Response:
        """Take in a device that brings a code and its own key."""
        address = request.client.host if request.client else ""
        return await door.answer(request, lambda sealed: desk.enrol(sealed, address))

    @app.post("/v1/parcel", responses=_RESPONSES, openapi_extra=body, response_class=Response)
    async def parcel(request: Request) -> Response:
        """Take what an online PC hands on of one that has no line, and give the answer to carry back."""
        address = request.client.host if request.client else ""
        return await parcels.answer(request, lambda carried: desk.parcel(carried, address))

    @app.post("/v1/administer", responses=_RESPONSES, openapi_extra=body, response_class=Response)
    async def administer(request: Request) -> Response:
        """Do or tell what an administrator asks from their own device."""
        return await door.answer(request, desk.administer)

    @app.post("/v1/evidence", responses=_RESPONSES, openapi_extra=body, response_class=Response)
    async def evidence(request: Request) -> Response:
        """Take some bytes of a file behind a message that offers them, give some, or tell which files are lacking."""
        return await counter.answer(request)

    @app.get("/v1/catalogue/{version}", responses=_CATALOGUE, response_class=Response)
    async def catalogue(version: str) -> Response:
        """The catalogue under which the centre works, for a device that works under another version."""
        if version == centre.catalogue.version or not centre.catalogue_file:
            return Response(status_code=204)
        return Response(centre.catalogue_file, media_type=envelope.CONTENT_TYPE)

    @app.get("/v1/health")
    async def health() -> dict[str, str | int]:
        """Whether the centre answers, and with which protocols."""
        return {"status": "ok", "protocol": PROTOCOL, "oldest": OLDEST}

    return app


async def _settle_again_and_again(centre: Centre, clock: Callable[[], float]) -> None:
    """Say by when new periods are due; a deadline that is said some hours into one is early enough."""
    while True:
        today = datetime.fromtimestamp(clock(), VIETNAM).date()
        try:
            await asyncio.to_thread(Administration(centre).settle_deadlines, today)
        except (EnvironmentFault, OperationalError, OSError) as error:
            _log.error("deadlines", error=type(error).__name__)
        await asyncio.sleep(SETTLE_AGAIN_S)


class _Door:
    """Reads bodies within their bounds, has them answered on one of few threads, and gives the answers their form."""

    def __init__(self, threads: int, most_in_flight: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="sync")
        self._most_in_flight = most_in_flight
        # Both are counted on the server's one thread of events.
        self._reading = 0
        self._in_flight = 0

    def close(self) -> None:
        self._pool.shutdown()

    async def answer(self, request: Request, work: Callable[[bytes], bytes]) -> Response:
        """Read the body and answer it, or say that there is too much to do."""
        if self._reading >= MAX_READING:
            return _busy()
        self._reading += 1
        try:
            async with asyncio.timeout(BODY_TIMEOUT_S):
                sealed = await _body(request)
        except TimeoutError:
            return _plain(408, "timeout")
        except ClientDisconnect:
            return _plain(400, "cut")
        finally:
            self._reading -= 1
        if sealed is None:
            return _plain(413, "too large")
        if self._in_flight >= self._most_in_flight:
            return _busy()
        self._in_flight += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, _answered, work, sealed)
        finally:
            self._in_flight -= 1


class _Counter:
    """Takes and gives files, beside the door and never in front of it: on few threads of its own."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pool = ThreadPoolExecutor(FILE_THREADS, thread_name_prefix="files")
        self._open = 0

    def close(self) -> None:
        self._pool.shutdown()

    async def answer(self, request: Request) -> Response:
        """Answer the message at the head of the body, and take what follows an offer as it comes."""
        if self._open >= MAX_FILES_OPEN:
            return _busy()
        self._open += 1
        try:
            return await self._answer(_Body(request))
        except TimeoutError:
            return _plain(408, "timeout")
        except ClientDisconnect:
            return _plain(400, "cut")
        except (envelope.SealError, codec.MessageError) as error:
            _log.info("refused", reason=type(error).__name__)
            return _plain(400, "not a message")
        except (OperationalError, OSError) as error:
            _log.error("files", error=str(error.orig if isinstance(error, OperationalError) else error))
            return _busy()
        finally:
            self._open -= 1

    async def _answer(self, body: "_Body") -> Response:
        # Nobody who has not shown who they are holds a place for longer than one at the door.
        async with asyncio.timeout(BODY_TIMEOUT_S):
            sealed = await body.message()
        found = await self._do(self._desk.file, sealed)
        if isinstance(found, bytes):
            # What was offered and is not taken is read all the same: whoever still sends would not hear the answer.
            async with asyncio.timeout(BODY_TIMEOUT_S):
                await body.rest(MAX_FILE_BYTES)
            return _given(found)
        try:
            left = found.length
            while left and (data := await body.more(left)):
                await self._do(found.write, data)
                left -= len(data)
            if left or await body.more(1):
                raise envelope.SealError("length")
            return _given(await self._do(self._desk.took, found, sealed))
        finally:
            found.close()

    async def _do(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)


class _Body:
    """The body of a request, taken as it comes and no faster. A line that stands still ends in TimeoutError."""

    def __init__(self, request: Request) -> None:
        self._stream = request.stream()
        self._begun = bytearray()

    async def message(self) -> bytes:
        """The sealed message at its head. Raises SealError."""
        while (length := envelope.length_of(self._begun)) is None or len(self._begun) < length:
            if (length or 0) > MAX_FILE_MESSAGE:
                raise envelope.SealError("size")
            if not (data := await self._next()):
                raise envelope.SealError("length")
            self._begun += data
        sealed = bytes(self._begun[:length])
        del self._begun[:length]
        return sealed

    async def more(self, most: int) -> bytes:
        """Up to `most` bytes more; none at its end."""
        if not self._begun:
            self._begun += await self._next()
        data = bytes(self._begun[:most])
        del self._begun[:most]
        return data

    async def rest(self, most: int) -> None:
        """Read on to its end. Raises SealError for more than `most` bytes."""
        while data := await self.more(most + 1):
            most -= len(data)
            if most < 0:
                raise envelope.SealError("size")

    async def _next(self) -> bytes:
        async with asyncio.timeout(CHUNK_TIMEOUT_S):
            async for data in self._stream:
                if data:
                    return data
        return b""


def _given(sealed: bytes) -> Response:
    # No browser ever shows what is in here.
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(sealed, 200, headers, envelope.CONTENT_TYPE)


def _answered(work: Callable[[bytes], bytes], sealed: bytes) -> Response:
    try:
        return Response(work(sealed), media_type=envelope.CONTENT_TYPE)
    except (envelope.SealError, codec.MessageError) as error:
        _log.info("refused", reason=type(error).__name__, bytes_up=len(sealed))
        return _plain(400, "not a message")
    except (OperationalError, OSError) as error:
        # A full disk or a database that stays locked: nothing was changed, and it may pass.
        _log.error("database", error=str(error.orig if isinstance(error, OperationalError) else error))
        return _busy()


async def _body(request: Request) -> bytes | None:
    """The whole body; None as soon as it is known to be larger than a message may be."""
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > envelope.MAX_SEALED:
        return None
    parts = bytearray()
    async for part in request.stream():
        parts += part
        if len(parts) > envelope.MAX_SEALED:
            return None
    return bytes(parts)


def _plain(status: int, text: str) -> Response:
    return Response(text, status, media_type="text/plain")


def _busy() -> Response:
    # Devices that were sent away together shall not come back together.
    wait_s = random.randint(*RETRY_AFTER_S)
    return Response("busy", 503, {"Retry-After": str(wait_s)}, media_type="text/plain")
