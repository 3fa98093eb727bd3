"""What is shown of a cell in which something that was typed here is held back: what was typed, with the reason."""

from sync.domain.values import CLEARED
from sync.store.cells import CellState, Shown
from sync.store.store import Store


def said_in(store: Store, cell: Shown) -> str:
    """The content that a list shows of a cell: what was typed here, also where it is parked.

    A taking-away that is parked takes nothing away: what stands in the cell is shown.
    """
    if cell.state is not CellState.PARKED:
        return cell.content
    typed = store.history(cell.key)[0].content
    return cell.content if typed == CLEARED else typed
