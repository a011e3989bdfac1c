"""A hostile user's tools: requests sent exactly as given, and what must be true of every answer to them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from multidict import CIMultiDict
from yarl import URL

from tests.nodes.running import Client, Reply, running_node

DOCUMENTED = set(
    re.findall(r"`urn:recarga:problem:([a-z-]+)`", (Path(__file__).parents[3] / "docs" / "problems.md").read_text())
)
P, R, S, T = "server1.centro-01", "server1.centro-01.r1-2", "server1.centro-01.s1-2", "server1.trip.t1-1"
JSON = "application/json"
_SERIAL = count()


@asynccontextmanager
async def besieged_node(folder: Path) -> AsyncIterator[Client]:
    """Have a node with one point and one reservation, for a whole module; it must be the same at the end."""
    async with running_node(folder) as client:
        assert (await client.create()).status == 201
        assert (await client.reserve(24 * 60)).status == 201
        yield client
        assert client.node.server.journal.failure is None
        assert len((await client.get(f"/v1/points/{P}/calendar")).body["busy"]) == 1
        assert [point["id"] for point in (await client.get("/v1/points")).body["items"]] == [P]
        assert len((await client.get("/metrics")).body.splitlines()) < 1_000
        assert (await client.get("/readyz")).status == 200


async def send(node: Client, method: str, path: str, data: Any = None, **headers: str) -> Reply:
    """Send exactly this path and body, under a new key unless it is a read."""
    key = {} if method == "GET" else {"Idempotency-Key": f"hostile-{next(_SERIAL)}"}
    sent = CIMultiDict({"Content-Type": JSON, **key, **headers})
    url = URL(node.url + path, encoded=True)
    async with node.session.request(method, url, data=data, headers=sent, allow_redirects=False) as response:
        body = await response.json(content_type=None) if "json" in response.content_type else await response.text()
        return Reply(response.status, response.headers, body)


def refused(reply: Reply, *fields: str, allowed: tuple[int, ...] = (400, 404, 409, 413, 422)) -> None:
    """Whether the reply is a documented problem, short, that names one of the fields (where there are any)."""
    assert reply.status in allowed, reply
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.problem in DOCUMENTED
    assert (reply.body["status"], reply.body["outcome"]) == (reply.status, "none")
    assert len(str(reply.body)) < 3_000, "what was sent is not repeated"
    if fields:
        named = {error["field"].split(".")[0] for error in reply.body["errors"]}
        assert named & set(fields), reply.body


class Unchanged:
    """Whatever happens inside: nothing may be written."""

    def __init__(self, node: Client) -> None:
        self.journal = node.node.server.journal

    def __enter__(self) -> None:
        self.before = self.journal.ver

    def __exit__(self, *_: object) -> None:
        assert self.journal.ver == self.before, "it had an effect"
