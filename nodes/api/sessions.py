"""``/v1/sessions``: look, meter, stop."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi import Request as HttpRequest

from nodes.api.answers import SessionAnswer, SessionPage
from nodes.api.bodies import MeterBody, StopBody
from nodes.api.documentation import command_docs, listed, problems, query_docs, success
from nodes.api.exchange import Exchange
from nodes.api.fields import SessionPath, WhoseQuery
from nodes.api.held import AskedPage, list_held, page_of_driver_or_point
from nodes.api.visit import driver_of
from nodes.domain.commands import Meter, Stop
from nodes.domain.ids import SESSION_ID_PATTERN, point_of
from nodes.request import HeldKind, ReadSession


def sessions_router(exchange: Exchange) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/sessions", tags=["sessions"])
    limits = exchange.node.config.limits

    @router.get(
        "",
        operation_id="listSessions",
        summary="List a driver's sessions, or a point's",
        openapi_extra=query_docs(),
        responses=listed(SessionPage) | problems(),
    )
    async def list_sessions(
        http: HttpRequest, page: Annotated[AskedPage, Depends(page_of_driver_or_point(limits, SESSION_ID_PATTERN))]
    ) -> Response:
        """On all nodes, the newest first, as they were last made durable. A driver is told of their own; whoever else asks
        names the driver, or the point. Nodes that did not answer are named in `missing`.
        """
        return await list_held(exchange, http, "listSessions", HeldKind.SESSIONS, page)

    @router.get(
        "/{id}",
        operation_id="getSession",
        summary="Tell a session",
        openapi_extra=query_docs(),
        responses=success(SessionAnswer) | problems("unknown-point", "unknown-session"),
    )
    async def get_session(
        id: SessionPath,  # noqa: A002 - the path's name
        http: HttpRequest,
        driver_id: WhoseQuery = None,
    ) -> Response:
        """Running or over. To a driver others' sessions are unknown."""
        return await exchange.ask(http, "getSession", point_of(id), ReadSession(id, driver_of(http, driver_id)))

    @router.post(
        "/{id}/meter",
        operation_id="meter",
        summary="Report a meter reading",
        openapi_extra=command_docs(),
        responses=success(SessionAnswer)
        | problems(
            "unknown-point", "unknown-session", "session-over", "meter-went-back", "energy-implausible", command=True
        ),
    )
    async def meter(id: SessionPath, body: MeterBody, http: HttpRequest) -> Response:  # noqa: A002
        """Energy since the session's start; it never goes back, nor beyond power times time or the battery's room."""
        reading = Meter(id, body.energy_wh, driver_of(http, body.driver_id))
        return await exchange.ask(http, "meter", point_of(id), reading)

    @router.post(
        "/{id}/stop",
        operation_id="stop",
        summary="Unplug",
        openapi_extra=command_docs(),
        responses=success(SessionAnswer, 200, "Stopped, now or before")
        | problems("unknown-point", "unknown-session", "meter-went-back", "energy-implausible", command=True),
    )
    async def stop(id: SessionPath, http: HttpRequest, body: StopBody | None = None) -> Response:  # noqa: A002
        """Ends the session and its reservation, and says what it costs. To stop again changes nothing."""
        wish = body or StopBody()
        action = Stop(id, wish.energy_wh, driver_of(http, wish.driver_id))
        return await exchange.ask(http, "stop", point_of(id), action)

    return router
