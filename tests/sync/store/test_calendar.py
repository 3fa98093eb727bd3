"""Holidays that came from the centre, and what was taken back."""

from datetime import date

from sync.domain.holidays import Holiday
from sync.domain.keys import BROADCAST, HOLIDAY, Key
from sync.protocol.messages import Subscription
from sync.store import Store
from sync.store.calendar import calendar
from tests.sync.store.conversation import OTHER, head, page, record, take


def test_the_days_of_the_province_are_read_and_what_is_none_is_left(store: Store) -> None:
    assert calendar(store, "48.20308") == {}
    said = {
        "2026-09-02": Holiday("Quốc khánh").content(),
        "2026-08-29": Holiday("Làm bù", is_worked=True).content(),
        "2026-04-30": "null",
        "someday": Holiday("Tết").content(),
    }
    records = [
        record(head(content, OTHER, number), key=Key(HOLIDAY, "48", day))
        for number, (day, content) in enumerate(said.items(), 1)
    ]
    take(store, page(*records, subscription=Subscription(BROADCAST, BROADCAST)))
    assert calendar(store, "48.20308.001") == {
        date(2026, 9, 2): Holiday("Quốc khánh"),
        date(2026, 8, 29): Holiday("Làm bù", is_worked=True),
    }
