"""When a local network came to rest: no promise left in doubt, every view as its owner's, found out by asking the nodes."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import aiohttp

_LOOK_AGAIN_S = 0.1
_ANSWER_S = 5.0
_PAGE = 500
_IN_DOUBT = "recarga_stops_in_doubt "

Seen = dict[str, tuple[tuple[int, int], bool]]
"""By point: the version that a node tells of it, and whether it calls that stale."""


async def calm(urls: Mapping[str, str], within_s: float) -> dict[str, Any]:
    """Ask until all is well, for ``within_s`` at most, in a network of which nobody asks anything else.

    Returns ``views``, how many there are; ``agreed_ms`` and ``decided_ms``, after how long all of them were their owners' and no
    stop was in doubt (null: never); ``late``, the views that never agreed, and ``in_doubt``, how many stops were left.
    """
    begun_s = time.monotonic()
    found: dict[str, Any] = {"agreed_ms": None, "decided_ms": None}
    timeout = aiohttp.ClientTimeout(total=_ANSWER_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while True:
            found["in_doubt"] = await stops_in_doubt(session, urls)
            found["views"], found["late"] = await _late(session, urls)
            passed_ms = round((time.monotonic() - begun_s) * 1000)
            for name, is_well in (("decided_ms", found["in_doubt"] == 0), ("agreed_ms", not found["late"])):
                if is_well and found[name] is None:
                    found[name] = passed_ms
            if None not in (found["agreed_ms"], found["decided_ms"]) or passed_ms > within_s * 1000:
                return found
            await asyncio.sleep(_LOOK_AGAIN_S)


async def stops_in_doubt(session: aiohttp.ClientSession, urls: Mapping[str, str]) -> int | None:
    """Return how many stops of all nodes are in doubt; None: a node does not say."""
    total = 0
    for url in urls.values():
        try:
            async with session.get(f"{url}/metrics") as answer:
                lines = (await answer.text()).splitlines()
        except (aiohttp.ClientError, TimeoutError):
            return None
        total += sum(int(float(line.removeprefix(_IN_DOUBT))) for line in lines if line.startswith(_IN_DOUBT))
    return total


async def _late(session: aiohttp.ClientSession, urls: Mapping[str, str]) -> tuple[int, list[str]]:
    """Return how many views there are, and which of them, ``point at node``, are behind or called stale."""
    owners = {node_id: await _seen(session, f"{url}/v1/points?node={node_id}") for node_id, url in urls.items()}
    own = {point_id: version for seen in owners.values() for point_id, (version, _) in seen.items()}
    count, late = 0, [f"no points of {node_id}" for node_id, seen in owners.items() if not seen]
    for node_id, url in urls.items():
        seen = await _seen(session, f"{url}/v1/points?")
        foreign = [point_id for point_id in own if point_id not in owners[node_id]]
        count += len(foreign)
        for point_id in foreign:
            version, is_stale = seen.get(point_id, ((0, 0), True))
            if is_stale or version < own[point_id]:
                late.append(f"{point_id} at {node_id}")
    return count, late


async def _seen(session: aiohttp.ClientSession, url: str) -> Seen:
    """Return all that a node tells of points; nothing, if it does not answer."""
    seen: Seen = {}
    cursor = ""
    try:
        while True:
            async with session.get(f"{url}&limit={_PAGE}{cursor}") as answer:
                page = await answer.json()
            for item in page["items"]:
                seen[item["id"]] = (item["witness"][0], item["witness"][1]), item["stale"]
            if not page.get("next_cursor"):
                return seen
            cursor = f"&cursor={page['next_cursor']}"
    except (aiohttp.ClientError, TimeoutError, KeyError):
        return {}
