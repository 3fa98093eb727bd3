"""The centre over HTTP: sealed bytes up, sealed bytes down, and every way a line can fail as a fault in words."""

import re
import ssl
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import truststore
import urllib3
from nacl.signing import SigningKey
from requests.adapters import HTTPAdapter

from sync.client.remote import MAX_RETRY_AFTER_S, Post, SealedFiles, SealedRemote, ask_to_do, ask_to_enrol
from sync.domain.errors import EnvironmentFault
from sync.protocol import envelope
from sync.protocol.messages import Done, EnrolAnswer, EnrolRequest, Order

CONNECT_TIMEOUT_S: Final = 15
READ_TIMEOUT_S: Final = 90
"""Between two bytes, not for the whole answer: 32 kB at 64 kbit/s take 4 s, and the line may stall."""

_THIS_PC: Final = ("localhost", "127.0.0.1", "::1")


def server_address(typed: str) -> str:
    """The address as typed by a person, with its scheme: https, or http for this PC itself.

    Raises `EnvironmentFault` server_address_invalid.
    """
    address = typed.strip()
    if "://" not in address:
        address = ("http://" if re.match(r"(localhost|127\.0\.0\.1)(:|/|$)", address) else "https://") + address
    address = address.rstrip("/")
    try:
        parts = urlsplit(address)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or re.search(r"[\s\x00-\x1f\x7f\\]", address) or parts.username or parts.query or parts.fragment:
        raise EnvironmentFault("server_address_invalid", address=typed[:80])
    if parts.scheme == "http" and parts.hostname not in _THIS_PC:
        # Without a certificate, an enrolment code could be read on the way.
        raise EnvironmentFault("server_address_invalid", address=typed[:80])
    return address


class HttpRemote(SealedRemote):
    """A `Remote` over one kept-alive connection, and the `files` beside it."""

    def __init__(self, server: str, signing_key: SigningKey, centre_key: bytes) -> None:
        self._line = _Line(server)
        super().__init__(self._line.to("/v1/sync"), signing_key, centre_key)
        self.files = SealedFiles(self._line.to("/v1/evidence"), signing_key, centre_key)

    def close(self) -> None:
        self._line.close()


def enrol_at(server: str, request: EnrolRequest, key: SigningKey) -> EnrolAnswer:
    """Ask the centre at `server` to take this device in, as `remote.ask_to_enrol`."""
    line = _Line(server)
    try:
        return ask_to_enrol(line.to("/v1/enrol"), request, key)
    finally:
        line.close()


def order_at(server: str, device: str, key: SigningKey, centre_key: bytes, order: Order) -> Done:
    """Have the centre at `server` do what an administrator asks, as `remote.ask_to_do`."""
    line = _Line(server)
    try:
        return ask_to_do(line.to("/v1/administer"), device, key, centre_key, order)
    finally:
        line.close()


def hand_on(server: str, parcel: bytes) -> bytes:
    """Bring a parcel to the centre at `server`, and whatever it answers. Raises `EnvironmentFault`."""
    line = _Line(server)
    try:
        return line.post("/v1/parcel", parcel)
    finally:
        line.close()


def catalogue_at(server: str, version: str) -> bytes:
    """The catalogue of the centre at `server`, or whatever it answers; b"" where that is `version`.

    Raises `EnvironmentFault`.
    """
    line = _Line(server)
    try:
        return line.get(f"/v1/catalogue/{version}")
    finally:
        line.close()


class _SystemTrust(HTTPAdapter):
    """Certificates are judged by the system's store, where an office keeps its own authority."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT), **kwargs)


class _Line:
    """Posts sealed bytes over one kept-alive connection, and brings back whatever came, up to a bound."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._session = requests.Session()
        self._session.headers.clear()
        # An office's proxy does not lead to this PC itself.
        self._session.trust_env = urlsplit(server).hostname not in _THIS_PC
        self._session.mount("https://", _SystemTrust())

    def to(self, path: str) -> Post:
        """Posts to one path."""
        return partial(self.post, path)

    def post(self, path: str, sealed: bytes) -> bytes:
        return self._ask("POST", path, sealed)

    def get(self, path: str) -> bytes:
        return self._ask("GET", path)

    def _ask(self, method: str, path: str, sealed: bytes | None = None) -> bytes:
        headers = {"User-Agent": "soxa", "Accept-Encoding": "identity"}
        if sealed is not None:
            headers["Content-Type"] = envelope.CONTENT_TYPE
        try:
            with self._session.request(
                method,
                self._server + path,
                data=sealed,
                headers=headers,
                timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
                allow_redirects=False,
                stream=True,
            ) as response:
                body: bytes = response.raw.read(envelope.MAX_SEALED + 1, decode_content=False)
        except requests.exceptions.SSLError as error:
            code = "server_certificate" if _is_about_the_certificate(error) else "server_not_centre"
            raise EnvironmentFault(code, server=self._server) from error
        except (
            requests.exceptions.InvalidURL,
            requests.exceptions.MissingSchema,
            urllib3.exceptions.LocationValueError,
        ) as error:
            raise EnvironmentFault("server_address_invalid", address=self._server) from error
        except (requests.exceptions.Timeout, urllib3.exceptions.ReadTimeoutError) as error:
            raise EnvironmentFault("server_timeout", server=self._server) from error
        except urllib3.exceptions.HTTPError as error:
            # It began to answer, and the line dropped.
            raise EnvironmentFault("answer_damaged", server=self._server) from error
        except (requests.exceptions.RequestException, OSError) as error:
            raise EnvironmentFault("server_unreachable", server=self._server) from error
        if body.startswith(envelope.MAGIC):
            return body
        if response.status_code == 503:
            raise EnvironmentFault("server_busy", retry_after_s=_retry_after_s(response))
        if response.status_code >= 500:
            raise EnvironmentFault("server_failed", server=self._server, status=response.status_code)
        return body

    def close(self) -> None:
        self._session.close()


def _is_about_the_certificate(error: BaseException | None) -> bool:
    """Whether the server showed one that is not trusted, or none at all because it does not speak TLS."""
    while error:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _retry_after_s(response: requests.Response) -> int:
    written = response.headers.get("Retry-After", "")
    return min(int(written), MAX_RETRY_AFTER_S) if re.fullmatch("[0-9]{1,9}", written) else 0
