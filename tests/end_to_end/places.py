"""A real centre, real PCs and the line between them, each a process or a socket of its own on free loopback ports."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sync.store import Store
from sync.store.key import store_key

COMMUNE = "48.20308"
SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
START_S = 60.0
ANSWER_S = 180.0
"""More than a PC waits for anything itself: what did not come is its answer then, and not that it ended."""


class Centre:
    """A `soxa-central` process on a folder of its own, with the sample commune's villages and tasks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._command("init", "--data", str(folder), "--province", "48")
        for kind in ("villages", "tasks", "deadlines"):
            file = str(SAMPLES / f"{kind}.csv")
            self._command("load", kind, file, "--data", str(folder), "--commune", COMMUNE)
        self.start()

    def start(self) -> None:
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        serve = ("serve", "--data", str(self.folder), "--port", "0", "--port-file", str(port_file))
        log = self.folder / "log"
        with log.open("wb") as said:
            self._process = subprocess.Popen(_central(*serve), stdout=said, stderr=said)
        started = time.monotonic()
        while not (port_file.exists() and port_file.read_text().strip()):
            assert self._process.poll() is None, f"the centre ended before it listened: {log.read_text()[-3000:]}"
            assert time.monotonic() - started < START_S, "the centre did not listen in time"
            time.sleep(0.02)
        self.port = int(port_file.read_text())
        self.address = f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """SIGKILL: as if the power failed, for the process."""
        self._process.kill()
        self._process.wait(START_S)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(START_S) == 0

    def code(self, unit: str, person: str) -> str:
        return self._command("code", "--data", str(self.folder), "--unit", unit, "--person", person).split()[-1]

    def recover(self, file: Path) -> tuple[Path, str]:
        """The administrator's answer to a recovery file: the file to send back, and the code."""
        answer = file.with_name("answer.soxa")
        said = self._command("recover", str(file), "--data", str(self.folder), "--out", str(answer))
        return answer, said.strip()

    def take(self, file: Path) -> Path:
        """Take a file that somebody carried; the answer, to be carried back."""
        answer = file.with_name(f"{file.stem}-answer.soxa")
        self._command("take", str(file), "--data", str(self.folder), "--out", str(answer))
        return answer

    def revoke(self, device: str) -> None:
        self._command("revoke", device, "--data", str(self.folder))

    def decide(self, *arguments: str) -> str:
        """What a command says that does what it is asked."""
        return self._command(*arguments, "--data", str(self.folder))

    def refuses(self, *arguments: str) -> str:
        """What a command that must fail says."""
        done = subprocess.run(_central(*arguments, "--data", str(self.folder)), capture_output=True, text=True)
        assert done.returncode == 2, done
        return done.stderr

    def rows(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Read the centre's own database."""
        (path,) = self.folder.glob("*.db")
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute(query, arguments).fetchall()

    def _command(self, *arguments: str) -> str:
        done = subprocess.run(_central(*arguments), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def _central(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from sync.central.commands import main; main()", *arguments]


class Pc:
    """A PC process (`tests.end_to_end.pc`) on a data folder. Every call is an order to the person in front of it."""

    def __init__(self, folder: Path, server: str = "", code: str = "") -> None:
        self.folder = folder
        self.said = ""
        """What it had said on standard error when it ended."""
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.pc", str(folder), *([server] if server else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
        )
        if server:
            tell(self._process, code)
        assert self._answer() == "ready"

    def __call__(self, *order: Any) -> Any:
        tell(self._process, json.dumps(order))
        return self._answer()

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL: as if the power failed, for the process. Does nothing to one that has ended."""
        self._process.kill()
        self._end()

    def close(self) -> None:
        """Close the window; the process must end by itself."""
        self("leave")
        try:
            self._process.wait(START_S)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGABRT)  # which makes it say on stderr where it stands
            assert self._process.stderr
            raise AssertionError(f"the PC did not end: {self._process.stderr.read()[-5000:]}") from None
        self._end()
        assert self._process.returncode == 0

    def store(self) -> Store:
        """The folder's store, for reading what is on the disk; while the process is down."""
        return Store.open(self.folder, store_key(self.folder))

    def _answer(self) -> Any:
        assert self._process.stdout
        # A PC that hangs is ended, says where each of its threads stood, and then has no answer.
        patience = threading.Timer(ANSWER_S, self._process.send_signal, [signal.SIGABRT])
        patience.start()
        line = self._process.stdout.readline()
        patience.cancel()
        if not line:
            assert self._process.stderr
            raise AssertionError(f"the PC ended: {self._process.stderr.read()[-3000:]}")
        return json.loads(line)

    def _end(self) -> None:
        self._process.wait(START_S)
        if self._process.stderr and not self._process.stderr.closed:
            self.said = self._process.stderr.read()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe
            pipe.close()


def tell(process: subprocess.Popen[str], line: str) -> None:
    """Say a line to a process on its standard input, where no list of processes shows it."""
    assert process.stdin
    process.stdin.write(line + "\n")
    process.stdin.flush()


class Line:
    """A line to a `port`. While it is `dropping`, what the centre answers is lost on the way, after it acted."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.dropping = False
        self.dropped = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.port))
        except OSError:
            near.close()
            return
        back = threading.Thread(target=self._carry_back, args=(far, near), daemon=True)
        back.start()
        # An end that hangs up in the middle is what lines do.
        with near, far:
            with suppress(OSError):
                while data := _received(near):
                    far.sendall(data)
                far.shutdown(socket.SHUT_RDWR)  # or the way back would wait for ever
            back.join()

    def _carry_back(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while data := _received(far):
                if self.dropping:
                    self.dropped += 1
                    break
                near.sendall(data)
        # Whoever waits on the near side learns that the far one is gone.
        with suppress(OSError):
            near.shutdown(socket.SHUT_RDWR)


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(1 << 16)
    except OSError:
        return b""


@contextmanager
def centre_in(folder: Path) -> Iterator[Centre]:
    """A running centre; it must end by itself when asked to."""
    centre = Centre(folder)
    try:
        yield centre
    finally:
        centre.stop()


class Office:
    """The PCs of a test, none of which outlives it."""

    def __init__(self) -> None:
        self._pcs: list[Pc] = []

    def pc(self, folder: Path, server: str = "", code: str = "") -> Pc:
        pc = Pc(folder, server, code)
        self._pcs.append(pc)
        return pc

    def close(self) -> None:
        for pc in self._pcs:
            pc.kill()
