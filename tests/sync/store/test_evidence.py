"""Evidence on a PC: attached, seen with where its file is, taken away, and let go of."""

import io
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from sync.domain.errors import EnvironmentFault
from sync.domain.evidence import MAX_BYTES, Evidence, clean_name, key_of
from sync.domain.heads import Outcome
from sync.domain.keys import EVIDENCE, Key
from sync.domain.media import Media
from sync.domain.values import CLEARED
from sync.protocol.messages import Head, Result
from sync.store import CellState, Store
from sync.store import evidence as kept
from sync.store.evidence import (
    UNDONE_WITHIN,
    Attached,
    Where,
    accepted,
    attach,
    attach_file,
    count_of_task,
    detach,
    drop_unnamed,
    fetch,
    of_task,
    restore,
)
from sync.store.files import Files
from sync.store.pieces import PIECE_BYTES
from sync.store.sending import outbox
from tests.sync.store.conversation import AT, COMMUNE, NOON, SECRET, head, open_store, pull, push_all, record
from tests.sync.store.test_files import damaged, hash_of, pdf

TASK = "019324c1-5a00-7000-8000-000000000001"
OTHER_TASK = "019324c1-5a00-7000-8000-000000000002"
LATER = AT + UNDONE_WITHIN + timedelta(seconds=1)
PIECE = "019324c1-5a00-7000-8000-00000000000b"


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    with closing(Files.open(tmp_path, SECRET)) as opened:
        yield opened


def put(store: Store, files: Files, name: str, data: bytes, task: str = TASK) -> Key:
    (key,) = attach(store, files, COMMUNE, task, name, io.BytesIO(data), AT).keys
    return key


def send_all(store: Store, reason: str = "") -> None:
    """The centre takes what waits, or parks all of it for a reason, and serves what it made."""
    changes = outbox(store).changes
    push_all(store, *(Result(change.n, Outcome.PARKED, reason) for change in changes if reason))
    heads = {each.key: Head(each.version, each.content, each.author, NOON, NOON + 5) for each in changes}
    made = [] if reason else [record(one, key=key) for key, one in heads.items()]
    pull(store, *made, seq=changes[-1].n)


def seen(store: Store, files: Files) -> list[tuple[str, Where, int]]:
    return [(one.evidence.name, one.where, one.done) for one in of_task(store, files, COMMUNE, TASK)]


def test_what_is_attached_is_there_at_once_and_waits_to_be_sent(store: Store, files: Files) -> None:
    data = pdf(1000)
    key = put(store, files, "Biên bản.pdf", data)
    assert key.kind == EVIDENCE
    (one,) = of_task(store, files, COMMUNE, TASK)
    assert one.evidence == Evidence("Biên bản.pdf", hash_of(data), 1000, Media.PDF)
    assert (one.where, one.is_here, one.cell.state, one.cell.key) == (Where.HERE, True, CellState.SAVED, key)
    assert count_of_task(store, COMMUNE, TASK) == 1
    assert count_of_task(store, COMMUNE, OTHER_TASK) == 0
    assert store.waiting() == 1


def test_ten_names_of_one_file_are_ten_pieces_and_one_file(store: Store, files: Files) -> None:
    for number in range(10):
        at = AT + timedelta(seconds=number)
        attach(store, files, COMMUNE, TASK, f"Tên {number}.pdf", io.BytesIO(pdf(1000)), at)
    assert [name for name, _, _ in seen(store, files)] == [f"Tên {number}.pdf" for number in range(10)]
    assert len(files.whole()) == 1


def test_a_name_is_cleaned_and_the_kind_is_the_contents(store: Store, files: Files) -> None:
    put(store, files, "x/" * 150 + "\u202eảnh.jpg", pdf(10))
    (one,) = of_task(store, files, COMMUNE, TASK)
    assert one.evidence.media is Media.PDF
    assert one.evidence.name.startswith("x-x-")
    assert one.evidence.name.endswith(".pdf")
    put(store, files, "", pdf(11), OTHER_TASK)
    (other,) = of_task(store, files, COMMUNE, OTHER_TASK)
    assert other.evidence.name == f"{hash_of(pdf(11))[:8]}.pdf"


def test_nothing_is_said_of_a_file_that_is_refused(store: Store, files: Files) -> None:
    with pytest.raises(EnvironmentFault):
        put(store, files, "a.pdf", b"#!/bin/sh\n")
    assert (store.waiting(), files.whole()) == (0, [])


