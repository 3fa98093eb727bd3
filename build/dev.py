"""Developer commands: make the environment, then run, test, take screenshots or measure.

    python3 build/dev.py run [--fresh] | test | screenshots DIR | bench NAME
    python3 build/dev.py simulate [--seeds N] [--start S] | mutants

Needs nothing but the standard library of Python 3.11 or newer, on Linux and Windows. The environment is .venv in
the clone, the data of `run` is .data; both may be deleted at any time.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Command = Sequence[str | Path]

CLONE: Final = Path(__file__).resolve().parent.parent
ENVIRONMENT: Final = CLONE / ".venv"
LOCK: Final = CLONE / "requirements.lock"
DATA: Final = CLONE / ".data"
COMMUNE: Final = "48.20308"
LISTENING_WITHIN_S: Final = 60
ENDED_WITHIN_S: Final = 10
# Run beside all other tests, the longest first: its workers want both cores.
ENGINE: Final = ("tests/simulation", "tests/sync")

QT_LIBRARIES: Final = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
}
"""What Qt needs even without a screen: each library and the Debian package that holds it."""

WINDOW_LIBRARIES: Final = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libcups.so.2": "libcups2",
}
"""What a window on a screen needs besides; the last is for printers."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one command; the result is the exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts this may have an older one
        sys.exit(f"Cần Python 3.11 trở lên, đây là {sys.version.split()[0]}. / Python 3.11 or newer is needed.")
    parser = argparse.ArgumentParser(prog="dev.py", description="Sổ Xã: lệnh cho người phát triển / developer commands")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="mở chương trình với dữ liệu mẫu / open the program with sample data")
    run.add_argument("--fresh", action="store_true", help="bỏ dữ liệu cũ, làm lại từ đầu / start over")
    commands.add_parser("test", help="kiểm tra mọi thứ / check everything")
    screenshots = commands.add_parser("screenshots", help="chụp mọi màn hình ra PNG / every screen as PNG")
    screenshots.add_argument("folder", metavar="DIR", type=Path)
    bench = commands.add_parser("bench", help="đo tốc độ / measure")
    bench.add_argument("name", metavar="NAME", choices=benches())
    simulate = commands.add_parser("simulate", help="thử đồng bộ qua mọi sự cố / try the sync under every fault")
    simulate.add_argument("--seeds", metavar="N", type=int, default=100)
    simulate.add_argument("--start", metavar="S", type=int, default=0)
    commands.add_parser("mutants", help="xem lỗi cài vào có bị phát hiện / see whether planted bugs are caught")
    asked = parser.parse_args(arguments)
    # What our processes write into a file or a pipe is UTF-8 on Windows too.
    os.environ["PYTHONIOENCODING"] = "utf-8"

    if asked.command == "run":
        require_screen(os.environ)
        return run_office(make_environment(window=True), DATA, fresh=asked.fresh)
    python = make_environment(window=False)
    if asked.command == "test":
        return check(python)
    if asked.command == "screenshots":
        return call([python, "-m", "tests.screenshots", asked.folder.resolve()], offscreen())
    if asked.command == "simulate":
        seeds = ["--seeds", str(asked.seeds), "--start", str(asked.start)]
        return call([python, "-m", "tests.simulation.farm", *seeds], offscreen())
    if asked.command == "mutants":
        return call([python, "-m", "tests.simulation.mutants"], offscreen())
    if asked.name == "cell" and shutil.which("apt-get") and not shutil.which("strace") and os.geteuid() == 0:
        install_packages(["strace"])  # it counts the fsyncs; without it the others are measured
    return call([python, "-m", f"tests.bench.{asked.name}"], offscreen())


def benches() -> list[str]:
    """Names of what can be measured: the scripts of tests/bench that say so in their first line."""
    scripts = sorted((CLONE / "tests" / "bench").glob("*.py"))
    return [script.stem for script in scripts if script.read_text(encoding="utf-8").startswith('"""`bench ')]


# The environment


def make_environment(*, window: bool) -> Path:
    """Make .venv as the lock says, unless it is so already, and give its Python."""
    install_packages(missing_packages(window=window))
    python = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = ENVIRONMENT / "made-of"
    made_of = f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()} {sys.version} {CLONE}"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != made_of:
        install_environment(python)
        stamp.write_text(made_of, encoding="utf-8")
    # As an installed program is: a shell may forbid Python to keep what it compiles, and every start would pay.
    need([python, "-m", "compileall", "-q", *(CLONE / name for name in ("desktop", "sync"))])
    return python


