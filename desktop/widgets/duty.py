"""What a copy that leaves the PC, on paper or as a file, says of itself: the store is encrypted, the copy is not."""

from desktop.widgets.words import say
from sync.domain.catalogue import Sensitivity


def duty(up_to: Sensitivity) -> str:
    """Whose duty it is to guard a copy with figures up to this class; "" of what is public."""
    return "" if up_to is Sensitivity.PUBLIC else say(f"exchange.duty.{up_to}")
