"""How many requests to each peer are under way: a bounded number."""

from collections.abc import Generator
from contextlib import contextmanager

from nodes.errors import NodeBusy


class UnderWay:
    """Counts requests by peer. ``requests_max`` to each."""

    def __init__(self, requests_max: int) -> None:
        self._requests_max = requests_max
        self._counts: dict[str, int] = {}

    @contextmanager
    def one_to(self, node_id: str) -> Generator[None, None, None]:
        """Count one request to that peer while inside. Raises ``NodeBusy`` when there are enough."""
        under_way = self._counts.get(node_id, 0)
        if under_way >= self._requests_max:
            raise NodeBusy(f"{under_way} requests to {node_id} are under way")
        self._counts[node_id] = under_way + 1
        try:
            yield
        finally:
            self._counts[node_id] -= 1
