"""What others on a PC could read while the program runs: never a code, a password, a key or a figure."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from desktop.widgets.words import say
from sync.store.people import People
from tests.desktop.drawn import pdf, photo, taken
from tests.end_to_end.onlooker import looked_at
from tests.end_to_end.places import COMMUNE, START_S, Office, centre_in, tell
from tests.end_to_end.test_people import FORM, HOA, ITEM, PASSWORD, PERIOD, VILLAGE, put
from tests.end_to_end.test_rights import FIRST, SECRET, SECRET_ITEM

WORDS = "Nhà bà Sáu đã nhận tiền"
KEPT = {
    *("soxa.db", "soxa-files.db"),  # under the store's key
    *("soxa.people", "soxa.people.copy", "soxa.recovery"),  # that key, sealed
    *("soxa.ini", "soxa.lock", "soxa-errors.log"),
}
"""All that may lie in a data folder while nobody has it open."""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux shows every command line")


@contextmanager
def cores_kept() -> Iterator[None]:
    """What starts now may leave its memory on the disk, as far as the system lets it."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard == 0:
        pytest.skip("this system keeps no core of anything")
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


def test_a_code_reaches_the_program_where_nobody_else_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    with centre_in(tmp_path / "centre") as centre, looked_at(scratch) as onlooker:
        code = centre.code(COMMUNE, HOA)
        onlooker.plant(code.encode(), code.replace("-", "").encode())
        command = [sys.executable, "-m", "desktop", "--data", str(tmp_path / "pc"), "--server", centre.address]
        with (
            cores_kept(),
            subprocess.Popen([*command, "--read-code"], stdin=subprocess.PIPE, text=True) as window,
        ):
            tell(window, code)
            give_up = time.monotonic() + START_S
            while centre.rows("SELECT person FROM device WHERE person = ?", HOA) == []:
                assert window.poll() is None
                assert time.monotonic() < give_up
                time.sleep(0.05)
            # Nor does the system keep a picture of its memory, should a library break.
            limits = Path(f"/proc/{window.pid}/limits").read_text().splitlines()
            assert [line.split()[-3:-1] for line in limits if line.startswith("Max core")] == [["0", "0"]]
            window.kill()
        assert window.pid in onlooker.seen
        assert onlooker.found == set()


def test_a_whole_day_leaves_nothing_in_the_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Typing, words, evidence looked at, print and export, a file by hand, a bug of ours, a lock: then a search."""
    scratch, home, given = (tmp_path / name for name in ("scratch", "home", "given"))
    for folder in (scratch, home, given):
        folder.mkdir(mode=0o700)
    monkeypatch.setenv("TMPDIR", str(scratch))
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(home))
    photo_file, paper_file = tmp_path / "Ảnh 5521908.jpg", tmp_path / "Biên bản 5521908.pdf"
    photo_file.write_bytes(taken(photo(1200, 800), 6))
    paper_file.write_bytes(pdf([(595.0, 842.0)] * 2))
    office = Office()
    with centre_in(tmp_path / "centre") as centre, closing(office), looked_at(scratch) as onlooker:
        centre.decide("grant", HOA, "--role", "commune_entry", "--unit", COMMUNE, "--up-to", "sensitive")
        ((job,),) = centre.rows(
            "SELECT item FROM record WHERE kind = 'task' AND unit = ? ORDER BY item LIMIT 1", COMMUNE
        )
        code = centre.code(COMMUNE, HOA)
        planted = written_in_any_way(FIRST, SECRET, WORDS, "5521908", PASSWORD, code)
        onlooker.plant(*planted)
        pc = office.pc(tmp_path / "pc", centre.address, code)
        assert pc("sync")["phase"] == "online"
        assert pc("protect", PASSWORD)
        put(pc, FIRST)
        put(pc, SECRET, SECRET_ITEM)
        assert pc("progress", job, "37", WORDS)
        assert pc("attach", job, [str(photo_file), str(paper_file)]) == []
        for file in (photo_file, paper_file):
            assert pc("look", job, file.name)
        assert pc("sync")["waiting"] == 0
        assert pc("evidence_is", job, paper_file.name, say("tasks.evidence.state.both", percent=0))
        assert pc("go", FORM, PERIOD, VILLAGE, ITEM)
        assert pc("print_pdf", str(given / "in.pdf"))
        assert pc("export", str(given / "in.xlsx"))
        assert pc("save_journal", str(given / "journal.txt"))
        assert pc("make_file", str(given / "to the centre.soxa"))
        assert pc("break_down", f"{FIRST} {WORDS} {PASSWORD}")
        assert pc("has_broken")
        assert pc("lock")
        assert pc("sign_in", HOA, PASSWORD) == ""
        pc.close()
        key = People(pc.folder).sign_in(HOA, PASSWORD)
        planted += [key, *written_in_any_way(key.hex())]

        assert pc.pid in onlooker.seen
        assert onlooker.found == set()
        # Whatever is put there for a moment can be read for long.
        assert onlooker.files == set()
        kept = {path.name for path in pc.folder.rglob("*") if path.is_file()}
        assert kept - KEPT == set()
        assert "soxa-errors.log" in kept
        for_others = [given / "journal.txt", given / "to the centre.soxa"]
        open_places = [pc.folder, home, centre.folder / "log", centre.folder / "register.soxa", *for_others]
        assert files_with([*planted, b"JFIF\0", b"%PDF-", b"PK\3\4"], *open_places) == []
        assert "LookupError" in pc.said
        assert not any(one in pc.said.encode() for one in planted)
        # The search finds what it looks for where that is meant to be.
        assert files_with([b"%PDF-"], given) == [str(given / "in.pdf")]
        assert files_with([FIRST.encode()], centre.folder) != []


def written_in_any_way(*texts: str) -> list[bytes]:
    """As they are, in UTF-16, and in both cases."""
    forms = {form for text in texts for form in (text, text.upper(), text.lower(), text.replace("-", ""))}
    return [form.encode(coding) for form in forms for coding in ("utf-8", "utf-16-le")]


def files_with(planted: list[bytes], *places: Path) -> list[str]:
    files = [path for place in places for path in (place, *place.rglob("*")) if path.is_file()]
    assert files
    return [str(path) for path in files if any(one in path.read_bytes() for one in planted)]


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
