"""Every test of the desktop begins in Vietnamese, in the light theme, with texts of plain size."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from desktop.widgets import theme, words


@pytest.fixture(autouse=True)
def plain_look(qapp: QApplication) -> Iterator[None]:
    words.set_language("vi")
    theme.apply(qapp, "light", 100)
    yield
    words.set_language("vi")
    theme.apply(qapp, "light", 100)
