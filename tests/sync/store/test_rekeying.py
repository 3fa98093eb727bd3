"""Another key for the store: what somebody who was taken out kept opens nothing new, wherever the power fails."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlcipher3 import dbapi2

from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE, Key
from sync.protocol.locked import Cost, lock
from sync.store import Store, people, rekeying
from sync.store import connection as file
from sync.store.files import Files
from sync.store.files_database import FILE_NAME as FILES
from sync.store.key import PEOPLE, PEOPLE_COPY
from sync.store.people import People
from sync.store.recovery import has_copy, keep_copy
from tests.desktop.sampled import NOW

CHEAP = Cost(1, 1)
HOA, AN, BINH = "Nguyễn Thị Hoa", "Trần Văn An", "Lê Bình"
PASSWORDS = {HOA: "con trau di truoc", AN: "cai cay theo sau", BINH: "chuon chuon bay thap"}
OLD, NEW = Key(VALUE, "48.20308.001", "ct01", "A2026Q3"), Key(VALUE, "48.20308.001", "ct02", "A2026Q3")
PAGE = 4096
PAPER = b"%PDF-1.7\n" + bytes(range(256)) * 200


def untold(_done: int, _of: int) -> None:
    """Nobody looks."""


def at(folder: Path) -> People:
    return People(folder, cost=CHEAP)


def enter(folder: Path, name: str) -> People:
    found = at(folder)
    found.sign_in(name, PASSWORDS[name])
    return found


def put(folder: Path, key: bytes, cell: Key, content: str) -> None:
    store = Store.open(folder, key)
    store.record_changes([(cell, content)], HOA, NOW)
    store.close()


def figures(folder: Path, key: bytes) -> list[str]:
    store = Store.open(folder, key)
    found = [shown.content for cell in (OLD, NEW) if (shown := store.shown(cell))]
    store.close()
    files = Files.open(folder, key)
    assert files.damaged is None
    files.close()
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three people, a figure, a file and a copy of the key for the centre."""
    made, key = tmp_path / "data", b"\7" * 32
    put(made, key, OLD, "1")
    files = Files.open(made, key)
    files.keep(io.BytesIO(PAPER))
    files.close()
    found = at(made)
    found.let_in(key)
    for name, password in PASSWORDS.items():
        found.put(name, password)
    store = Store.open(made, key)
    keep_copy(made, key, store.device, b"\1" * 32)
    store.close()
    return made


def test_what_a_person_kept_opens_nothing_that_is_typed_after_them(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)
    found = enter(folder, HOA)
    assert (found.must_change, found.waits_for) == (False, [])
    found.remove(AN)
    assert found.must_change
    told: list[tuple[int, int]] = []
    rekeying.change_key(folder, found, lambda done, of: told.append((done, of)))
    assert told[-1][0] == told[-1][1] > 0
    assert found.key is not None
    put(folder, found.key, NEW, "2")
    assert not found.must_change
    # Whoever is left goes on by the password they had, here and after a restart.
    for name in (HOA, BINH):
        again = enter(folder, name)
        assert again.key == found.key
        assert figures(folder, found.key) == ["1", "2"]
    assert at(folder).names() == [HOA, BINH]
    # With all that they took along they open their own copy, and nothing of what stands here now.
    theirs = enter(kept, AN).key
    assert theirs is not None
    assert figures(kept, theirs) == ["1"]
    with pytest.raises(EnvironmentFault, match="store_damaged"):
        Store.open(folder, theirs)
    for name in (PEOPLE, PEOPLE_COPY):
        shutil.copy2(kept / name, folder / name)
    assert (at(folder).names(), at(folder).fault and at(folder).fault.code) == ([], "people_foreign")
    # The centre's copy is of the key as it is now.
    assert has_copy(folder)
    assert not list(folder.glob("*rekeyed*"))


def test_the_files_beside_the_store_have_the_key_too(folder: Path) -> None:
    found = enter(folder, HOA)
    old = found.key
    found.remove(AN)
    rekeying.change_key(folder, found, untold)
    assert old
    assert found.key
    files = Files.open(folder, found.key)
    assert files.damaged is None
    assert files.db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
    files.close()
    files = Files.open(folder, old)
    assert files.damaged is not None
    files.close()


class PowerFailure(BaseException):
    """Everything ends here."""


