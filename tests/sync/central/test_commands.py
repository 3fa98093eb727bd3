"""The command soxa-central as a person calls it: a process, its exit code and its sentences."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from sync.central.centre import Centre, open_centre
from sync.central.words import RESOURCES
from sync.client.http import catalogue_at
from sync.client.joining import ask, look
from sync.domain.keys import CLOSING, Key
from sync.domain.workflow import CLOSED
from sync.exchange.catalogue import load, read
from sync.protocol import codec, envelope, parcel
from sync.protocol.chain import device_id
from sync.protocol.messages import EnrolAnswer, EnrolRequest, SyncRequest
from sync.protocol.version import PROTOCOL
from sync.store import Store
from tests.sync.central.conftest import COMMUNE, Clock, Device, value_key

COMMAND = [sys.executable, "-m", "sync.central.commands"]
ROOT = Path(__file__).resolve().parents[3]


def environment(language: str) -> dict[str, str]:
    return {**os.environ, "LC_ALL": language, "PYTHONIOENCODING": "utf-8"}


def run(*arguments: str | Path, language: str = "C.UTF-8") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=ROOT,
        env=environment(language),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@contextmanager
def opened(folder: Path) -> Iterator[Centre]:
    with closing(open_centre(folder, load(RESOURCES / "catalogues"), Clock())) as centre:
        yield centre


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A serving process and its port."""
    port_file = folder / "port"
    port_file.unlink(missing_ok=True)
    command = [*COMMAND, "serve", "--data", str(folder), "--port", "0", "--port-file", str(port_file)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment("C.UTF-8"), stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stderr is not None
        try:
            # The log's line comes after the port file was written.
            assert "listening" in process.stderr.readline()
            yield process, int(port_file.read_text())
        finally:
            if process.poll() is None:
                process.kill()
            process.stderr.read()


def health(port: int) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    with closing(connection):
        connection.request("GET", "/v1/health")
        return connection.getresponse().status


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre with the samples. Tests that change it take a copy."""
    folder = tmp_path_factory.mktemp("sampled") / "thư mục % dữ liệu?"
    done = run("sample", "--data", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def folder(sampled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sampled, tmp_path / "centre"))


def test_the_samples_fill_a_new_centre(sampled: Path) -> None:
    with opened(sampled) as centre:
        reader = Device(centre, COMMUNE)
        reader.pull()
        units = centre.repository.units()
        kinds = Counter(key.kind for key in reader.base)
    assert units[COMMUNE].name == "Xã Bà Nà"
    assert [key for key in units if key.startswith(COMMUNE + ".")] == [f"{COMMUNE}.{n:03}" for n in range(1, 11)]
    assert kinds["value"] == 6 * 14
    assert kinds["deadline"] == 9
    assert kinds["task"] > 5
    key = value_key(f"{COMMUNE}.001", "village_ct01")
    assert reader.base[key].heads[0].content == "434"


def test_a_commune_s_own_values_are_taken_beside_its_villages(folder: Path) -> None:
    """The same indicators, of the commune itself; a closing of either form leaves the other one open."""
    of_commune = value_key(COMMUNE, "village_ct01")
    of_village = value_key(f"{COMMUNE}.001", "village_ct01")
    with opened(folder) as centre:
        officer = Device(centre, COMMUNE)
        officer.type(of_commune, "4752")
        officer.type(
            of_commune._replace(item="village_ct02"), '{"note":"thiếu 4 thôn, lấy theo sổ hộ khẩu","number":17291}'
        )
        assert officer.ask(officer.push()).results == []
        assert officer.heads(of_commune) == ["4752"]
        centre.repository.decide([(Key(CLOSING, COMMUNE, "commune_quarter", "A2026Q2"), CLOSED)], "admin")
        officer.pull()
        officer.type(of_village, "435", tuple(head.version for head in officer.base[of_village].heads))
        officer.type(of_commune, "4753", (officer.log[0].version,))
        results = officer.ask(officer.push(3)).results
        assert [(result.n, result.reason) for result in results if result.reason] == [(4, "period_closed")]
        assert officer.heads(of_village) == ["435"]
        assert officer.heads(of_commune) == ["4752"]


def test_the_samples_again_change_nothing(sampled: Path) -> None:
    again = run("sample", "--data", sampled)
    assert again.stdout == f"Samples: 0 cells changed in {sampled}.\n"


def test_the_key_is_its_owner_s_alone(sampled: Path) -> None:
    assert (sampled / "centre.key").stat().st_mode & 0o777 == 0o600
    seed = bytes.fromhex((sampled / "centre.key").read_text())
    assert seed not in (sampled / "centre.db").read_bytes()


def test_init_makes_a_province_and_again_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    first = run("init", "--data", folder, "--province", "48")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("The centre of 48 is ready")
    again = run("init", "--data", folder, "--province", "48", language="vi_VN.UTF-8")
    assert again.stdout == f"Thư mục {folder} đã là trung tâm của tỉnh 48: 0 đơn vị thay đổi.\n"
    other = run("init", "--data", folder, "--province", "01")
    assert (other.returncode, other.stdout) == (2, "")
    assert "belongs to province 48, not to 01" in other.stderr


@pytest.mark.parametrize("province", ["99", "", "x", "../48"])
def test_a_province_that_the_catalogue_lacks_makes_no_centre(tmp_path: Path, province: str) -> None:
    done = run("init", "--data", tmp_path / "centre", "--province", province)
    assert done.returncode == 2
    assert "units.csv: unknown province" in done.stderr
    assert not (tmp_path / "centre").exists()


def test_villages_keep_their_keys_and_new_ones_follow(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "thôn.csv"
    file.write_text("tên thôn\nThôn An Sơn\nThôn Mới\nThôn Hòa Ninh\n", encoding="utf-8")
    for count in (3, 0):
        done = run("load", "villages", file, "--data", folder, "--commune", COMMUNE)
        assert (done.returncode, done.stdout) == (0, f"thôn.csv: {count} cells changed.\n")
    with opened(folder) as centre:
        names = {unit.name: key for key, unit in centre.repository.units().items()}
    assert names["Thôn An Sơn"] == f"{COMMUNE}.010"
    assert names["Thôn Hòa Ninh"] == f"{COMMUNE}.009"
    assert names["Thôn Mới"] == f"{COMMUNE}.011"


def test_values_deadlines_and_tasks_are_loaded(folder: Path, tmp_path: Path) -> None:
    values = tmp_path / "values.csv"
    values.write_text("period,village,village_ct01,village_ct02\nA2026Q3,Thôn An Sơn,301,\n", encoding="utf-8")
    deadlines = tmp_path / "deadlines.csv"
    deadlines.write_text(
        "form,period,due,source\nvillage_quarter,A2027Q1,2027-03-15T17:00+07:00,mẫu\n", encoding="utf-8"
    )
    tasks = RESOURCES / "samples" / "tasks.csv"
    for what, file, count in (("values", values, 1), ("deadlines", deadlines, 1), ("tasks", tasks, 0)):
        done = run("load", what, file, "--data", folder, "--commune", COMMUNE)
        assert (done.returncode, done.stdout) == (0, f"{file.name}: {count} cells changed.\n"), done.stderr
    assert run("load", "deadlines", deadlines, "--data", folder).stdout == "deadlines.csv: 1 cells changed.\n"
    with opened(folder) as centre:
        village = Device(centre, f"{COMMUNE}.010")
        village.pull()
    assert village.base[value_key(f"{COMMUNE}.010", "village_ct01", "A2026Q3")].heads[0].content == "301"
    assert {f"{COMMUNE}", "48"} == {key.unit for key in village.base if key.period == "A2027Q1"}


def test_all_errors_of_a_list_are_told_and_nothing_is_loaded(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "values.csv"
    file.write_text(
        "period,village,village_ct01\n2026Q3,Thôn An Sơn,1\nA2026Q3,Thôn An Son,2\nA2026Q3,Thôn An Sơn,x\n"
        "A2026Q3,Thôn Phú Hòa,5\n",
        encoding="utf-8",
    )
    done = run("load", "values", file, "--data", folder, "--commune", COMMUNE)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "values.csv cannot be loaded, nothing was changed:",
        "  values.csv, row 2: not a period such as A2026Q2: 2026Q3",
        "  values.csv, row 3: the commune has no village of this name: Thôn An Son",
        "  values.csv, row 4: not a number: village_ct01: x",
    ]
    with opened(folder) as centre:
        reader = Device(centre, COMMUNE)
        reader.pull()
    assert value_key(f"{COMMUNE}.004", "village_ct01", "A2026Q3") not in reader.base


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("villages", "no.csv", "--commune", COMMUNE), "no.csv: the file cannot be opened"),
        (("villages", "no.csv"), "Say which commune"),
        (("villages", "no.csv", "--commune", "48.99999"), "There is no unit 48.99999"),
        (("villages", "no.csv", "--commune", f"{COMMUNE}.001"), "is not a commune"),
        (("villages", "no.csv", "--commune", "48"), "is not a commune"),
        (("people", "no.csv"), "people"),
    ],
)
def test_what_cannot_be_loaded_is_said(sampled: Path, arguments: tuple[str, ...], sentence: str) -> None:
    done = run("load", *arguments, "--data", sampled)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr


def test_a_device_enrols_at_a_serving_process_while_commands_run(folder: Path) -> None:
    with serving(folder) as (process, port):
        code = run("code", "--data", folder, "--unit", COMMUNE, "--person", "Trần Thị Bình")
        assert "Trần Thị Bình, Xã Bà Nà" in code.stderr
        key = SigningKey.generate()
        name = device_id(bytes(key.verify_key))
        request = EnrolRequest(PROTOCOL, code.stdout.strip(), bytes(key.verify_key), "PC-7")
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        with closing(connection):
            sealed = envelope.seal(codec.encode(request), name, key)
            connection.request("POST", "/v1/enrol", sealed)
            body = connection.getresponse().read()
        opened = envelope.unseal_new(body, lambda found: codec.decode(found).centre_key, sealed)  # type: ignore[union-attr]
        answer = codec.decode(opened.body)
        assert isinstance(answer, EnrolAnswer)
        assert (answer.unit, answer.person) == (COMMUNE, "Trần Thị Bình")
        assert run("sample", "--data", folder).returncode == 0
        listed = run("devices", "--data", folder)
        assert f"{name}\t{COMMUNE}\tTrần Thị Bình\tPC-7\t" in listed.stdout
        assert "copied" not in listed.stderr
        village = f"{COMMUNE}.001"
        scoped = run("scope", name, "--data", folder, "--unit", village, "--unit", f"{COMMUNE}.002")
        assert scoped.returncode == 0
        assert "Thôn Thạch Nham Đông, Thôn Thạch Nham Tây" in scoped.stdout
        assert f"{name}\t{village} {COMMUNE}.002\t" in run("devices", "--data", folder).stdout
        assert run("scope", name, "--data", folder, "--unit", "48.99999").returncode == 2
        nobody = run("revoke", "00" * 10, "--data", folder)
        assert (nobody.returncode, "soxa-central devices" in nobody.stderr) == (2, True)
        assert run("revoke", name, "--data", folder).returncode == 0
        assert "revoked" in run("devices", "--data", folder).stdout
        second = run("serve", "--data", folder, "--port", "0")
        assert (second.returncode, second.stdout) == (2, "")
        assert "serves" in second.stderr
        taken = run("serve", "--data", folder, "--port", str(port))
        assert taken.returncode == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_a_killed_server_leaves_the_folder_free(folder: Path) -> None:
    with serving(folder) as (process, port):
        assert health(port) == 200
        process.kill()
        process.wait(20)
    with serving(folder) as (_, port):
        assert health(port) == 200


@pytest.mark.parametrize("port_file", ["no/such/folder", "."])
def test_a_port_file_that_cannot_be_written_is_said(folder: Path, tmp_path: Path, port_file: str) -> None:
    done = run("serve", "--data", folder, "--port", "0", "--port-file", tmp_path / port_file)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_a_taken_port_is_said(folder: Path, sampled: Path) -> None:
    with serving(folder) as (_, port):
        done = run("serve", "--data", sampled, "--port", str(port))
    assert done.returncode == 2
    assert f"The port {port} of 127.0.0.1 cannot be used" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--port", "0"),
        ("code", "--unit", COMMUNE, "--person", "x"),
        ("devices",),
        ("load", "villages", "x.csv", "--commune", COMMUNE),
    ],
)
def test_a_folder_without_a_centre_is_said_and_left_alone(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, "--data", tmp_path / "none")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no centre in" in done.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("damage", [b"no database at all, but some text that is long enough" * 40, b""])
def test_a_damaged_database_is_said_and_left_as_it_is(folder: Path, damage: bytes) -> None:
    (folder / "centre.db").write_bytes(damage)
    for arguments in (("serve", "--port", "0"), ("devices",)):
        done = run(*arguments, "--data", folder)
        assert done.returncode == 2
        assert "is damaged" in done.stderr
    assert (folder / "centre.db").read_bytes() == damage


def test_a_newer_database_is_said_and_left_as_it_is(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "centre.db")) as connection:
        connection.execute("INSERT INTO migration VALUES ('of_tomorrow', 1)")
        connection.commit()
    done = run("serve", "--port", "0", "--data", folder)
    assert done.returncode == 2
    assert "newer version" in done.stderr


@pytest.mark.parametrize("content", [None, "", "zz", "00" * 31, "00" * 32])
def test_a_missing_or_other_key_is_said_and_never_replaced(folder: Path, content: str | None) -> None:
    file = folder / "centre.key"
    file.unlink()
    if content is not None:
        file.write_text(content)
    for arguments in (("serve", "--port", "0"), ("sample",), ("init", "--province", "48")):
        done = run(*arguments, "--data", folder)
        assert done.returncode == 2
        assert "key of the centre" in done.stderr
    assert (file.read_text() if file.exists() else None) == content


def test_an_interrupted_start_is_finished(sampled: Path, tmp_path: Path) -> None:
    """The key is written first: a start that ended there, or before the own device was written, goes on."""
    folder = tmp_path / "centre"
    folder.mkdir()
    shutil.copy(sampled / "centre.key", folder)
    assert run("init", "--data", folder, "--province", "48").returncode == 0
    with closing(sqlite3.connect(folder / "centre.db")) as connection:
        for table in ("device", "record", "change", "stream", "commit_token"):
            connection.execute(f"DELETE FROM {table}")
        connection.commit()
    assert run("init", "--data", folder, "--province", "48").returncode == 0
    assert run("devices", "--data", folder).returncode == 0


def run_on_a_full_disk(blocks: int, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command where no file can grow past so many blocks of 512 bytes, not even one that measures the tests."""
    kept = {name: text for name, text in environment("C.UTF-8").items() if not name.startswith("COVERAGE")}
    return subprocess.run(
        ["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", *COMMAND, *map(str, arguments)],
        cwd=ROOT,
        env=kept | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@pytest.mark.skipif(os.name != "posix", reason="the shell's limit stands for the disk")
def test_a_full_disk_is_said_and_loads_nothing(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "thôn.csv"
    file.write_text("tên thôn\n" + "".join(f"Thôn Mới {n}\n" for n in range(500)), encoding="utf-8")
    done = run_on_a_full_disk(200, "load", "villages", file, "--data", folder, "--commune", COMMUNE)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    done = run("load", "villages", file, "--data", folder, "--commune", COMMUNE)
    assert done.stdout == "thôn.csv: 500 cells changed.\n"


@pytest.mark.skipif(os.name != "posix", reason="the shell's limit stands for the disk")
def test_a_start_on_a_full_disk_can_be_repeated(tmp_path: Path) -> None:
    folder = tmp_path / "centre"
    done = run_on_a_full_disk(0, "init", "--data", folder, "--province", "48")
    assert done.returncode == 2
    assert "cannot be made or written" in done.stderr
    assert run("init", "--data", folder, "--province", "48").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--unit", "48.99999", "--person", "x"), "There is no unit"),
        (("--unit", COMMUNE, "--person", " "), "Say for whom"),
        (("--unit", COMMUNE, "--person", "x" * 201), "at most 200"),
        (("--unit", COMMUNE, "--person", "a\x1b[31m"), "printable"),
        (("--unit", COMMUNE, "--person", os.fsdecode(b"\xff")), "printable"),
        (("--unit", COMMUNE, "--person", "x", "--days", "0"), "1 to 365"),
        (("--unit", COMMUNE, "--person", "x", "--days", "366"), "1 to 365"),
        (("--unit", COMMUNE), "--person"),
    ],
)
def test_what_makes_no_code_is_said(sampled: Path, arguments: tuple[str, ...], sentence: str) -> None:
    done = run("code", "--data", sampled, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr


@pytest.mark.parametrize("language", ["vi_VN.UTF-8", "C.UTF-8"])
def test_every_command_explains_itself(language: str) -> None:
    overview = run("--help", language=language)
    assert overview.returncode == 0
    assert all(name in overview.stdout for name in ("serve", "init", "load", "sample", "code", "devices"))
    assert ("Trung tâm" in overview.stdout) == (language == "vi_VN.UTF-8")
    assert run("serve", "--help", language=language).returncode == 0


# Files by hand


def carried_by(folder: Path, device: Device, at: int = 1) -> bytes:
    """A parcel with what the device has typed."""
    with opened(folder) as centre:
        request = SyncRequest(PROTOCOL, "1", device.push(), {}, 32 << 10)
        sealed = envelope.seal(codec.encode(request), device.name, device.key)
        return parcel.write(parcel.Asking(at, [sealed]), device.key, bytes(centre.key.verify_key))


def test_a_file_is_taken_and_its_answer_lies_beside_it(folder: Path, tmp_path: Path) -> None:
    with opened(folder) as centre:
        device = Device(centre, f"{COMMUNE}.009")
    key = value_key(f"{COMMUNE}.009", "village_ct01")
    device.type(key, "77")
    device.type(key._replace(item="strange"), "1")
    file = tmp_path / "gửi.soxa"
    file.write_bytes(carried_by(folder, device))
    done = run("take", file, "--data", folder, language="vi_VN.UTF-8")
    answer = tmp_path / "gửi-tra-loi.soxa"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"Đã nhận tệp của máy {device.name}: 2 thay đổi, 1 tạm giữ. Mang tệp {answer} về máy đó để máy biết.\n"
    )
    assert parcel.label_of(answer.read_bytes()).recipient == device.name
    with opened(folder) as centre:
        device.centre = centre
        assert device.heads(key) == ["77"]
    # Once more, with a clock of another century, to another place.
    file.write_bytes(carried_by(folder, device, at=2**53))
    done = run("take", file, "--data", folder, "--out", tmp_path / "answer.soxa")
    assert done.returncode == 0
    assert "clock" in done.stderr
    assert (tmp_path / "answer.soxa").exists()


def test_a_file_that_cannot_be_taken_is_told_in_a_sentence(folder: Path, tmp_path: Path) -> None:
    with opened(folder) as centre:
        device = Device(centre, f"{COMMUNE}.009")
    device.type(value_key(f"{COMMUNE}.009", "village_ct01"), "77")
    carried = carried_by(folder, device)
    cut, large, revoked = tmp_path / "cut.soxa", tmp_path / "large.soxa", tmp_path / "revoked.soxa"
    cut.write_bytes(carried[:-1])
    with large.open("wb") as file:
        file.truncate(2 << 30)
    device.log.clear()
    revoked.write_bytes(carried_by(folder, device))
    with opened(folder) as centre:
        centre.enrolment.revoke(device.name)
    for path, words in (
        (cut, "Only part of the file"),
        (large, "never larger than 4 MB"),
        (revoked, "was revoked or is not known"),  # and has nothing to hand in
        (tmp_path, "is a folder"),
        (tmp_path / "none.soxa", "none.soxa"),
    ):
        done = run("take", path, "--data", folder)
        assert done.returncode == 2
        assert words in done.stderr
        assert done.stdout == ""
    assert not list(tmp_path.glob("*-answer.soxa"))


def test_a_file_takes_a_device_in_and_its_code_serves_once(folder: Path, tmp_path: Path) -> None:
    unit = f"{COMMUNE}.009"
    code = run("code", "--data", folder, "--unit", unit, "--person", "An").stdout.strip()
    file, answer, other = tmp_path / "xin.soxa", tmp_path / "xin-tra-loi.soxa", tmp_path / "other.soxa"
    with closing(Store.open(tmp_path / "pc", bytes(32))) as store:
        # A name that would give a terminal orders.
        file.write_bytes(ask(store, code, "", "máy\x1b[2J thôn", 2**53))
        done = run("take", file, "--data", folder, language="vi_VN.UTF-8")
        assert done.returncode == 0
        assert done.stdout == (
            f"Đã ghi danh máy máy[2J thôn ({store.device}) cho An, {unit}. Mang tệp {answer} về máy đó và thả vào màn"
            " hình ghi danh; máy khác không mở được tệp này.\n"
        )
        assert "Đồng hồ" in done.stderr
        assert code not in done.stdout + done.stderr
        assert look(store, answer.read_bytes()).person == "An"
        assert run("take", file, "--data", folder).returncode == 0, "taken once more, it is answered once more"
        assert run("devices", "--data", folder).stdout.count(store.device) == 1
    with closing(Store.open(tmp_path / "other", bytes(32))) as store:
        for used, words in ((code, "belongs to another device"), ("2345-6789-ABCD", "did not give the code")):
            other.write_bytes(ask(store, used, "", "", 1))
            done = run("take", other, "--data", folder)
            assert (done.returncode, done.stdout) == (2, "")
            assert words in done.stderr
        assert store.device not in run("devices", "--data", folder).stdout
    assert not (tmp_path / "other-answer.soxa").exists()


def test_the_catalogue_is_written_for_pcs_without_a_line_and_served_to_others(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "danh-muc.soxa"
    done = run("catalogue", file, "--data", folder, language="vi_VN.UTF-8")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Đã ghi danh mục ấn bản 1 vào {file}.")
    with opened(folder) as centre:
        said = parcel.read_catalogue(file.read_bytes(), bytes(centre.key.verify_key))
    shipped = load(RESOURCES / "catalogues")
    assert read(said.files()) == shipped
    assert run("catalogue", tmp_path / "no folder" / "a.soxa", "--data", folder).returncode == 2
    with serving(folder) as (_, port):
        server = f"http://127.0.0.1:{port}"
        assert catalogue_at(server, shipped.version) == b""
        assert parcel.read_catalogue(catalogue_at(server, "older"), bytes(centre.key.verify_key)).edition == 1
