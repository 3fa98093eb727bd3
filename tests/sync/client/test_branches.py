"""Two PCs that run one memory image type under the same names: the second to speak gives its words other ones."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sync.domain.keys import VALUE, Key
from sync.store import CellState, Store
from tests.sync.client.conftest import PC
from tests.sync.store.conversation import NOON, SECRET, VILLAGE


def cell(number: int) -> Key:
    return Key(VALUE, VILLAGE, f"village_ct0{number}", "A2026Q2")


def typed(pc: PC, *edits: tuple[int, str]) -> None:
    for number, content in edits:
        assert pc.store.record_changes([(cell(number), content)], "Hoa", datetime.fromtimestamp(NOON, UTC))


def test_what_both_typed_under_the_same_names_is_kept_once_each(pc: Callable[..., PC], tmp_path: Path) -> None:
    first = pc("first")
    typed(first, (1, "1"))
    first.sync()
    first.store.close()
    shutil.copytree(first.folder, tmp_path / "second")
    runs = iter(("000000aa", "000000aa", "000000bb"))
    stores = [Store.open(folder, SECRET, new_run=lambda: next(runs)) for folder in (first.folder, tmp_path / "second")]
    first.store, second = stores[0], PC(tmp_path / "second", stores[1], first.remote)
    # Both were asleep when their memory was copied: the same opening of the store, the same numbers.
    typed(first, (2, "2"), (3, "3"), (1, "10"))
    typed(second, (2, "20"), (3, "3"), (4, "4"), (4, "40"))
    first.sync()
    second.sync()
    first.sync()
    second.sync()
    for each in (first, second):
        shown = {number: each.store.shown(cell(number)) for number in (1, 2, 3, 4)}
        assert {number: found.content for number, found in shown.items() if found} == {1: "10", 2: "2", 3: "3", 4: "40"}
        assert all(found and found.state is CellState.RECEIVED for found in shown.values())
        assert [rival.content for rival in shown[2].rivals] == ["20"]  # type: ignore[union-attr]
        assert not any(shown[number].rivals for number in (1, 3, 4))  # type: ignore[union-attr]
        assert each.store.waiting() == 0
    second.store.close()
