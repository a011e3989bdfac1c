"""Lists of what drivers have (``nodes.holdings``): the parameters they share, and the way from a request to a page."""

from typing import Annotated

import orjson
from fastapi import Query, Response
from fastapi import Request as HttpRequest

from nodes.api.exchange import Exchange, read_headers
from nodes.api.fields import NodeId
from nodes.api.invalid import invalid
from nodes.api.visit import caller_of, driver_of
from nodes.domain.ids import owner_of
from nodes.records import Answer
from nodes.request import HeldKind, ReadHeld

OwnNode = Annotated[NodeId | None, Query(alias="node", description="only what that node has; all nodes, if left out")]
Active = Annotated[bool | None, Query(description="only what is in force, or only what is over")]
CURSOR = "`next_cursor` of the page before"
CURSOR_CHARS_MAX = 200
"""A time, and the longest id there is."""


def cursor_pattern(id_pattern: str) -> str:
    """Return the pattern of cursors of a list of things with such ids."""
    return r"^[0-9]{1,15}_" + id_pattern.removeprefix("^")


async def list_held(
    exchange: Exchange,
    http: HttpRequest,
    operation: str,
    kind: HeldKind,
    *,
    limit: int,
    cursor: str | None,
    driver_id: str | None,
    node_id: str | None,
    point_id: str | None = None,
    is_active: bool | None = None,
) -> Response:
    """Answer a request for a page: of a driver's own, or of whom or what else an operator names."""
    whose = driver_of(http, driver_id)
    if whose is None and point_id is None:
        raise invalid("query", "driver_id", "Field required", None)
    query = ReadHeld(kind, limit, whose, point_id, is_active, _place(cursor))
    node_id = node_id or (None if point_id is None else owner_of(point_id))
    if node_id is not None or read_headers(http).forwarded_by is not None:
        response = await exchange.ask(http, operation, node_id or exchange.node.id, query)
    else:

        async def answer() -> Answer:
            exchange.node.check_history()
            return (await exchange.node.holdings.everywhere(query, caller_of(http))).answer()

        response = await exchange.run(operation, answer)
    return _linked(response, http)


def _place(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    made_ms, _, identifier = cursor.partition("_")
    return int(made_ms), identifier


def _linked(response: Response, http: HttpRequest) -> Response:
    """Say where the next page is. A single node's page is handed back as that node told it, which may name anything."""
    cursor = orjson.loads(response.body).get("next_cursor") if response.status_code == 200 else None
    if isinstance(cursor, str):
        url = http.url.include_query_params(cursor=cursor)
        response.raw_headers.append((b"link", f'<{url.path}?{url.query}>; rel="next"'.encode("ascii")))
    return response
