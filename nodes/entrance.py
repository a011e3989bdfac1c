"""How a node's points become what its points file says."""

import asyncio
from collections.abc import Iterable

from nodes.actors.server import Server
from nodes.domain.commands import ChangePoint, CreatePoint
from nodes.domain.ids import point_id
from nodes.domain.point import PointSpec
from nodes.errors import DeadlineExceeded, NodeBusy, PointBusy
from nodes.ports import Clock
from nodes.records import Answer
from nodes.request import Request

_POINTS_AT_ONCE = 200
"""Points of a points file entered together: fewer than a journal segment holds, so that one fsync serves many."""
_TIMEOUT_MS = 60_000
_TRIES = 30
_AGAIN_S = 0.05


class Entrance:
    """Enters points."""

    def __init__(self, server: Server, clock: Clock) -> None:
        self._server = server
        self._clock = clock

    async def enter(self, entries: Iterable[tuple[str, PointSpec]]) -> tuple[int, int]:
        """Create points, or change them where the file says something new.

        Takes slugs and descriptions with ``file_digest``. Returns how many were created and how many changed.
        """
        created = changed = 0
        todo: list[Request] = []
        for slug, spec in entries:
            identifier = point_id(self._server.config.node_id, slug)
            point = self._server.point(identifier)
            if point is None:
                todo.append(Request(identifier, CreatePoint(spec), timeout_ms=_TIMEOUT_MS))
                created += 1
            elif point.spec.file_digest != spec.file_digest:
                todo.append(Request(identifier, ChangePoint(spec=spec), timeout_ms=_TIMEOUT_MS))
                changed += 1
        at_once = min(_POINTS_AT_ONCE, self._server.config.limits.requests_max)
        for start in range(0, len(todo), at_once):
            answers = await asyncio.gather(*map(self._enter_one, todo[start : start + at_once]))
            assert all(answer.status in (200, 201) for answer in answers), "a described point cannot be refused"
        return created, changed

    async def _enter_one(self, request: Request) -> Answer:
        """Enter a point; again, when the node was too busy for it."""
        for _ in range(_TRIES - 1):
            try:
                return await self._server.handle(request)
            except (NodeBusy, PointBusy, DeadlineExceeded) as busy:
                if isinstance(busy, DeadlineExceeded) and busy.started:
                    raise
                await self._clock.sleep_s(_AGAIN_S)
        return await self._server.handle(request)