# Files of this PC


def attach_path(store: Store, files: Files, path: Path) -> str:
    """The code with which it was refused, or ""."""
    try:
        attach_file(store, files, COMMUNE, TASK, path, AT)
    except EnvironmentFault as fault:
        assert (store.waiting(), files.whole()) == (0, [])
        return fault.code
    return ""


def test_a_file_of_this_pc_is_attached_under_its_name(store: Store, files: Files, tmp_path: Path) -> None:
    path = tmp_path / "Báo cáo.pdf"
    path.write_bytes(pdf(100_000))
    assert attach_path(store, files, path) == ""
    assert seen(store, files) == [("Báo cáo.pdf", Where.HERE, 0)]


def test_what_is_no_file_or_cannot_be_read_is_said(store: Store, files: Files, tmp_path: Path) -> None:
    assert attach_path(store, files, tmp_path / "không có.pdf") == "evidence_unreadable"
    assert attach_path(store, files, tmp_path) == "evidence_unreadable"
    (tmp_path / "trống.pdf").touch()
    assert attach_path(store, files, tmp_path / "trống.pdf") == "evidence_empty"
    (tmp_path / "mã.pdf").write_bytes(b"import os\nos.system('x')\n")
    assert attach_path(store, files, tmp_path / "mã.pdf") == "evidence_kind"


