"""The composition root of the centre: what an open folder holds, wired to its three routes."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import OperationalError
from starlette.requests import ClientDisconnect

from sync.central.centre import Centre
from sync.central.database import CONNECTIONS
from sync.central.enrolment import Throttle
from sync.central.keys import centre_id
from sync.domain.errors import EnvironmentFault
from sync.protocol import chain, codec, envelope
from sync.protocol.messages import EnrolRequest, Refusal, SyncRequest
from sync.protocol.version import OLDEST, PROTOCOL

MAX_READING: Final = 256
"""Bodies that come in at once. A slow line holds one of these, never a thread."""

MAX_IN_FLIGHT: Final = 32
"""Messages that are being answered, or wait for a thread."""

BODY_TIMEOUT_S: Final = 120
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

_log = structlog.get_logger()


def build_app(centre: Centre, clock: Callable[[], float] = time.time) -> FastAPI:
    """The centre's HTTP side. The caller keeps `centre` open for as long as the app runs."""
    desk = _Desk(centre, clock)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()

    app = FastAPI(title="Sổ Xã", version=str(PROTOCOL), docs_url=None, redoc_url=None, lifespan=lifespan)
    body = {"requestBody": {"required": True, **_SEALED}}

    @app.post("/v1/sync", responses=_RESPONSES, openapi_extra=body, response_class=Response)
    async def sync(request: Request) -> Response:
        """Push what a device typed, then pull what it may see and has not yet, in one round trip."""
        return await desk.answer(request, desk.sync)

    @app.post("/v1/enrol", responses=_RESPONSES, openapi_extra=body, response_class=Response)
    async def enrol(request: Request) -> Response:
        """Take in a device that brings a code and its own key."""
        address = request.client.host if request.client else ""
        return await desk.answer(request, lambda sealed: desk.enrol(sealed, address))

    @app.get("/v1/health")
    async def health() -> dict[str, str | int]:
        """Whether the centre answers, and with which protocols."""
        return {"status": "ok", "protocol": PROTOCOL, "oldest": OLDEST}

    return app


class _Desk:
    """Opens what comes in, has it done on one of few threads, and seals what goes out."""

    def __init__(self, centre: Centre, clock: Callable[[], float]) -> None:
        self._centre = centre
        self._clock = clock
        self._throttle = Throttle(clock)
        self._pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="sync")
        # Both are counted on the server's one thread of events.
        self._reading = 0
        self._in_flight = 0

    def close(self) -> None:
        self._pool.shutdown()

    async def answer(self, request: Request, work: Callable[[bytes], Response]) -> Response:
        """Read the body within its bounds and answer it, or say that there is too much to do."""
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
        if self._in_flight >= MAX_IN_FLIGHT:
            return _busy()
        self._in_flight += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._work, work, sealed)
        finally:
            self._in_flight -= 1

    def _work(self, work: Callable[[bytes], Response], sealed: bytes) -> Response:
        try:
            return work(sealed)
        except (envelope.SealError, codec.MessageError) as error:
            _log.info("refused", reason=type(error).__name__, bytes_up=len(sealed))
            return _plain(400, "not a message")
        except OperationalError as error:
            # A full disk or a database that stays locked: nothing was changed, and it may pass.
            _log.error("database", error=str(error.orig))
            return _busy()

    def sync(self, sealed: bytes) -> Response:
        began = time.perf_counter()
        device = envelope.sender_of(sealed)
        key = self._centre.enrolment.public_key(device)
        if key is None:
            return self._refuse("device_unknown", device)
        request = codec.decode(envelope.unseal(sealed, key).body)
        if not isinstance(request, SyncRequest):
            raise codec.MessageError("not a sync")
        if refusal := _protocol_refusal(request.protocol):
            return self._refuse(refusal, device)
        try:
            answer = self._centre.repository.push_pull(device, request)
        except EnvironmentFault as fault:
            return self._refuse(fault.code, device)
        response = self._seal(codec.encode(answer))
        _log.info(
            "sync",
            device=device,
            changes=len(request.push.changes) if request.push else 0,
            not_applied=len(answer.results),
            records=sum(len(page.records) for page in answer.pages),
            bytes_up=len(sealed),
            bytes_down=len(response.body),
            ms=round((time.perf_counter() - began) * 1000),
        )
        return response

    def enrol(self, sealed: bytes, address: str) -> Response:
        opened = envelope.unseal_new(sealed, _key_in)
        request = codec.decode(opened.body)
        if not isinstance(request, EnrolRequest) or chain.device_id(request.public_key) != opened.sender:
            raise codec.MessageError("not an enrolment")
        brought = bytes(self._centre.key.verify_key)
        if refusal := _protocol_refusal(request.protocol):
            return self._refuse(refusal, opened.sender, brought)
        if wait_s := self._throttle.wait_s(address):
            return self._refuse("server_busy", opened.sender, brought, wait_s)
        try:
            answer = self._centre.enrolment.enrol(request)
        except EnvironmentFault as fault:
            self._throttle.failed(address)
            return self._refuse(fault.code, opened.sender, brought)
        _log.info("enrolled", device=opened.sender, unit=answer.unit)
        return self._seal(codec.encode(answer))

    def _refuse(self, code: str, device: str, centre_key: bytes = b"", retry_after_s: int = 0) -> Response:
        _log.info("refused", reason=code, device=device)
        return self._seal(codec.encode(Refusal(code, int(self._clock()), retry_after_s, centre_key)))

    def _seal(self, body: bytes) -> Response:
        key = self._centre.key
        return Response(envelope.seal(body, centre_id(key), key), media_type=envelope.CONTENT_TYPE)


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


def _key_in(body: bytes) -> bytes:
    message = codec.decode(body)
    return message.public_key if isinstance(message, EnrolRequest) else b""


def _protocol_refusal(protocol: int) -> str:
    if protocol < OLDEST:
        return "protocol_old"
    return "protocol_new" if protocol > PROTOCOL else ""


def _plain(status: int, text: str) -> Response:
    return Response(text, status, media_type="text/plain")


def _busy() -> Response:
    # Devices that were sent away together shall not come back together.
    wait_s = random.randint(*RETRY_AFTER_S)
    return Response("busy", 503, {"Retry-After": str(wait_s)}, media_type="text/plain")
