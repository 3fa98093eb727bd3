"""The developer commands: what they install, what they say, and that `run` leaves no process behind."""

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FILE = Path(__file__).parents[2] / "build" / "dev.py"
WITHIN_S = 60

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of Linux alone")


@pytest.fixture
def dev() -> ModuleType:
    """A module of its own for each test: the name `build` belongs to a tool on some machines."""
    spec = importlib.util.spec_from_file_location("dev", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def commands(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the module would have started, each with success."""
    told: list[list[str]] = []

    def call(command: list[object], environment: object = None) -> int:
        told.append([str(part) for part in command])
        return 0

    monkeypatch.setattr(dev, "call", call)
    return told


# Packages of the system


@linux
def test_a_window_needs_more_packages_than_tests_do(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "loads", lambda library: library not in ("libxcb-cursor.so.0", "libGL.so.1"))
    for_tests, for_a_window = dev.missing_packages(window=False), dev.missing_packages(window=True)
    assert "libgl1" in for_tests
    assert "libxcb-cursor0" not in for_tests
    assert set(for_a_window) == {*for_tests, "libxcb-cursor0"}


@linux
def test_a_debian_python_without_ensurepip_needs_its_venv_package(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev.importlib.util, "find_spec", lambda name: None)
    assert f"python3.{sys.version_info.minor}-venv" in dev.missing_packages(window=False)


def test_a_library_that_is_not_there_does_not_load(dev: ModuleType) -> None:
    assert not dev.loads("libsoxa-no-such-library.so.0")


@linux
def test_root_gets_the_packages_installed(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, commands: list[list[str]]
) -> None:
    monkeypatch.setattr(dev.os, "geteuid", lambda: 0)
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}")
    dev.install_packages(["libgl1", "libegl1"])
    assert commands == [
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", "libgl1", "libegl1"],
    ]


@linux
@pytest.mark.parametrize(("has_sudo", "start"), [(True, "sudo sh -c "), (False, "su -c ")])
def test_others_get_the_one_line_to_run(
    dev: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    commands: list[list[str]],
    capsys: pytest.CaptureFixture[str],
    has_sudo: bool,
    start: str,
) -> None:
    monkeypatch.setattr(dev.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(dev.shutil, "which", lambda name: name if has_sudo or name != "sudo" else None)
    with pytest.raises(SystemExit) as ended:
        dev.install_packages(["libgl1", "libegl1"])
    assert ended.value.code == 1
    assert commands == []
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith(start)
    assert "apt-get install -y --no-install-recommends libgl1 libegl1" in line


def test_nothing_missing_installs_nothing(dev: ModuleType, commands: list[list[str]]) -> None:
    dev.install_packages([])
    assert commands == []


# The environment


@pytest.fixture
def clone(dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(dev, "missing_packages", lambda *, window: [])
    for name, path in (("CLONE", tmp_path), ("ENVIRONMENT", tmp_path / ".venv"), ("LOCK", tmp_path / "lock")):
        monkeypatch.setattr(dev, name, path)
    (tmp_path / "lock").write_text("one", encoding="utf-8")
    (tmp_path / ".venv").mkdir()
    return tmp_path


def test_the_environment_is_made_once_for_a_lock(dev: ModuleType, clone: Path, commands: list[list[str]]) -> None:
    python = dev.make_environment(window=False)
    assert python.is_relative_to(clone / ".venv")
    venv, locked, project, compiled = commands
    assert venv[1:] == ["-m", "venv", "--clear", str(clone / ".venv")]
    assert locked[-3:] == ["--require-hashes", "-r", str(clone / "lock")]
    assert {"--no-index", "--no-deps", "--editable"} <= set(project)
    assert compiled[1:] == ["-m", "compileall", "-q", str(clone / "desktop"), str(clone / "sync")]

    dev.make_environment(window=True)
    assert commands[4:] == [compiled]
    (clone / "lock").write_text("two", encoding="utf-8")
    dev.make_environment(window=False)
    assert len(commands) == 9


def test_an_environment_that_failed_is_made_again(
    dev: ModuleType, clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "call", lambda command, environment=None: int("--require-hashes" in command))
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            dev.make_environment(window=False)
        assert ended.value.code == 1
        assert "--require-hashes" in capsys.readouterr().out


# Checking and measuring


def test_every_check_runs_even_when_one_fails(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = []

    def call(command: list[object], environment: dict[str, str], told: object = None) -> int:
        assert environment["QT_QPA_PLATFORM"] == "offscreen"
        ran.append(str(command[2]))
        return int("mypy" in command)

    monkeypatch.setattr(dev, "call", call)
    assert dev.check(Path("python")) == 1
    assert {"ruff", "mypy", "coverage"} < set(ran)
    assert capsys.readouterr().out.splitlines()[-1] == "KHÔNG ĐẠT: mypy / FAILED"
    monkeypatch.setattr(dev, "call", lambda command, environment, told=None: 0)
    assert dev.check(Path("python")) == 0


def test_a_bench_that_does_not_exist_is_refused_with_those_that_do(
    dev: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        dev.main(["bench", "nothing"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "cell" in told
    assert "baselines" not in told


# Running


@linux
def test_without_a_screen_it_says_so_and_how_to_see_it() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    environment |= {"DISPLAY": "", "WAYLAND_DISPLAY": ""}
    ended = subprocess.run(
        [sys.executable, FILE, "run"], capture_output=True, encoding="utf-8", check=False, env=environment
    )
    assert ended.returncode == 1
    for words in ("Không có màn hình", "There is no screen", "screenshots", "ssh -X", "xvfb-run"):
        assert words in ended.stdout


def told_by_centre(data: Path, event: str) -> list[dict[str, Any]]:
    log = data / "central.log"
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [found for line in lines if line.startswith("{") and (found := json.loads(line))["event"] == event]


def processes_of(data: Path) -> list[int]:
    """Process numbers of the centre and the window on this data."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # ended while we looked
        if any(os.fsencode(data / part) in arguments for part in ("central", "desktop")):
            found.append(int(folder.name))
    return found


def wait_for(reached: Callable[[], bool]) -> None:
    give_up = time.monotonic() + WITHIN_S
    while not reached():
        assert time.monotonic() < give_up
        time.sleep(0.05)


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `run` on a data folder, with the environment of this test."""
    started: list[subprocess.Popen[str]] = []

    def run(*, fresh: bool = False) -> subprocess.Popen[str]:
        program = (
            f"import sys; sys.path.insert(0, {str(FILE.parent)!r}); import dev; from pathlib import Path\n"
            f"sys.exit(dev.run_office(Path(sys.executable), Path({str(tmp_path / 'data')!r}), fresh={fresh}))"
        )
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", program],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                env=os.environ | {"PYTHONIOENCODING": "utf-8"},
            )
        )
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


@linux
def test_run_enrols_a_window_keeps_the_data_and_leaves_no_process(start: Start, tmp_path: Path) -> None:
    data = tmp_path / "data"

    first = start()
    wait_for(lambda: bool(told_by_centre(data, "sync")))
    (enrolled,) = told_by_centre(data, "enrolled")
    assert enrolled["unit"] == "48.20308"
    assert len(processes_of(data)) == 2
    lines = b" ".join(Path(f"/proc/{number}/cmdline").read_bytes() for number in processes_of(data))
    assert b"--read-code" in lines
    assert re.search(rb"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", lines) is None, "anybody on the PC could read it there"
    busy = start()
    assert "đang chạy" in busy.communicate()[0]
    assert busy.returncode == 1
    first.send_signal(signal.SIGTERM)
    first.communicate()
    assert first.returncode == 128 + signal.SIGTERM
    assert processes_of(data) == []
    (data / "central.log").unlink()

    # A second start keeps the data and the port; the end of the window is the end of all.
    second = start()
    wait_for(lambda: bool(told_by_centre(data, "sync")))
    assert told_by_centre(data, "enrolled") == []
    assert told_by_centre(data, "sync")[0]["device"] == enrolled["device"]
    window = max(processes_of(data))
    os.kill(window, signal.SIGKILL)
    told, _ = second.communicate()
    assert "Cửa sổ kết thúc với mã -9" in told
    assert processes_of(data) == []
    (data / "central.log").unlink()

    # Started over: another device; killed without a word, it still leaves nothing behind.
    third = start(fresh=True)
    wait_for(lambda: bool(told_by_centre(data, "sync")))
    assert told_by_centre(data, "enrolled")[0]["device"] != enrolled["device"]
    third.kill()
    third.wait()
    wait_for(lambda: processes_of(data) == [])
