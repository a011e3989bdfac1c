"""Nodes that run already, wherever: nothing of them is started, broken or stopped. What they hold is exported in the end."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from sim.scenario.faults import Fault
from sim.worlds.calm import stops_in_doubt
from sim.worlds.credentials import Credentials
from sim.worlds.remote_export import Json, RemoteError, read_head, save_export

_MEASURE_S = 1.0
"""How long the nodes' time is watched, to see how fast it runs."""
_SKEW_S_MAX = 2.0
"""How far the nodes' clocks may be apart: drivers have one watch."""
_RATE_TOLERANCE = 0.1
_DECIDED_S = 15.0
"""How long to wait, after everybody has left, for trips whose owners do not know the decision yet."""
_ANSWER_S = 60.0
_PAGE = 500
_POINT_MEMBERS = ("name", "max_power_w", "connector", "price_per_kwh_minor", "currency", "terms")


@dataclass(frozen=True, slots=True)
class CivilTime:
    """The nodes' civil time: what it was at a monotonic moment, and how fast it runs."""

    at_ms: float
    monotonic_s: float
    rate: float

    def now_ms(self) -> float:
        """Return what it is now."""
        return self.at_ms + (time.monotonic() - self.monotonic_s) * 1000 * self.rate


class RemoteWorld:
    """The nodes at some URLs. ``meet`` comes first. ``folder`` gets each node's points file, and its database in the end."""

    def __init__(self, targets: Sequence[str], folder: Path, credentials: Credentials) -> None:
        self.urls: dict[str, str] = {}
        self.time = CivilTime(0.0, 0.0, 1.0)
        self._targets = [url.rstrip("/") for url in targets]
        self._folder = folder
        self.credentials = credentials

    async def meet(self) -> None:
        """Find out which nodes these are, and what time it is there. Raises ``RemoteError``."""
        twice = next((url for at, url in enumerate(self._targets) if url in self._targets[:at]), None)
        if twice is not None:
            raise RemoteError(f"{twice} is named twice")
        async with self._session() as session:
            first = await self._heads(session)
            for url, (head, _) in first.items():
                if (other := self.urls.get(head["node"])) is not None:
                    raise RemoteError(f"{url} and {other} are the same node, {head['node']}")
                self.urls[head["node"]] = url
            await asyncio.sleep(_MEASURE_S)
            second = await self._heads(session)
        self.time = _common_time(first, second)

    async def fetch_points(self) -> dict[str, Path]:
        """Write down every node's points as a points file, by node. Raises ``RemoteError`` if one has none to charge at."""
        files: dict[str, Path] = {}
        self._folder.mkdir(parents=True, exist_ok=True)
        async with self._session() as session:
            for node_id, url in self.urls.items():
                entries = [entry for item in await _points_of(session, node_id, url) if (entry := _entry(item))]
                if not entries:
                    raise RemoteError(f"{url}: {node_id} has no points with a place and a connector")
                files[node_id] = self._folder / f"{node_id}.points.json"
                files[node_id].write_bytes(orjson.dumps({"points": entries}, option=orjson.OPT_INDENT_2))
        return files

    async def start(self, *, civil_ms: int) -> None:
        """They run."""

    async def settled(self) -> None:
        """Whether they know of one another is theirs."""

    def let_time_run(self, *, wall_ms: int, civil_ms: int, factor: float) -> None:
        """Their time is theirs."""

    def starts_in_s(self, civil_ms: int) -> float:
        """Return in how many wall-clock seconds it is ``civil_ms`` there."""
        return (civil_ms - self.time.now_ms()) / 1000 / self.time.rate

    async def failed(self) -> None:
        """Wait for ever: a node that fails is the network's, and told by its answers."""
        await asyncio.Event().wait()

    async def inject(self, fault: Fault, hold: Callable[[], Awaitable[None]]) -> None:
        """Nothing is broken here."""
        raise AssertionError(f"a remote run breaks nothing, and {fault.kind} was let through: {hold}")

    async def stop(self) -> None:
        """Take every node's database, once no stop of a trip is in doubt. Raises ``RemoteError``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        async with self._session() as session:
            deadline_s = time.monotonic() + _DECIDED_S
            while await stops_in_doubt(session, self.urls) and time.monotonic() < deadline_s:  # noqa: ASYNC110 - theirs
                await asyncio.sleep(0.1)
            for node_id, url in self.urls.items():
                await save_export(session, url, self._folder / f"{node_id}.db")

    def use(self) -> dict[str, Any]:
        """What their processes use is not known here."""
        return {}

    def _session(self) -> aiohttp.ClientSession:
        timeout = aiohttp.ClientTimeout(sock_connect=10, sock_read=_ANSWER_S)
        return aiohttp.ClientSession(timeout=timeout, headers=self.credentials.operator, read_bufsize=1 << 22)

    async def _heads(self, session: aiohttp.ClientSession) -> dict[str, tuple[Json, float]]:
        """Return what each node says of itself, by URL, with the moment in the middle of the question."""
        found = {}
        for url in self._targets:
            asked_s = time.monotonic()
            head = await read_head(session, url)
            found[url] = head, (asked_s + time.monotonic()) / 2
        return found


def _common_time(first: dict[str, tuple[Json, float]], second: dict[str, tuple[Json, float]]) -> CivilTime:
    times = []
    for url, (head, at_s) in second.items():
        before, before_s = first[url]
        times.append(CivilTime(head["at_ms"], at_s, (head["at_ms"] - before["at_ms"]) / 1000 / (at_s - before_s)))
    rate = sum(each.rate for each in times) / len(times)
    rate = round(rate) if abs(rate - round(rate)) < _RATE_TOLERANCE * rate else rate
    common = times[0]
    for url, other in zip(second, times, strict=True):
        apart_s = (other.at_ms - common.at_ms) / 1000 - (other.monotonic_s - common.monotonic_s) * rate
        if abs(apart_s) > _SKEW_S_MAX * max(1.0, rate):
            raise RemoteError(f"{url}: its clock is {apart_s:+.1f} s from that of {next(iter(second))}")
    return CivilTime(common.at_ms, common.monotonic_s, rate)


async def _points_of(session: aiohttp.ClientSession, node_id: str, url: str) -> list[Json]:
    items: list[Json] = []
    query = {"node": node_id, "limit": str(_PAGE)}
    while True:
        try:
            async with session.get(f"{url}/v1/points", params=query) as answer:
                page = await answer.json()
                answer.raise_for_status()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise RemoteError(f"{url}: does not tell its points: {error}") from error
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        query["cursor"] = page["next_cursor"]


def _entry(item: Json) -> Json | None:
    """Return a point as a points file has it; None for one that vehicles could not find or not use."""
    place = {name: value for name, value in item["location"].items() if value is not None}
    if item["connector"] is None or not {"lat", "lon"} <= place.keys():
        return None
    slug = item["id"].partition(".")[2]
    return {"id": slug, "location": place} | {name: item[name] for name in _POINT_MEMBERS}
