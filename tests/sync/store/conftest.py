"""A store in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.store import Store
from tests.sync.store.conversation import SECRET


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path, SECRET, "2026.1")
    yield opened
    opened.close()
