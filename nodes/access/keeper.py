"""Follows the nodes: whatever points they have, they may tell of, and nobody else may."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from urllib.parse import quote

import aiohttp
from pydantic import BaseModel, Field, ValidationError

from nodes.access.acl import is_own
from nodes.access.folder import AccessFolder

_TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=2)
_PAGE = 1_000
_PAGES_MAX = 20
"""As many points as a node may own (``Limits.points_max``)."""

_log = logging.getLogger(__name__)


class _Node(BaseModel):
    id: str
    points: int


class _NotIt(Exception):
    """Another node than the one that is meant answers there."""


class _Nodes(BaseModel):
    items: list[_Node] = Field(min_length=1)
    """The node that answers stands first."""


class _Point(BaseModel):
    id: str


class _Page(BaseModel):
    items: list[_Point]
    next_cursor: str | None


class Keeper:
    """Keeps the list of ``folder`` in step with the points of the nodes at ``urls`` (by node id).

    Each node is asked for its own points only, so that none can have itself listed as another's. ``token``: returns the
    bearer token for a question, None where nodes want none.
    """

    def __init__(
        self, folder: AccessFolder, urls: Mapping[str, str], token: Callable[[], str | None] = lambda: None
    ) -> None:
        self._folder = folder
        self._urls = urls
        self._token = token
        known = folder.known_points()
        self._points = {node_id: set(known.get(node_id, ())) for node_id in urls}
        self._listed: dict[str, int] = {}
        """How many points each node had when it last listed them."""
        self._away: set[str] = set()
        """Who did not answer when last asked."""

    def add(self, node_id: str, point_ids: set[str]) -> bool:
        """Take note of points of a node. Returns whether any was new."""
        known = self._points[node_id]
        new = {point_id for point_id in point_ids if is_own(node_id, point_id)} - known
        known |= new
        return bool(new)

    def write(self) -> None:
        """Write the list of what is known."""
        self._folder.write_acl(self._points)

    async def follow(self, every_s: float) -> None:
        """Ask each node every ``every_s`` seconds how many points it has, and which, where it has more. Never returns."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()) as session:
            while True:
                changed = await asyncio.gather(*(self._look(session, *node) for node in self._urls.items()))
                if any(changed):
                    self.write()
                await asyncio.sleep(every_s)

    async def _look(self, session: aiohttp.ClientSession, node_id: str, url: str) -> bool:
        try:
            count = await self._count(session, node_id, url)
            if count == self._listed.get(node_id):
                return False
            changed = self.add(node_id, await self._list(session, node_id, url))
        except (aiohttp.ClientError, TimeoutError, ValidationError, _NotIt) as error:
            if node_id not in self._away:
                _log.warning("%s at %s does not tell its points: %r", node_id, url, error)
                self._away.add(node_id)
            return False
        self._away.discard(node_id)
        self._listed[node_id] = count
        return changed

    async def _count(self, session: aiohttp.ClientSession, node_id: str, url: str) -> int:
        node = _Nodes.model_validate_json(await self._get(session, f"{url}/v1/nodes")).items[0]
        if node.id != node_id:
            raise _NotIt(node.id)
        return node.points

    async def _list(self, session: aiohttp.ClientSession, node_id: str, url: str) -> set[str]:
        found: set[str] = set()
        query = f"node={node_id}&limit={_PAGE}"
        for _ in range(_PAGES_MAX):
            page = _Page.model_validate_json(await self._get(session, f"{url}/v1/points?{query}"))
            found.update(point.id for point in page.items)
            if page.next_cursor is None:
                break
            query = f"node={node_id}&limit={_PAGE}&cursor={quote(page.next_cursor, safe='')}"
        return found

    async def _get(self, session: aiohttp.ClientSession, url: str) -> bytes:
        token = self._token()
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with session.get(url, headers=headers, allow_redirects=False) as response:
            response.raise_for_status()
            return await response.read()
