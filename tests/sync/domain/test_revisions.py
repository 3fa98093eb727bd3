"""A request to change an approved figure: what it holds, who may say what of it, and what is none."""

import pytest

from sync.domain.keys import REVISION, VALUE, Key, stream_of
from sync.domain.revisions import Answer, Revision, about, key_of
from sync.domain.rights import Action, actions_of
from sync.domain.values import CLEARED, ContentError

FIGURE = Key(VALUE, "48.20308.001", "village_ct01", "A2026Q3", "female")


def test_it_stands_beside_its_figure() -> None:
    key = key_of(FIGURE)
    assert key == FIGURE._replace(kind=REVISION)
    assert about(key) == FIGURE
    assert stream_of(key) == stream_of(FIGURE)


@pytest.mark.parametrize(
    ("revision", "content"),
    [
        (Revision("655"), '{"value":"655"}'),
        (Revision("655", "nhầm hộ"), '{"value":"655","words":"nhầm hộ"}'),
        (Revision("655").taken(), '{"answer":"taken","value":"655"}'),
        (Revision("655").rejected("đã chốt"), '{"answer":"rejected","value":"655","why":"đã chốt"}'),
        (Revision('{"missing":"not_collected"}'), '{"value":"{\\"missing\\":\\"not_collected\\"}"}'),
    ],
)
def test_it_is_written_and_read(revision: Revision, content: str) -> None:
    assert revision.content() == content
    assert Revision.of(content) == revision


@pytest.mark.parametrize(
    "content",
    [
        CLEARED,
        "",
        "[]",
        "655",
        "{}",
        '{"value":655}',
        '{"value":"1.50"}',
        '{"value":"x"}',
        '{"answer":"perhaps","value":"1"}',
    ],
)
def test_what_is_none_is_refused(content: str) -> None:
    with pytest.raises(ContentError):
        Revision.of(content)


def test_who_enters_asks_and_takes_back_and_who_decides_answers() -> None:
    key = key_of(FIGURE)
    assert actions_of(key, Revision("655").content()) == (Action.ENTER,)
    assert actions_of(key, CLEARED) == (Action.ENTER,)
    assert actions_of(key, Revision("655").taken().content()) == (Action.DECIDE,)
    assert actions_of(key, Revision("655").rejected("").content()) == (Action.DECIDE,)
    assert Revision("655").answer is Answer.OPEN
