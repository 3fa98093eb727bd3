"""The holidays that this store knows, for counting working days."""

from datetime import date

from sync.domain.holidays import Holiday
from sync.domain.keys import HOLIDAY, province_of
from sync.domain.local_time import day_of
from sync.domain.values import ContentError
from sync.store.store import Store


def calendar(store: Store, unit: str) -> dict[date, Holiday]:
    """The days of the province of `unit` that are off or worked against the week; none before any were received."""
    found: dict[date, Holiday] = {}
    for key, shown in store.cells(HOLIDAY, province_of(unit)).items():
        try:
            found[day_of(key.item)] = Holiday.of(shown.content)
        except (ContentError, ValueError):
            continue  # taken back, or written by a newer version
    return found
