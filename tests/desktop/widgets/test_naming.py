"""Every kind of change has a name that a person understands, and says in short what it says."""

from datetime import datetime

import pytest

from desktop.widgets.naming import Names, brief
from sync.domain import keys, revisions, withdrawing
from sync.domain.deadlines import Deadline
from sync.domain.keys import Key
from sync.domain.local_time import VIETNAM
from sync.domain.values import CLEARED
from sync.domain.workflow import CLOSED
from tests.desktop.sampled import COMMUNE, catalogue

FIGURE = Key(keys.VALUE, COMMUNE.key + ".001", "village_ct01", "A2026Q2")
DUE = Deadline(datetime(2026, 12, 18, 17, 0, tzinfo=VIETNAM))


@pytest.mark.parametrize(
    ("key", "content", "what", "said"),
    [
        (FIGURE, "434", "CT01 Thôn Một", "434"),
        (
            revisions.key_of(FIGURE),
            revisions.Revision("440", "sót").content(),
            "Đề nghị sửa CT01 Thôn Một",
            "440",
        ),
        (withdrawing.key_of("a" * 20 + "5eed0001", 7), withdrawing.TAKEN_BACK, "Rút lại một thay đổi", ""),
        (
            Key(keys.DEADLINE, FIGURE.unit, "village_quarter", "A2026Q2"),
            DUE.content(),
            "Hạn nộp Biểu thôn CT01–CT14 của Thôn Một",
            "18/12/2026 17:00",
        ),
        (Key(keys.DEADLINE, FIGURE.unit, "village_quarter", "A2026Q2"), CLEARED, None, "để trống"),
        (
            Key(keys.CLOSING, FIGURE.unit, "village_quarter", "A2026Q2"),
            CLOSED,
            "Khóa sổ Biểu thôn CT01–CT14 của Thôn Một",
            "",
        ),
    ],
)
def test_a_change_is_named_and_told_in_short(key: Key, content: str, what: str | None, said: str) -> None:
    names = Names(catalogue(), {FIGURE.unit: "Thôn Một"}, lambda key: None)
    if what is not None:
        assert names.what(key) == what
        assert key.unit not in names.whole(key), "no key of ours stands on the screen"
    assert brief(key, content) == said
