"""Lists of what drivers have (``nodes.holdings``): the parameters they share, and the way from a request to a page."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated

import orjson
from fastapi import Depends, Query, Response
from fastapi import Request as HttpRequest

from nodes.api.exchange import Exchange, read_headers
from nodes.api.fields import NodeId, PointId, WhoseQuery
from nodes.api.invalid import invalid
from nodes.api.visit import caller_of, driver_of
from nodes.config import Limits
from nodes.domain.ids import owner_of
from nodes.records import Answer
from nodes.request import HeldKind, ReadHeld

_CURSOR_CHARS_MAX = 200
"""A time, and the longest id there is."""


@dataclass(frozen=True, slots=True)
class AskedPage:
    """Which page a request asks for."""

    limit: int
    before: tuple[int, str] | None
    """When the last thing of the page before was made, and its id."""
    driver_id: str | None
    node_id: str | None
    point_id: str | None = None
    is_active: bool | None = None


def page_of_driver(limits: Limits, id_pattern: str) -> Callable[..., AskedPage]:
    """Return the dependency that reads which page is asked for, of things with such ids that are a driver's."""
    cursor_pattern = r"^[0-9]{1,15}_" + id_pattern.removeprefix("^")

    def page(
        driver_id: WhoseQuery = None,
        node_id: Annotated[
            NodeId | None, Query(alias="node", description="only what that node has; all nodes, if left out")
        ] = None,
        cursor: Annotated[
            str | None,
            Query(pattern=cursor_pattern, max_length=_CURSOR_CHARS_MAX, description="`next_cursor` of the page before"),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=limits.page_size_max)] = limits.page_size,
    ) -> AskedPage:
        return AskedPage(limit, _place(cursor), driver_id, node_id)

    return page


def page_of_driver_or_point(limits: Limits, id_pattern: str) -> Callable[..., AskedPage]:
    """Return the same for things that are on points, and in force or over."""

    def page(
        asked: Annotated[AskedPage, Depends(page_of_driver(limits, id_pattern))],
        point_id: PointId | None = None,
        active: Annotated[bool | None, Query(description="only what is in force, or only what is over")] = None,
    ) -> AskedPage:
        return replace(asked, point_id=point_id, is_active=active)

    return page


async def list_held(exchange: Exchange, http: HttpRequest, operation: str, kind: HeldKind, page: AskedPage) -> Response:
    """Answer a request for a page: of a driver's own, or of whom or what else an operator names."""
    whose = driver_of(http, page.driver_id)
    if whose is None and page.point_id is None:
        raise invalid("query", "driver_id", "Field required", None)
    query = ReadHeld(kind, page.limit, whose, page.point_id, page.is_active, page.before)
    node_id = page.node_id or (None if page.point_id is None else owner_of(page.point_id))
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
