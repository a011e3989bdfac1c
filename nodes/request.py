"""A request for a point: to do something (a command) or to tell something (a query)."""

from dataclasses import dataclass

import orjson

from nodes.domain.commands import Command
from nodes.records import Witness


@dataclass(frozen=True, slots=True)
class ReadPoint:
    """Tell the point as it is now."""


@dataclass(frozen=True, slots=True)
class ReadCalendar:
    """Tell the windows in force that overlap ``[from_ms, until_ms)``, ``limit`` of them at the most."""

    from_ms: int
    until_ms: int
    limit: int


@dataclass(frozen=True, slots=True)
class ReadReservation:
    """Tell a reservation, in force or over."""

    reservation_id: str


@dataclass(frozen=True, slots=True)
class ReadSession:
    """Tell a session, running or over."""

    session_id: str


@dataclass(frozen=True, slots=True)
class FindPoints:
    """Tell the points of that name. It asks a node: the request's ``point_id`` is the node's id."""

    name: str


Query = ReadPoint | ReadCalendar | ReadReservation | ReadSession | FindPoints


@dataclass(frozen=True, slots=True)
class Request:
    """What a caller asks of a point."""

    point_id: str
    action: Command | Query
    key: str | None = None
    """The idempotency key."""
    if_match: Witness | None = None
    """Only if this is the point's witness."""
    timeout_ms: int | None = None
    """How long the caller waits, in process time; None: the node's default."""

    @property
    def fingerprint(self) -> str:
        """Says what is asked, so that the same key with another request is noticed."""
        witness = "" if self.if_match is None else f" if {self.if_match[0]}-{self.if_match[1]}"
        return f"{type(self.action).__name__} {self.point_id} {orjson.dumps(self.action).decode()}{witness}"
