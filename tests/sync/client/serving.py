"""A web server on a free port that answers as told: rightly, or in any of the ways a line or a portal can fail."""

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from nacl.signing import SigningKey

from sync.protocol import chain, codec, envelope
from sync.protocol.codec import Message
from sync.protocol.dictionaries import NONE

CENTRE_KEY: Final = SigningKey(bytes(range(32)))
CENTRE: Final = chain.device_id(bytes(CENTRE_KEY.verify_key))


def sealed(message: Message, asked: bytes, key: SigningKey = CENTRE_KEY, dictionary: int = NONE) -> bytes:
    """The answer of a centre that holds `key` to the sealed request `asked`."""
    return envelope.seal(codec.encode(message), chain.device_id(bytes(key.verify_key)), key, asked, dictionary)


class Request(BaseHTTPRequestHandler):
    """One request: its `body`, and short ways to answer it."""

    protocol_version = "HTTP/1.1"
    body: bytes

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.paths.append(self.path)  # type: ignore[attr-defined]
        self.server.behave(self)  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        self.do_POST()

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the base class names it so
        """Nothing: what matters is what the other end says."""


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    paths: list[str]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of many tests."""


class Served:
    """Where the server is, and which paths were asked for."""

    def __init__(self, address: str, paths: list[str]) -> None:
        self.address = address
        self.paths = paths


@contextmanager
def serving(behave: Callable[[Request], None], tls: ssl.SSLContext | None = None) -> Iterator[Served]:
    """Serve on a free port of this PC until the block ends."""
    server = _Quiet(("127.0.0.1", 0), Request)
    server.paths = []
    server.behave = behave  # type: ignore[attr-defined]
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    scheme = "https" if tls else "http"
    try:
        yield Served(f"{scheme}://127.0.0.1:{server.server_port}", server.paths)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def certificate(
    folder: Path, *, days: tuple[int, int] = (-1, 30), address: str = "127.0.0.1", authority: bool = True
) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS for `address`, good from and until so many days from now, and the file of who vouches for it.

    Without `authority` the certificate vouches for itself.
    """
    now = datetime.datetime.now(datetime.UTC)
    root_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = _name("Office authority"), _name("centre")
    longest = (now - datetime.timedelta(days=1000), now + datetime.timedelta(days=1000))
    root = (
        _builder(root_name, root_name, root_key, *longest)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    first, last = (now + datetime.timedelta(days=day) for day in days)
    issuer, signer = (root_name, root_key) if authority else (name, server_key)
    leaf = (
        _builder(name, issuer, server_key, first, last)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .sign(signer, hashes.SHA256())
    )
    trusted, served, key = folder / "authority.pem", folder / "served.pem", folder / "served.key"
    trusted.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    served.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(served, key)
    return tls, trusted


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    first: datetime.datetime,
    last: datetime.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(last)
    )
