"""What vehicles talk to: a network of nodes, over HTTP or inside the simulation."""

from dataclasses import dataclass
from typing import Protocol

from nodes.domain.point import Connector
from nodes.records import Answer
from nodes.request import Request


class NotSentError(Exception):
    """The request did not reach the node: nothing was done."""


class NoAnswerError(Exception):
    """No answer came: what became of the request is not known. ``reason``: ``timeout`` or ``disconnected``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Look:
    """Which points a driver wants to see."""

    lat: float
    lon: float
    radius_m: float
    limit: int
    free_from_ms: int | None = None
    free_until_ms: int | None = None
    connector: Connector | None = None


class Target(Protocol):
    """A network under test."""

    async def ask(self, node_id: str, request: Request, timeout_ms: int) -> Answer:
        """Ask a node, which may hand the request on. Raises ``NotSentError`` or ``NoAnswerError``.

        Waits for ``timeout_ms``; the node is told a little less, so that its own word on that still comes in time.
        """

    async def look(self, node_id: str, look: Look, timeout_ms: int) -> Answer:
        """Ask a node for points, nearest first. Raises ``NotSentError`` or ``NoAnswerError``."""

    async def view(self, node_id: str, point_id: str, timeout_ms: int) -> Answer:
        """Ask a node what it believes of another's point. Raises ``NotSentError`` or ``NoAnswerError``."""
