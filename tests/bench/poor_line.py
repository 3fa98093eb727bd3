"""A line between a desktop and the centre that is slow, is cut again and again, and counts what comes through."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable

_AT_ONCE = 1 << 12


class PoorLine:
    """Carries what comes to its own port to `port`, both on loopback.

    `rate` is how many bytes a second it carries up, 0 for any. A connection is cut when `cuts_at()` bytes have gone up
    on it, asked once for each connection, and whenever `cut` is called. `up` counts what came to the centre.
    """

    def __init__(self, port: int, rate: int = 0, cuts_at: Callable[[], int] = lambda: 0) -> None:
        self.port = port
        self.up = self.cuts = 0
        self._rate, self._cuts_at = rate, cuts_at
        self._busy_until_s = 0.0
        self._lock = threading.Lock()
        self._open: set[tuple[socket.socket, socket.socket]] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Cut every connection, whatever is under way on it."""
        with self._lock:
            pairs = list(self._open)
        for pair in pairs:
            self._end(pair)

    def close(self) -> None:
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self.port))
                except OSError:
                    near.close()
                    continue
                for end in (near, far):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                pair = (near, far)
                with self._lock:
                    self._open.add(pair)
                for carry in (self._carry_up, self._carry_down):
                    threading.Thread(target=carry, args=(pair,), daemon=True).start()

    def _carry_up(self, pair: tuple[socket.socket, socket.socket]) -> None:
        near, far = pair
        left = self._cuts_at() or -1
        with contextlib.suppress(OSError):
            while chunk := near.recv(_AT_ONCE if left < 0 else min(_AT_ONCE, left)):
                self._wait(len(chunk))
                far.sendall(chunk)
                with self._lock:
                    self.up += len(chunk)
                left -= len(chunk) if left > 0 else 0
                if left == 0:
                    break
        self._end(pair)

    def _wait(self, count: int) -> None:
        """Until the line has carried so many bytes more, behind those of whoever came before."""
        if self._rate:
            with self._lock:
                self._busy_until_s = max(self._busy_until_s, time.monotonic()) + count / self._rate
                wait_s = self._busy_until_s - time.monotonic()
            time.sleep(max(0.0, wait_s))

    def _carry_down(self, pair: tuple[socket.socket, socket.socket]) -> None:
        near, far = pair
        with contextlib.suppress(OSError):
            while chunk := far.recv(_AT_ONCE):
                near.sendall(chunk)
        self._end(pair)

    def _end(self, pair: tuple[socket.socket, socket.socket]) -> None:
        with self._lock:
            if pair not in self._open:
                return
            self._open.remove(pair)
            self.cuts += 1
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
