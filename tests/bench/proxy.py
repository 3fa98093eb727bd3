"""A proxy on this PC that counts every byte between a desktop and the centre, HTTP's included."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import NamedTuple

_AT_ONCE = 1 << 16


class Traffic(NamedTuple):
    """What passed: requests, bytes of everything up and down, and of the bodies alone."""

    requests: int
    up: int
    down: int
    body_up: int
    body_down: int


class Proxy:
    """Carries what comes to its own port to `port`, both on loopback, and keeps it until it is asked for."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._passed: list[tuple[bytearray, bytearray]] = []
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def take(self) -> Traffic:
        """What passed since the last call. Only between answers: nothing may be under way."""
        with self._lock:
            ups, downs = ([list(_bodies(bytes(sent[way]))) for sent in self._passed] for way in (0, 1))
            up, down = (sum(len(sent[way]) for sent in self._passed) for way in (0, 1))
            for sent in self._passed:
                for part in sent:
                    part.clear()
        assert [len(found) for found in ups] == [len(found) for found in downs]
        return Traffic(sum(map(len, ups)), up, down, sum(map(sum, ups)), sum(map(sum, downs)))

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._target)
                for end in (near, far):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                passed = (bytearray(), bytearray())
                with self._lock:
                    self._passed.append(passed)
                threading.Thread(target=self._carry, args=(near, far, passed[0]), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, passed[1]), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, passed: bytearray) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(_AT_ONCE):
                # Counted before it goes on: who has the answer may ask for the count at once.
                with self._lock:
                    passed += chunk
                target.sendall(chunk)
            target.shutdown(socket.SHUT_WR)


def _bodies(stream: bytes) -> Iterator[int]:
    """The length of each HTTP message's body in what one side of a connection said."""
    while stream:
        head, found, rest = stream.partition(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        assert found, stream[:80]
        assert len(lengths) == 1, head
        length = int(lengths[0].partition(b":")[2])
        assert len(rest) >= length
        yield length
        stream = rest[length:]
