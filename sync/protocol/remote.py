"""How a desktop speaks to the centre. The HTTP client and the central repository both answer this call."""

from typing import Protocol

from sync.protocol.messages import SyncAnswer, SyncRequest


class Remote(Protocol):
    """One round trip for one device.

    Raises `EnvironmentFault` when there is no answer of the centre; then it is unknown whether the push arrived,
    and the same push may be repeated.
    """

    def push_pull(self, device: str, request: SyncRequest) -> SyncAnswer: ...