class Power:
    """Fails at the n-th thing that is written for good."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails_at: int) -> None:
        self.count, self.fails_at = 0, fails_at
        replace = Path.replace

        def failing(path: Path, target: Path) -> Path:
            self.count += 1
            if self.count == self.fails_at:
                raise PowerFailure
            return replace(path, target)

        monkeypatch.setattr(Path, "replace", failing)


@pytest.mark.parametrize("fails_at", range(1, 8))
def test_wherever_the_power_fails_everybody_gets_in_and_nothing_is_lost(
    folder: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    found = enter(folder, HOA)
    found.remove(AN)
    old = found.key
    with monkeypatch.context() as patch:
        power = Power(patch, fails_at)
        with pytest.raises(PowerFailure):
            rekeying.change_key(folder, found, untold)
        assert power.count == fails_at
    for name in (BINH, HOA):
        again = enter(folder, name)
        assert again.key
        assert figures(folder, again.key) == ["1"]
    # Either it begins again, or it is done.
    assert again.must_change == (again.key == old)
    if again.must_change:
        rekeying.change_key(folder, again, untold)
    assert again.key != old
    assert figures(folder, enter(folder, BINH).key or b"") == ["1"]
    assert at(folder).names() == [HOA, BINH]
    assert not list(folder.glob("*rekeyed*"))


def test_there_is_no_more_to_fail_than_was_tried(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = enter(folder, HOA)
    found.remove(AN)
    with monkeypatch.context() as patch:
        power = Power(patch, 0)
        rekeying.change_key(folder, found, untold)
    assert power.count == 7


def test_a_disk_that_refuses_one_of_the_places_is_ended_at_the_next_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = enter(folder, HOA)
    found.remove(AN)
    replace = Path.replace

    def refusing(path: Path, target: Path) -> Path:
        if target.name == FILES:
            raise PermissionError
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refusing)
        with pytest.raises(EnvironmentFault, match="store_folder_unwritable"):
            rekeying.change_key(folder, found, untold)
    # Nothing may be opened now: half of it has one key and half the other.
    assert found.key is None
    again = enter(folder, HOA)
    assert again.key
    assert figures(folder, again.key) == ["1"]
    assert not again.must_change


@pytest.fixture
def opened(folder: Path) -> Iterator[Store]:
    store = Store.open(folder, b"\7" * 32)
    yield store
    store.close()


def test_nothing_changes_while_somebody_else_has_it_open(
    folder: Path, opened: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rekeying, "_TRY_S", 0.001)
    found = enter(folder, HOA)
    found.remove(AN)
    with pytest.raises(EnvironmentFault, match="store_busy"):
        rekeying.change_key(folder, found, untold)
    assert found.key == b"\7" * 32
    opened.record_changes([(NEW, "2")], HOA, NOW)
    opened.close()
    assert figures(folder, found.key) == ["1", "2"]
    rekeying.change_key(folder, found, untold)
    assert figures(folder, found.key) == ["1", "2"]


def test_whoever_has_the_key_itself_behind_a_password_is_waited_for(folder: Path) -> None:
    """The file of the program before: no private keys."""
    found = enter(folder, HOA)
    about = found._body.store
    old = tuple(
        people._Person(name, lock(b"\7" * 32, password, about + name.encode(), CHEAP))
        for name, password in PASSWORDS.items()
    )
    body = msgspec.structs.replace(found._body, people=old)
    written = people._written(body).replace(b"soxa-people 2 ", b"soxa-people 1 ")
    for name in (PEOPLE, PEOPLE_COPY):
        (folder / name).write_bytes(written)
    found = enter(folder, HOA)
    assert found.key == b"\7" * 32
    found.remove(AN)
    assert (found.must_change, found.waits_for) == (False, [BINH])
    found = enter(folder, BINH)
    assert (found.must_change, found.waits_for) == (True, [])
    rekeying.change_key(folder, found, untold)
    assert enter(folder, HOA).key == found.key != b"\7" * 32


def test_a_new_password_and_a_new_person_after_it(folder: Path) -> None:
    found = enter(folder, HOA)
    found.remove(AN)
    rekeying.change_key(folder, found, untold)
    found.change(HOA, PASSWORDS[HOA], "mot mat khau khac")
    found.put(AN, "lai la An day nay")
    for name, password in ((HOA, "mot mat khau khac"), (AN, "lai la An day nay"), (BINH, PASSWORDS[BINH])):
        assert at(folder).sign_in(name, password) == found.key
    # And once more: the passwords stay bound to the first store.
    found.remove(BINH)
    rekeying.change_key(folder, found, untold)
    assert at(folder).sign_in(AN, "lai la An day nay") == found.key


def hurt(path: Path, page: int = 0) -> None:
    """One page that the disk gives back otherwise than it was written; 0 for one in the middle."""
    at_page = page or path.stat().st_size // PAGE // 2
    with path.open("r+b") as database:
        database.seek(at_page * PAGE + 100)
        database.write(bytes(range(64)))


@pytest.mark.parametrize(
    ("name", "code"), [(file.FILE_NAME, "store_damaged"), (FILES, "evidence_damaged")], ids=["store", "files"]
)
@pytest.mark.parametrize("page", [0, 1, -1], ids=["middle", "second", "end"])
def test_a_damaged_database_is_left_as_it_is_under_the_key_it_has(
    folder: Path, name: str, code: str, page: int
) -> None:
    found = enter(folder, HOA)
    old = found.key
    found.remove(AN)
    path = folder / name
    if page < 0:
        with path.open("r+b") as database:
            database.truncate(path.stat().st_size // 2 // PAGE * PAGE)
    else:
        hurt(path, page)
    before = {one: (folder / one).read_bytes() for one in (file.FILE_NAME, FILES)}
    for _ in range(2):
        with pytest.raises(EnvironmentFault, match=code) as raised:
            rekeying.change_key(folder, found, untold)
        assert (found.key, found.must_change) == (old, True)
        assert {one: (folder / one).read_bytes() for one in before} == before
        assert not list(folder.glob("*rekeyed*"))
        if code == "store_damaged":
            assert Path(str(raised.value.details["copy"])).read_bytes() == before[file.FILE_NAME]
    assert enter(folder, BINH).key == old


@pytest.mark.parametrize("name", [file.FILE_NAME, FILES], ids=["store", "files"])
def test_a_page_that_is_lost_while_it_is_copied_takes_no_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The disk fails between the look at all pages and the copying of them."""
    found = enter(folder, HOA)
    old = found.key
    found.remove(AN)
    check = file.check

    def failing(connection: dbapi2.Connection, path: Path) -> None:
        check(connection, path)
        if path.name == name:
            hurt(path)

    monkeypatch.setattr(file, "check", failing)
    with pytest.raises(EnvironmentFault, match=r"disk_full|_damaged"):
        rekeying.change_key(folder, found, untold)
    assert (found.key, found.must_change) == (old, True)
    assert enter(folder, BINH).key == old
    assert not list(folder.glob("*rekeyed*")), "half a copy takes the room of what is typed"
