"""What is said of a file: its content, its name, and when nothing may be added."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.domain.evidence import MAX_BYTES, MAX_LETTERS, Evidence, clean_name, is_evidence, key_of, refusal
from sync.domain.keys import EVIDENCE, Key
from sync.domain.media import Media
from sync.domain.tasks import Task, TaskState
from sync.domain.values import CLEARED, ContentError

HASH = "0123456789abcdef" * 4
TASK = "019324c1-5a00-7000-8000-000000000001"
PIECE = "019324c1-5a00-7000-8000-00000000000b"


def test_its_content_says_all_of_it_and_reads_back() -> None:
    said = Evidence("Biên bản nghiệm thu.pdf", HASH, 1234, Media.PDF)
    content = f'{{"media":"pdf","name":"Biên bản nghiệm thu.pdf","sha256":"{HASH}","size":1234}}'
    assert said.content() == content
    assert Evidence.of(content) == said


@pytest.mark.parametrize(
    "change",
    [
        {"size": 0},
        {"size": MAX_BYTES + 1},
        {"size": True},
        {"size": "1"},
        {"sha256": HASH[:-1]},
        {"sha256": HASH.upper()},
        {"sha256": 1},
        {"media": "exe"},
        {"media": None},
        {"name": ""},
        {"name": 1},
        {"name": "a/b.pdf"},
        {"name": "a.exe"},
        {"name": "a\u202efdp.exe.pdf"},
        {"more": 1},
    ],
)
def test_what_it_could_not_say_is_not_read(change: dict[str, object]) -> None:
    said = {"name": "a.pdf", "sha256": HASH, "size": 1, "media": "pdf"}
    assert Evidence.of(json.dumps(said)).name == "a.pdf"
    with pytest.raises(ContentError):
        Evidence.of(json.dumps(said | change))


@pytest.mark.parametrize("content", [CLEARED, "", "[]", '{"name":"a.pdf"}', "[" * 10_000])
def test_what_was_taken_away_says_nothing(content: str) -> None:
    with pytest.raises(ContentError):
        Evidence.of(content)


def test_its_address() -> None:
    key = key_of("48.20308", TASK, PIECE)
    assert key == Key(EVIDENCE, "48.20308", TASK, "", PIECE)
    assert is_evidence(key)
    for other in (
        key._replace(part="x"),
        key._replace(item="x"),
        key._replace(period="2026"),
        key._replace(kind="task"),
    ):
        assert not is_evidence(other)


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("Biên bản nghiệm thu.pdf", "Biên bản nghiệm thu.pdf"),
        (unicodedata.normalize("NFD", "Báo cáo số 12.pdf"), "Báo cáo số 12.pdf"),
        ("Báo cáo 11/2026.PDF", "Báo cáo 11-2026.PDF"),
        (r"C:\Users\An\Ảnh.pdf", "C--Users-An-Ảnh.pdf"),
        ("../../etc/passwd", "-..-etc-passwd.pdf"),
        ("a\u202efdp.exe", "afdp.exe.pdf"),
        ("a\u200b\u2066b\u2069\x00\x1b.pdf", "ab.pdf"),
        ("  nhiều \t\n khoảng \u00a0 trắng  .pdf", "nhiều khoảng trắng.pdf"),
        ("con.pdf", "_con.pdf"),
        ("Com1.tar.pdf", "_Com1.tar.pdf"),
        ("NUL", "_NUL.pdf"),
        ("lpt¹", "_lpt¹.pdf"),
        ("Công.pdf", "Công.pdf"),
        ("ảnh.jpg", "ảnh.jpg.pdf"),
        ("...", "0123.pdf"),
        (".pdf", "pdf.pdf"),
        ("", "0123.pdf"),
        ("\u202e\u202e", "0123.pdf"),
        ("\ud800\udfff.pdf", "pdf.pdf"),
        ('<a href="x">*?|.pdf', "-a href=-x-----.pdf"),
    ],
)
def test_a_name_stays_readable_and_misleads_nobody(name: str, cleaned: str) -> None:
    assert clean_name(name, Media.PDF, "0123") == cleaned


def test_pictures_may_end_as_cameras_write_it() -> None:
    assert clean_name("IMG_1.JPEG", Media.JPG) == "IMG_1.JPEG"
    assert clean_name("IMG_1.HEIF", Media.HEIC) == "IMG_1.HEIF"
    assert clean_name("IMG_1.jpeg", Media.PNG) == "IMG_1.jpeg.png"


def test_a_name_of_300_letters_keeps_its_beginning_and_its_end() -> None:
    cleaned = clean_name("Nghị quyết/" * 30 + ".docx", Media.DOCX)
    assert cleaned.startswith("Nghị quyết-Nghị quyết-")
    assert cleaned.endswith(".docx")
    assert len(cleaned) <= MAX_LETTERS
    assert len(cleaned.encode()) <= 2 * MAX_LETTERS
    assert len(clean_name("Ộ" * 300, Media.PDF).encode()) <= 2 * MAX_LETTERS


@given(st.text(max_size=400), st.sampled_from(Media))
def test_what_is_clean_stays_as_it_is_and_can_be_said(name: str, media: Media) -> None:
    cleaned = clean_name(name, media, "0123")
    assert clean_name(cleaned, media) == cleaned
    assert unicodedata.normalize("NFC", cleaned) == cleaned
    assert len(cleaned.encode()) <= 2 * MAX_LETTERS
    assert not set('/\\:*?"<>|\x00') & set(cleaned)
    assert Evidence.of(Evidence(cleaned, HASH, 1, media).content()).name == cleaned


def test_nothing_is_added_to_a_task_that_was_confirmed() -> None:
    task = Task(TASK, "48.20308", "Rà soát")
    assert refusal(task) == ""
    assert refusal(Task(TASK, "48.20308", "Rà soát", state=TaskState.AWAITING_CONFIRMATION)) == ""
    assert refusal(Task(TASK, "48.20308", "Rà soát", state=TaskState.COMPLETED)) == "closed"
