"""``/v1/journal``, ``/v1/snapshot``, ``/v1/attested``: how nodes come to know again what gossip lost."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi import Request as HttpRequest

from nodes.api.answers import AttestedAnswer, JournalAnswer, SnapshotAnswer
from nodes.api.documentation import problems, query_docs, success
from nodes.api.exchange import Exchange
from nodes.api.fields import NodeId, PointId
from nodes.request import ReadAttested, ReadJournal, ReadSnapshot

_VER_MAX = 2**53 - 1


def replication_router(exchange: Exchange) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1", tags=["network"])
    node = exchange.node
    limits = node.config.limits
    asked = Annotated[NodeId | None, Query(alias="node", description="the node that is asked; this one, if left out")]
    counted = Annotated[int, Query(ge=1, le=limits.page_size_max)]

    @router.get(
        "/journal",
        operation_id="getJournal",
        summary="Tell what happened on a node's points",
        openapi_extra=query_docs(),
        responses=success(JournalAnswer, point=False) | problems("journal-trimmed"),
    )
    async def get_journal(
        http: HttpRequest,
        node_id: asked = None,
        after: Annotated[int, Query(ge=0, le=_VER_MAX, description="events above this `ver`")] = 0,
        limit: counted = limits.page_size,
    ) -> Response:
        """In order of `ver`, which has no gaps; who drives is not told. `points` are those touched, as they are now."""
        return await exchange.ask(http, "getJournal", node_id or node.id, ReadJournal(after, limit))

    @router.get(
        "/snapshot",
        operation_id="getSnapshot",
        summary="Tell all points of a node",
        openapi_extra=query_docs(),
        responses=success(SnapshotAnswer, point=False) | problems(),
    )
    async def get_snapshot(
        http: HttpRequest,
        node_id: asked = None,
        after: Annotated[PointId | None, Query(description="`next_after` of the page before")] = None,
        limit: counted = limits.page_size,
    ) -> Response:
        """In order of id, as the node itself has them now. All pages together are complete up to the first one's
        `head_ver`.
        """
        return await exchange.ask(http, "getSnapshot", node_id or node.id, ReadSnapshot(after or "", limit))

    @router.get(
        "/attested",
        operation_id="getAttested",
        summary="Tell how far a node had come when it was last asked",
        openapi_extra=query_docs(),
        responses=success(AttestedAnswer, point=False) | problems(),
    )
    async def get_attested(http: HttpRequest, of: NodeId, node_id: asked = None) -> Response:
        """What it answered to the node that is asked, never hearsay. A node asks this of itself before it serves."""
        return await exchange.ask(http, "getAttested", node_id or node.id, ReadAttested(of))

    return router
