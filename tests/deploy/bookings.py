"""Drivers that reserve at all servers at once, and ask again with the same key until they know what became of it."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import aiohttp

from tests.deploy.http import Server

_DAY_MS, _SLOT_MS = 86_400_000, 1_800_000
_SLOTS = 200
"""Half-hours that drivers compete for."""
_PATIENCE_S = 240
"""How long one request may stay undecided: longer than any fault, on a slow machine too."""
_UNDECIDED = (408, 429, 500, 502, 503, 504)


@dataclass(slots=True)
class Ledger:
    """What drivers were told, all together."""

    promised: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    """By reservation: its point and window. All of these must be there in the end."""
    refused: int = 0
    asked_again: int = 0
    """Requests to which an answer failed to come."""

    def overlaps(self) -> list[tuple[str, str]]:
        """Return pairs of promises that cannot both be kept."""
        by_point: dict[str, list[tuple[int, int, str]]] = {}
        for reservation, (point, start_ms, end_ms) in self.promised.items():
            by_point.setdefault(point, []).append((start_ms, end_ms, reservation))
        found = []
        for windows in by_point.values():
            windows.sort()
            found += [(one[2], two[2]) for one, two in pairwise(windows) if two[0] < one[1]]
        return found


@dataclass(slots=True)
class Driver:
    """Makes one request after the other, each at whichever server comes next."""

    name: str
    servers: Sequence[Server]
    points: Sequence[str]
    ledger: Ledger
    rng: random.Random

    async def work(self, over: asyncio.Event) -> None:
        """Reserve until it is over; nothing is left open then."""
        first_ms = (time.time_ns() // 1_000_000 // _SLOT_MS) * _SLOT_MS + _DAY_MS
        number = 0
        while not over.is_set():
            number += 1
            start_ms = first_ms + self.rng.randrange(_SLOTS) * _SLOT_MS // 2
            wish = {"point_id": self.rng.choice(self.points), "start_ms": start_ms, "end_ms": start_ms + _SLOT_MS}
            await self._reserve(wish, f"{self.name}-{number}")

    async def _reserve(self, wish: dict[str, object], key: str) -> None:
        until_s = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until_s:
            try:
                reply = await self.rng.choice(self.servers).post("/v1/reservations", wish, Idempotency_Key=key)
            except (aiohttp.ClientError, TimeoutError, ConnectionError):
                self.ledger.asked_again += 1
            else:
                if reply.status == 201:
                    told = reply.body
                    self.ledger.promised[told["id"]] = (told["point_id"], told["start_ms"], told["end_ms"])
                    return
                if reply.status == 409:
                    self.ledger.refused += 1
                    return
                assert reply.status in _UNDECIDED, reply
                self.ledger.asked_again += 1
            await asyncio.sleep(0.2)
        raise AssertionError(f"{key} is not decided after {_PATIENCE_S} s")


async def kept(ledger: Ledger, server: Server) -> list[str]:
    """Return the promises that are not kept, by the word of the server that is asked for each (owner or not)."""
    turns = asyncio.Semaphore(16)

    async def broken(reservation: str) -> str | None:
        async with turns:
            reply = await server.get(f"/v1/reservations/{reservation}")
        told = (reply.body["point_id"], reply.body["start_ms"], reply.body["end_ms"]) if reply.status == 200 else None
        is_kept = told == ledger.promised[reservation] and reply.body["status"] == "RESERVED"
        return None if is_kept else f"{reservation}: {reply}"

    return [found for found in await asyncio.gather(*map(broken, ledger.promised)) if found]
