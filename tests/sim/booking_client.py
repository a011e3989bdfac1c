"""A client that reserves and cancels, and asks again with the same key until it knows what became of its request."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from nodes.domain.commands import Cancel, Command, Reserve
from nodes.request import Request
from sim.fleet.desk import Desk, Identity, Outcome
from sim.history import Json

NODE = "server1"
POINTS = tuple(f"{NODE}.p{number}" for number in range(1, 9))
CLIENTS = 16

_SLOT_MS, _SHIFT_MS = 600_000, 200_000
_OPEN_SLOTS = 40
"""Clients compete for the first windows that are not all taken: many of what they ask for is refused."""
_SLOTS_TAKEN = 2
"""By one reservation, at the most: it may begin within a slot and end within the next."""
_CANCEL_SHARE = 0.1
_ATTEMPTS_MAX = 100

Facts = tuple[int, int, str]
"""Start, end and status of a reservation."""


@dataclass(slots=True)
class Ledger:
    """What clients were told, all together."""

    first_ms: int
    """No window starts before."""
    booked: dict[str, Facts] = field(default_factory=dict)
    """By reservation: this must be there in the end."""
    acknowledged: int = 0
    """Requests: reservations and cancellations."""
    refused: int = 0
    unknown: int = 0
    """Requests to which an answer failed to come."""
    resolved: int = 0
    """Of these, those that were decided by asking again with the same key."""
    done_before: int = 0
    """Of these, reservations that the node had made in an earlier life."""

    @property
    def canceled(self) -> int:
        """How many of the reservations were cancelled."""
        return sum(status == "CANCELED" for _, _, status in self.booked.values())


@dataclass(slots=True)
class BookingClient:
    """One of several that share desk and ledger. It makes requests while ``up`` is set; ``epoch`` tells the node's."""

    number: int
    desk: Desk
    ledger: Ledger
    up: asyncio.Event
    epoch: Callable[[], int]
    rng: Random
    _identity: Identity = field(init=False)
    _mine: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._identity = Identity(self.number, "client", self.number)

    async def work(self, over: asyncio.Event) -> None:
        """Make one request after the other; when it is over, leave with nothing open."""
        while not over.is_set():
            if self._mine and self.rng.random() < _CANCEL_SHARE:
                await self._cancel(self._mine.pop(self.rng.randrange(len(self._mine))))
            else:
                await self._reserve()

    async def _reserve(self) -> None:
        ledger, rng, driver_id = self.ledger, self.rng, f"driver-{self.number}"
        slot = _SLOTS_TAKEN * len(ledger.booked) // len(POINTS) + rng.randrange(_OPEN_SLOTS)
        start_ms = ledger.first_ms + slot * _SLOT_MS + rng.randrange(3) * _SHIFT_MS
        end_ms = start_ms + _SLOT_MS
        value = {"driver_id": driver_id, "start_ms": start_ms, "end_ms": end_ms}
        outcome, was_unknown = await self._ask("reserve", rng.choice(POINTS), Reserve(**value), value)
        if outcome.kind == "ok":
            reservation_id: str = outcome.body["id"]
            self._mine.append(reservation_id)
            ledger.booked[reservation_id] = facts_of(outcome.body)
            ledger.done_before += was_unknown and _epoch_of(reservation_id) < self.epoch()

    async def _cancel(self, reservation_id: str) -> None:
        point_id, command = reservation_id.rpartition(".")[0], Cancel(reservation_id, f"driver-{self.number}")
        outcome, _ = await self._ask("cancel", point_id, command, {"id": reservation_id})
        if outcome.kind == "ok":
            self.ledger.booked[reservation_id] = facts_of(outcome.body)

    async def _ask(self, f: str, point_id: str, command: Command, value: Json) -> tuple[Outcome, bool]:
        """Ask until it is decided. Returns also whether that was ever in doubt."""
        ledger, request = self.ledger, Request(point_id, command, self._identity.next_key("kill"))
        was_unknown = False
        for _ in range(_ATTEMPTS_MAX):
            await self.up.wait()
            outcome = await self.desk.ask(self._identity, f, NODE, request, value)
            if outcome.kind == "info" and not was_unknown:
                ledger.unknown, was_unknown = ledger.unknown + 1, True
            if not outcome.may_be_retried:
                ledger.resolved += was_unknown
                ledger.acknowledged += outcome.kind == "ok"
                ledger.refused += outcome.kind == "fail"
                return outcome, was_unknown
        raise AssertionError(f"{request.key} is not decided after {_ATTEMPTS_MAX} attempts")


def facts_of(body: Json) -> Facts:
    """Return what an answer says of a reservation."""
    return body["start_ms"], body["end_ms"], body["status"]


def _epoch_of(reservation_id: str) -> int:
    return int(reservation_id.rpartition(".r")[2].partition("-")[0])
