"""The order to retain nothing on some topics any more, and whether the broker has followed it."""

import asyncio
from collections.abc import Iterable


class Clearing:
    """Topics of which it was not heard yet that they are empty.

    MQTT 3.1.1 has a broker confirm what it forbids, and do nothing (its section 3.3.5). What it does do it tells everybody
    who listens there, and so the one that ordered it.
    """

    def __init__(self, topics: Iterable[str]) -> None:
        self._left = set(topics)
        self._is_over = asyncio.Event()

    def on_cleared(self, topic: str) -> None:
        """Hear that a topic is empty."""
        self._left.discard(topic)
        if not self._left:
            self._is_over.set()

    async def heard(self, timeout_s: float) -> None:
        """Wait until all are empty. Raises ``TimeoutError``."""
        async with asyncio.timeout(timeout_s):
            await self._is_over.wait()