def install_environment(python: Path) -> None:
    """A new .venv with all that the lock names, and the project itself as it stands in the clone."""
    say("Đang tạo môi trường trong .venv (lần đầu mất vài phút)", "Making the environment in .venv (minutes, once)")
    need([sys.executable, "-m", "venv", "--clear", ENVIRONMENT])
    pip: Command = [python, "-m", "pip", "install", "--disable-pip-version-check"]
    if sys.platform != "win32" and os.geteuid() == 0:
        pip = [*pip, "--root-user-action=ignore"]
    need([*pip, "--require-hashes", "-r", LOCK])
    need([*pip, "--no-index", "--no-deps", "--no-build-isolation", "--editable", CLONE])


def missing_packages(*, window: bool) -> list[str]:
    """Debian packages that this machine lacks; empty where the system brings all, as Windows does."""
    if not sys.platform.startswith("linux"):
        return []
    wanted = QT_LIBRARIES | WINDOW_LIBRARIES if window else QT_LIBRARIES
    missing = [package for library, package in wanted.items() if not loads(library)]
    if importlib.util.find_spec("ensurepip") is None:
        missing.append(f"python3.{sys.version_info.minor}-venv")
    if shutil.which("apt-get") and not Path("/etc/ssl/certs/ca-certificates.crt").exists():
        missing.append("ca-certificates")
    return missing


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install_packages(packages: Sequence[str]) -> None:
    """Install by apt when this is root, else stop with the one line to run."""
    if not packages:
        return
    if not shutil.which("apt-get"):
        stop(
            f"Máy thiếu thư viện hệ thống; trên Debian chúng tên là: {' '.join(packages)}",
            "The system lacks libraries, which Debian calls as above",
        )
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if sys.platform != "win32" and os.geteuid() != 0:
        line = f"apt-get update && {' '.join(install)}"
        prefix = "sudo sh -c" if shutil.which("sudo") else "su -c"
        stop("Máy thiếu gói hệ thống. Chạy dòng này rồi thử lại", "Run this line, then try again", f"{prefix} '{line}'")
    say(f"Đang cài gói hệ thống: {' '.join(packages)}", "Installing system packages")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    need(["apt-get", "update"], quiet)
    need(install, quiet)


# Checking


def check(python: Path) -> int:
    """Lint, format, types, import rules and tests with coverage; all of them, even when one fails."""
    before: dict[str, Command] = {
        "ruff check": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "mypy": [python, "-m", "mypy"],
        "import-linter": [python, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        "coverage erase": [python, "-m", "coverage", "erase"],
    }
    after: dict[str, Command] = {
        "coverage combine": [python, "-m", "coverage", "combine", "-q"],
        "coverage report": [python, "-m", "coverage", "report"],
    }
    failed = [*run(before), *run_tests(python), *run(after)]
    if failed:
        say(f"KHÔNG ĐẠT: {', '.join(failed)}", "FAILED")
        return 1
    say("ĐẠT: mọi kiểm tra đều qua", "PASSED: every check")
    return 0


def run(steps: Mapping[str, Command]) -> list[str]:
    """One after another, and the names of those that failed."""
    failed = []
    for name, command in steps.items():
        print(f"\n== {name}", flush=True)
        if call(command, offscreen()) != 0:
            failed.append(name)
    return failed


def run_tests(python: Path) -> list[str]:
    """The tests of the engine beside all others, since each takes a core for half of the time; who failed."""
    pytest: Command = [python, "-m", "coverage", "run", "-m", "pytest"]
    with ThreadPoolExecutor(1) as beside, tempfile.TemporaryFile() as told:
        engine = beside.submit(call, [*pytest, *ENGINE], offscreen(), told)
        failed = run({"pytest": [*pytest, "tests", *(f"--ignore={folder}" for folder in ENGINE)]})
        print(f"\n== pytest {' '.join(ENGINE)}", flush=True)
        ended = engine.result()
        told.seek(0)
        print(told.read().decode("utf-8", "replace"), flush=True)
    return [*failed, "pytest"] if ended and not failed else failed


def offscreen() -> dict[str, str]:
    return os.environ | {"QT_QPA_PLATFORM": "offscreen"}


# Running


def require_screen(environment: Mapping[str, str]) -> None:
    """Stop, and say how to see the program, where there is no screen to open a window on."""
    if not sys.platform.startswith("linux"):
        return
    if any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        return
    stop(
        "Không có màn hình (DISPLAY và WAYLAND_DISPLAY đều trống) nên không mở được cửa sổ. Cách xem:",
        "There is no screen (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open. Ways to see it:",
        "  python3 build/dev.py screenshots anh    # ảnh mọi màn hình / pictures of every screen",
        "  ssh -X MÁY, rồi / then: python3 build/dev.py run    # màn hình của máy mình / the screen of your own PC",
        "  xvfb-run -a python3 build/dev.py run    # màn hình ảo / a virtual screen (apt-get install xvfb xauth)",
    )


def run_office(python: Path, data: Path, *, fresh: bool = False) -> int:
    """Serve a centre with the sample data from `data`, open a commune's window on it, and end both together."""
    data.mkdir(parents=True, exist_ok=True)
    held = hold(data / "run.lock")
    if fresh:
        for kept in (data / "central", data / "desktop"):
            if kept.exists():
                shutil.rmtree(kept)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _frame: sys.exit(128 + number))
    started: list[subprocess.Popen[bytes]] = []
    try:
        port = serve_centre(python, data, started)
        code = asked_of_centre(python, "code", data, "--unit", COMMUNE, "--person", "Cán bộ UBND xã")
        server = f"http://127.0.0.1:{port}"
        window: Command = [python, "-m", "desktop", "--data", data / "desktop", "--server", server, "--read-code"]
        started.append(start(window, said=code))
        ended = started[-1].wait()
        if ended != 0:
            say(f"Cửa sổ kết thúc với mã {ended}", "The window ended with this code")
        return ended
    except KeyboardInterrupt:
        return 130
    finally:
        end(started)
        held.close()


