"""What others on a PC could read while the program runs: never a code, a password, a key or a figure."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.end_to_end.onlooker import looked_at
from tests.end_to_end.places import COMMUNE, START_S, centre_in, tell
from tests.end_to_end.test_people import HOA

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux shows every command line")


def test_a_code_reaches_the_program_where_nobody_else_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    with centre_in(tmp_path / "centre") as centre, looked_at(scratch) as onlooker:
        code = centre.code(COMMUNE, HOA)
        onlooker.plant(code.encode(), code.replace("-", "").encode())
        command = [sys.executable, "-m", "desktop", "--data", str(tmp_path / "pc"), "--server", centre.address]
        with subprocess.Popen([*command, "--read-code"], stdin=subprocess.PIPE, text=True) as window:
            tell(window, code)
            give_up = time.monotonic() + START_S
            while centre.rows("SELECT person FROM device WHERE person = ?", HOA) == []:
                assert window.poll() is None
                assert time.monotonic() < give_up
                time.sleep(0.05)
            window.kill()
        assert window.pid in onlooker.seen
        assert onlooker.found == set()


def test_the_onlooker_sees_what_is_told_in_the_wrong_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    waits = "import sys, tempfile; file = tempfile.TemporaryFile(); file.write(b'2222'); file.flush(); print('held')"
    waits += "; sys.stdout.flush(); sys.stdin.readline()"
    with looked_at(tmp_path) as onlooker:
        onlooker.plant(b"1111", b"2222", b"3333")
        (tmp_path / "left").write_bytes(b"3333")
        monkeypatch.setenv("CODE", "1111")
        with subprocess.Popen(
            [sys.executable, "-c", waits, "1111"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            process.stdout.readline()
            give_up = time.monotonic() + START_S
            while len(onlooker.found) < 4:
                assert time.monotonic() < give_up, onlooker.found
                time.sleep(0.01)
            tell(process, "")
    kinds = {one.split()[0] for one in onlooker.found}
    assert kinds == {"command", "environment", "file"}
    assert "left" in onlooker.files
    assert any(name.endswith(" (deleted)") for name in onlooker.files)
