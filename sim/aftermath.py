"""The liveness phase: when all is mended somebody asks, until an answer comes, what nobody would ask by chance.

Every request whose outcome is unknown is asked once more under its key; on every node something is reserved and given
back; and every node is asked for every point. Whoever never gets an answer has found something that is stuck for good.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from random import Random
from typing import Any

from nodes.domain.commands import Cancel, Reserve
from nodes.request import ReadPoint, Request
from sim.fleet.desk import PATIENT_MS, Desk, Identity, Outcome, Unknown
from sim.history import Json

TRIES = 8
"""How often one thing is asked: a slow network may well lose some answers, but not so many in a row."""
_FIRST_PROCESS = -3_000_000
"""Processes count down from here; none asks twice, so that none is renewed into another's number."""
_QUESTIONS_MAX = 1_000
_AT_ONCE = 4
_PAUSE_S = (0.5, 5.0)
"""Between two tries; doubled each time, within these bounds."""
_WAIT_S_MAX = 10.0
"""The longest wait that an answer can ask for: all is mended, and a node that still says "in a minute" to every question
would make of a broken run a day's."""
_AHEAD_MS = 7_200_000
"""How far ahead the windows are that are reserved and given back: further than any vehicle's."""


class Aftermath:
    """Asks on behalf of nobody, in a network that should be sound."""

    def __init__(self, desk: Desk, rng: Random) -> None:
        self._desk = desk
        self._rng = rng
        self._process = _FIRST_PROCESS

    async def go_on(self) -> None:
        """Find out what became of every request of unknown outcome, and have every node do some work."""
        unknown = list(self._desk.unknown.values())
        await self._some_at_once([self._resolve(each) for each in unknown])
        await self._some_at_once([self._reserve_and_cancel(owner) for owner in self._desk.city.node_ids])

    async def ask_everywhere(self) -> None:
        """Ask every node for every point; in a large network only owners, each for its own points."""
        nodes, points = self._desk.city.node_ids, self._desk.city.points
        is_small = len(nodes) * len(points) <= _QUESTIONS_MAX
        await self._some_at_once(
            [
                self._until_answered("read", [node_id], Request(point.id, ReadPoint()), {"what": "point"})
                for point in points
                for node_id in nodes
                if is_small or node_id == point.id.partition(".")[0]
            ]
        )

    async def _resolve(self, unknown: Unknown) -> None:
        await self._until_answered(unknown.f, self._shuffled_nodes(), unknown.request, unknown.value, unknown)

    async def _reserve_and_cancel(self, owner: str) -> None:
        """Reserve a window on one of the node's points through any node, and give it back through another."""
        desk, city = self._desk, self._desk.city
        point_id = self._rng.choice([point.id for point in city.points if point.id.partition(".")[0] == owner])
        start_ms = desk.civil_ms() + _AHEAD_MS
        end_ms = start_ms + desk.scenario.network.terms.terms().min_window_s * 1000
        driver_id, key = f"aftermath-{owner}", f"{desk.run_id}-aftermath-{owner}"
        value = {"driver_id": driver_id, "start_ms": start_ms, "end_ms": end_ms}
        wish = Request(point_id, Reserve(driver_id, start_ms, end_ms), f"{key}-reserve")
        outcome = await self._until_answered("reserve", self._shuffled_nodes(), wish, value)
        if outcome.kind == "ok":
            identifier = outcome.body["id"]
            back = Request(point_id, Cancel(identifier, driver_id), f"{key}-cancel")
            await self._until_answered("cancel", self._shuffled_nodes(), back, {"id": identifier})

    async def _until_answered(
        self, f: str, nodes: list[str], request: Request, value: Json, unknown: Unknown | None = None
    ) -> Outcome:
        """Ask, one node after the other, until somebody decides; ``TRIES`` times at most."""
        pause_s, outcome = _PAUSE_S[0], Outcome("fail", error="unreachable")
        for number in range(TRIES):
            asker, node_id = self._somebody(unknown), nodes[number % len(nodes)]
            outcome = await self._desk.ask(asker, f, node_id, request, value, PATIENT_MS)
            if not outcome.may_be_retried:
                break
            await asyncio.sleep(max(min(outcome.retry_after_s, _WAIT_S_MAX), pause_s))
            pause_s = min(2 * pause_s, _PAUSE_S[1])
        return outcome

    async def _some_at_once(self, steps: list[Coroutine[Any, Any, Any]]) -> None:
        """Run all, a few at a time: a node may be one that takes no more."""
        waiting: Iterator[Coroutine[Any, Any, Any]] = iter(steps)

        async def work() -> None:
            for step in waiting:
                await step

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))

    def _shuffled_nodes(self) -> list[str]:
        nodes = list(self._desk.city.node_ids)
        self._rng.shuffle(nodes)
        return nodes

    def _somebody(self, unknown: Unknown | None) -> Identity:
        self._process -= 1
        if unknown is None:
            return Identity(-1, "aftermath", self._process)
        return Identity(unknown.vehicle, unknown.class_name, self._process)
