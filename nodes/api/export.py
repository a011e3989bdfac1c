"""``/v1/export``: all that a node holds, for whoever runs it and for audits."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import StreamingResponse

from nodes.api.documentation import Responses, problems
from nodes.api.exchange import Exchange
from nodes.errors import StoreFailed
from nodes.store.export import ExportedTable
from nodes.store.sql_store import SqlStore

_LINES_TYPE = "application/x-ndjson"
_EXAMPLE = (
    '{"export":"node","schema_version":2,"node":"server1","epoch":3,"ver":4711,"at_ms":1793602800000}\n'
    '{"table":"node","row":{"id":"server1","schema_version":2,"epoch":3,"ver":4711,"created_ms":1793602800000,'
    '"started_ms":1793602800000}}\n{"end":"node","rows":1}\n'
)
_CONTENT = {_LINES_TYPE: {"schema": {"type": "string"}, "example": _EXAMPLE}}
_LINES: Responses = {200: {"description": "Lines of JSON", "content": _CONTENT}}


def export_router(exchange: Exchange) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1", tags=["operation"])
    node = exchange.node

    @router.get(
        "/export/{table}",
        operation_id="exportTable",
        summary="Export this node's database, as it is at one moment",
        response_class=Response,
        responses=_LINES | problems(forwarded=False),
    )
    async def export_table(
        table: Annotated[ExportedTable, Path(description="one table, or `all` of them at the same moment")],
    ) -> Response:
        """A line that says which moment (`ver`: all events up to it; `at_ms`: when, by this node's clock), a line for each row, and a line with their number: a
        stream that ends without that was cut. One export at a time. It tells who drives, and what was answered to whom.
        """
        if not isinstance(node.store, SqlStore):
            raise StoreFailed("store", "what is not kept cannot be exported")
        lines = node.store.export(table, node.clock.now_ms(), node.config.limits.export_s)
        first = await anext(lines)  # what goes wrong now still has a status
        return StreamingResponse(_all((first,), lines), media_type=_LINES_TYPE)

    return router


async def _all(first: Iterable[bytes], rest: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    for some in first:
        yield some
    async with aclosing(rest):
        async for some in rest:
            yield some