@pytest.mark.skipif(os.name != "posix", reason="there are no such pipes")
def test_a_pipe_holds_nobody_up(store: Store, files: Files, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ống.pdf")
    assert attach_path(store, files, tmp_path / "ống.pdf") == "evidence_unreadable"


def test_three_gigabytes_are_refused_before_they_are_read(store: Store, files: Files, tmp_path: Path) -> None:
    path = tmp_path / "lớn.pdf"
    with path.open("wb") as file:
        file.truncate(3 << 30)
    assert attach_path(store, files, path) == "evidence_too_large"
    path.write_bytes(b"%PDF-")
    os.truncate(path, MAX_BYTES + 1)
    assert attach_path(store, files, path) == "evidence_too_large"


@pytest.mark.parametrize("more", [b"x", b""])
def test_a_file_that_changes_while_it_is_read_is_refused(
    store: Store, files: Files, tmp_path: Path, more: bytes
) -> None:
    path = tmp_path / "đang ghi.pdf"
    path.write_bytes(pdf(3 << 20))

    def report(done: int) -> None:
        with path.open("r+b") as file:
            if more:
                file.seek(0, os.SEEK_END)
                file.write(more)
            else:
                file.write(b"%PDF-")
        os.utime(path, (done, done))

    with pytest.raises(EnvironmentFault) as raised:
        attach_file(store, files, COMMUNE, TASK, path, AT, report)
    assert raised.value.code == "evidence_changed"
    assert (store.waiting(), files.whole()) == (0, [])


# Where a file is


def test_a_file_goes_from_here_to_the_centre(store: Store, files: Files) -> None:
    data = pdf(1000)
    put(store, files, "a.pdf", data)
    files.was_sent(hash_of(data), 400, at_centre=False)
    assert seen(store, files) == [("a.pdf", Where.SENDING, 400)]
    files.was_refused(hash_of(data), "evidence_no_room")
    (one,) = of_task(store, files, COMMUNE, TASK)
    assert (one.where, one.fault, one.is_here) == (Where.REFUSED, "evidence_no_room", True)
    files.was_sent(hash_of(data), 1000, at_centre=True)
    assert seen(store, files) == [("a.pdf", Where.BOTH, 1000)]


def test_a_file_of_another_pc_is_fetched_when_it_is_wanted(store: Store, files: Files) -> None:
    data = pdf(1000)
    said = Evidence("khác.pdf", hash_of(data), 1000, Media.PDF)
    pull(store, record(head(said.content()), key=key_of(COMMUNE, TASK, PIECE)))
    assert seen(store, files) == [("khác.pdf", Where.THERE, 0)]
    fetch(files, said)
    files.add(said.sha256, 0, data[:300])
    assert seen(store, files) == [("khác.pdf", Where.COMING, 300)]
    files.was_refused(said.sha256, "evidence_absent")
    (one,) = of_task(store, files, COMMUNE, TASK)
    assert (one.where, one.fault, one.is_here) == (Where.REFUSED, "evidence_absent", False)
    fetch(files, said)
    files.add(said.sha256, 300, data[300:])
    assert seen(store, files) == [("khác.pdf", Where.BOTH, 1000)]


def test_what_a_newer_program_says_of_a_file_is_left_out(store: Store, files: Files) -> None:
    newer = '{"media":"odt9","name":"a","sha256":"","size":1}'
    pull(store, record(head(newer), key=key_of(COMMUNE, TASK, PIECE)))
    assert seen(store, files) == []


# Taking away


def test_a_piece_is_taken_away_and_that_is_undone(store: Store, files: Files) -> None:
    key = put(store, files, "a.pdf", pdf(1000))
    (one,) = of_task(store, files, COMMUNE, TASK)
    assert detach(store, [key], AT).keys == {key}
    assert seen(store, files) == []
    assert restore(store, [one], AT).keys == {key}
    assert seen(store, files) == [("a.pdf", Where.HERE, 0)]


def test_what_was_taken_away_lately_stays_until_it_can_no_longer_be_undone(store: Store, files: Files) -> None:
    sent, unsent = put(store, files, "a.pdf", pdf(1000)), put(store, files, "b.pdf", pdf(1001))
    pieces = of_task(store, files, COMMUNE, TASK)
    files.was_sent(hash_of(pdf(1000)), 1000, at_centre=True)
    send_all(store)
    detach(store, [sent, unsent], AT)
    send_all(store)
    for now in (AT, LATER - timedelta(seconds=2), AT - timedelta(days=4000)):  # clocks are set back, too
        assert drop_unnamed(store, files, now) == 0
    restore(store, pieces, AT)
    assert [one.is_here for one in of_task(store, files, COMMUNE, TASK)] == [True, True]
    assert drop_unnamed(store, files, LATER) == 0


def test_a_file_that_was_to_be_fetched_is_wanted_no_more_when_nothing_names_it(store: Store, files: Files) -> None:
    said = Evidence("a.pdf", "f" * 64, 200_000, Media.PDF)
    key = key_of(COMMUNE, TASK, PIECE)
    pull(store, record(head(said.content()), key=key), seq=1)
    (one,) = of_task(store, files, COMMUNE, TASK)
    fetch(files, one.evidence)
    files.add(said.sha256, 0, pdf(100_000))
    assert drop_unnamed(store, files, LATER) == 0
    pull(store, record(head(CLEARED, n=2), key=key), seq=2)
    assert drop_unnamed(store, files, LATER) == 1
    assert (files.moving(), files.known()) == ([], [])


def test_a_file_that_is_attached_again_while_files_are_let_go_of_stays(
    store: Store, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = put(store, files, "a.pdf", pdf(1000))
    send_all(store)
    detach(store, [key], AT)
    send_all(store)

    def look() -> None:
        with closing(Files.open(tmp_path, SECRET)) as own, closing(open_store(tmp_path)) as reading:
            open_ones.set()
            drop_unnamed(reading, own, LATER)

    looking, open_ones = Thread(target=look), Event()

    def named(name: str, media: Media, otherwise: str = "") -> str:
        """Between what is kept and what is said of it."""
        looking.start()
        open_ones.wait(30)
        looking.join(0.5)
        return clean_name(name, media, otherwise)

    monkeypatch.setattr(kept, "clean_name", named)
    put(store, files, "b.pdf", pdf(1000))
    looking.join()
    assert [(one.evidence.name, one.is_here) for one in of_task(store, files, COMMUNE, TASK)] == [("b.pdf", True)]


def test_a_file_is_dropped_when_the_centre_has_it_and_nothing_names_it(store: Store, files: Files) -> None:
    key = put(store, files, "a.pdf", pdf(1000))
    twin = put(store, files, "b.pdf", pdf(1000), OTHER_TASK)
    files.was_sent(hash_of(pdf(1000)), 1000, at_centre=True)
    send_all(store)
    detach(store, [key], AT)
    send_all(store)
    assert drop_unnamed(store, files, LATER) == 0
    detach(store, [twin], AT)
    assert drop_unnamed(store, files, LATER) == 0  # not before the centre knows that it is evidence of nothing
    send_all(store)
    assert drop_unnamed(store, files, LATER) == 1
    assert files.whole() == []


def test_a_file_that_the_centre_does_not_have_goes_only_when_it_was_taken_away_here(store: Store, files: Files) -> None:
    put(store, files, "a.pdf", pdf(1000))
    key = put(store, files, "b.pdf", pdf(1001))
    send_all(store)
    detach(store, [key], AT)
    send_all(store)
    store.db.execute("DELETE FROM record")  # as when whoever is here may not see the unit for a while
    assert drop_unnamed(store, files, LATER) == 1
    assert [found.size for found in files.whole()] == [1000]


def test_a_damaged_place_of_the_disk_does_not_keep_files_from_moving(store: Store, tmp_path: Path) -> None:
    with closing(Files.open(tmp_path, SECRET)) as files:
        key = put(store, files, "a.pdf", pdf(20 * PIECE_BYTES))
        (page,) = files.db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'piece'").fetchone()
    send_all(store)
    detach(store, [key], AT)
    send_all(store)
    damaged(tmp_path, (page - 1) * 4096)
    with closing(Files.open(tmp_path, SECRET)) as files:
        with pytest.raises(EnvironmentFault, match="evidence_damaged"):
            files.let_go(hash_of(pdf(20 * PIECE_BYTES)))
        drop_unnamed(store, files, LATER)


def test_only_what_the_centre_accepted_may_be_moved(store: Store, files: Files) -> None:
    put(store, files, "a.pdf", pdf(1000))
    hashed = hash_of(pdf(1000))
    assert accepted(store, {hashed}) == set()
    send_all(store)
    assert accepted(store, {hashed, "0" * 64}) == {hashed}
    (one,) = of_task(store, files, COMMUNE, TASK)
    detach(store, [one.cell.key], AT)
    send_all(store)
    assert store.shown(one.cell.key).content == CLEARED  # type: ignore[union-attr]
    assert accepted(store, {hashed}) == set()


def test_in_a_conflict_the_file_of_each_is_moved_and_kept(store: Store, files: Files) -> None:
    key = put(store, files, "a.pdf", pdf(1000))
    (one,) = of_task(store, files, COMMUNE, TASK)
    mine, other = hash_of(pdf(1000)), "b" * 64
    named = one.evidence._replace(name="b.pdf", sha256=other)
    change = outbox(store).changes[0]
    push_all(store)
    pull(
        store,
        record(head(named.content()), Head(change.version, change.content, change.author, NOON, NOON), key=key),
        seq=1,
    )
    shown = store.shown(key)
    assert shown is not None
    assert len(shown.rivals) == 1
    assert accepted(store, {mine, other}) == {mine, other}
    files.was_sent(mine, 1000, at_centre=True)
    assert drop_unnamed(store, files, LATER) == 0


def test_what_was_attached_without_a_right_is_shown_with_its_reason(store: Store, files: Files) -> None:
    put(store, files, "a.pdf", pdf(1000))
    send_all(store, reason="no_right")
    (one,) = of_task(store, files, COMMUNE, TASK)
    assert isinstance(one, Attached)
    assert (one.cell.state, one.cell.reason) == (CellState.PARKED, "no_right")
    assert accepted(store, {one.evidence.sha256}) == set()
    assert drop_unnamed(store, files, LATER) == 0


def test_a_taking_away_that_is_parked_hides_nothing(store: Store, files: Files) -> None:
    """The task was confirmed meanwhile: everybody else still sees the file."""
    key = put(store, files, "Biên bản.pdf", pdf(1000))
    send_all(store)
    detach(store, [key], AT + timedelta(seconds=5))
    assert (seen(store, files), count_of_task(store, COMMUNE, TASK)) == ([], 0)
    change = outbox(store).changes[-1]
    push_all(store, Result(change.n, Outcome.PARKED, "not_yours_to_decide"))
    (one,) = of_task(store, files, COMMUNE, TASK)
    assert one.evidence.name == "Biên bản.pdf"
    assert (one.cell.state, one.cell.reason) == (CellState.PARKED, "not_yours_to_decide")
    assert one.cell.content == one.evidence.content()
    assert count_of_task(store, COMMUNE, TASK) == 1


def test_a_bringing_back_that_is_parked_is_shown_with_its_reason(store: Store, files: Files) -> None:
    key = put(store, files, "Biên bản.pdf", pdf(1000))
    send_all(store)
    pieces = of_task(store, files, COMMUNE, TASK)
    detach(store, [key], AT + timedelta(seconds=5))
    send_all(store)
    restore(store, pieces, AT + timedelta(seconds=9))
    change = outbox(store).changes[-1]
    push_all(store, Result(change.n, Outcome.PARKED, "not_yours_to_decide"))
    (one,) = of_task(store, files, COMMUNE, TASK)
    assert (one.cell.state, one.cell.content) == (CellState.PARKED, CLEARED)
