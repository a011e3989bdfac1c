"""Looking for points all over the network, and how long that takes."""

import orjson

from nodes.actors.server import Server
from nodes.catalogue import Catalogue, Filters
from nodes.ports import Clock
from nodes.records import Answer, Timing


class Search:
    """Finds points as this node knows them: its own as they are, others' as their owners last told."""

    def __init__(self, server: Server, catalogue: Catalogue, clock: Clock) -> None:
        self._server = server
        self._catalogue = catalogue
        self._clock = clock

    async def page(self, filters: Filters, after: str, limit: int, *, is_timed: bool = False) -> Answer:
        """Return a page of points. What it tells of own ones is durable: waiting for that is its ``write``.

        Raises ``StoreError``.
        """
        asked_s = self._clock.stopwatch_s()
        items, following = self._catalogue.page(filters, after, limit)
        body = orjson.dumps({"items": items, "next_cursor": following})
        found_s = self._clock.stopwatch_s()
        await self._server.flushed()
        timing = Timing(0.0, found_s - asked_s, self._clock.stopwatch_s() - found_s)
        return Answer(200, body, timing=timing if is_timed else None)
