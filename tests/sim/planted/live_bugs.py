"""The catalogue's bugs as they show in real processes within the seconds of a test."""

from dataclasses import replace

from sim.audit.planted_bugs import Edit, PlantedBug, find

_SLOW_DISK = Edit(
    "nodes.store.journal",
    "await self._store.append(segment.batch)",
    "await asyncio.sleep(2); await self._store.append(segment.batch)",
)
"""A real disk is too fast for a kill to fall between a reply and its commit."""


def live_bug(name: str) -> PlantedBug:
    """Return the bug of that name. Raises ``UnknownBug``."""
    bug = find(name)
    return replace(bug, edits=(*bug.edits, _SLOW_DISK)) if name == "reply-before-fsync" else bug