def serve_centre(python: Path, data: Path, started: list[subprocess.Popen[bytes]]) -> int:
    """Start the centre, with the sample data loaded, and give the port that it listens on.

    The port of the first run is asked for again: the desktop was enrolled at it.
    """
    asked_of_centre(python, "sample", data)
    kept, listening, log = data / "port", data / "listening", data / "central.log"
    wanted = kept.read_text(encoding="utf-8") if kept.exists() else "0"
    listening.unlink(missing_ok=True)
    with log.open("wb") as written:
        serving = start([*centre(python, "serve", data), "--port", wanted, "--port-file", listening], written)
    started.append(serving)
    give_up = time.monotonic() + LISTENING_WITHIN_S
    while not listening.exists():
        if serving.poll() is not None or time.monotonic() > give_up:
            told = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            stop("Trung tâm không chạy được", "The centre did not start", told)
        time.sleep(0.05)
    port = int(listening.read_text(encoding="utf-8"))
    kept.write_text(str(port), encoding="utf-8")
    return port


def centre(python: Path, command: str, data: Path) -> Command:
    return [python, "-c", "from sync.central.commands import main; main()", command, "--data", data / "central"]


def asked_of_centre(python: Path, command: str, data: Path, *rest: str) -> str:
    """The last line that a command of the centre prints."""
    answer = subprocess.run(
        [*centre(python, command, data), *rest], cwd=CLONE, stdout=subprocess.PIPE, encoding="utf-8", check=False
    )
    if answer.returncode != 0:
        stop(f"Lệnh của trung tâm không chạy được: {command}", "This command of the centre failed", answer.stdout)
    return (answer.stdout.splitlines() or [""])[-1].strip()


def hold(path: Path) -> IO[bytes]:
    """Hold the data folder for as long as this process lives; stop when another run holds it."""
    held = path.open("wb")
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(held.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        stop("Chương trình đang chạy trên dữ liệu này rồi", f"The program runs on this data already: {path.parent}")
    return held


# Processes


def start(command: Command, output: IO[bytes] | None = None, said: str = "") -> subprocess.Popen[bytes]:
    """Start a process that ends when this one does, even when this one is killed; it reads what is `said` to it."""
    bound = end_with_parent if sys.platform.startswith("linux") else None
    pipe = subprocess.PIPE if said else None
    started = subprocess.Popen(command, cwd=CLONE, stdin=pipe, stdout=output, stderr=output, preexec_fn=bound)
    if started.stdin:
        with contextlib.suppress(BrokenPipeError), started.stdin:
            started.stdin.write(f"{said}\n".encode())
    return started


def end_with_parent() -> None:
    set_parent_death_signal = 1  # PR_SET_PDEATHSIG of prctl(2)
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


def end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """End what was started, the last first; what does not obey in time is killed."""
    for process in reversed(processes):
        process.terminate()
        try:
            process.wait(ENDED_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def call(command: Command, environment: Mapping[str, str] | None = None, told: IO[bytes] | None = None) -> int:
    return subprocess.run(command, cwd=CLONE, env=environment, stdout=told, stderr=told, check=False).returncode


def need(command: Command, environment: Mapping[str, str] | None = None) -> None:
    if call(command, environment) != 0:
        stop("Lệnh này không chạy được", "This command failed", "  " + " ".join(str(part) for part in command))


def say(vietnamese: str, english: str, *lines: str) -> None:
    print(f"{vietnamese} / {english}" if not lines else "\n".join((vietnamese, english, *lines)), flush=True)


def stop(vietnamese: str, english: str, *lines: str) -> NoReturn:
    say(vietnamese, english, *lines)
    sys.exit(1)


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        # A console or pipe of an old code page shows what it can instead of failing on Vietnamese.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(main())
