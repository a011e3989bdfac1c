"""``/v1/reservations``: reserve, look, cancel, plug in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi import Request as HttpRequest

from nodes.api.answers import ReservationAnswer, ReservationPage, SessionAnswer
from nodes.api.bodies import ReservationBody, StartBody
from nodes.api.body_route import BodyRoute
from nodes.api.documentation import command_docs, listed, problems, query_docs, success
from nodes.api.exchange import Exchange
from nodes.api.fields import ReservationPath, WhoseQuery
from nodes.api.held import AskedPage, list_held, page_of_driver_or_point
from nodes.api.visit import coordinator_of, driver_of, driver_who
from nodes.domain.commands import Cancel, StartReservation
from nodes.domain.ids import RESERVATION_ID_PATTERN, point_of
from nodes.request import HeldKind, ReadReservation

_WINDOW_PROBLEMS = (
    "window-taken",
    "window-invalid",
    "window-in-past",
    "window-too-short",
    "window-too-long",
    "window-beyond-horizon",
)


def reservations_router(exchange: Exchange) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/reservations", tags=["reservations"], route_class=BodyRoute)
    limits = exchange.node.config.limits

    @router.post(
        "",
        operation_id="reserve",
        summary="Reserve a point",
        openapi_extra=command_docs(needs_key=True),
        responses=success(ReservationAnswer, 201, "Reserved")
        | problems("unknown-point", "point-unavailable", *_WINDOW_PROBLEMS, "idempotency-key-missing", command=True),
    )
    async def reserve(body: ReservationBody, http: HttpRequest) -> Response:
        """A start up to a minute in the past is taken as now. When the window is taken, the next free one is named."""
        return await exchange.ask(
            http, "reserve", body.point_id, body.action(driver_who(http, body.driver_id)), needs_key=True
        )

    @router.get(
        "",
        operation_id="listReservations",
        summary="List a driver's reservations, or a point's",
        openapi_extra=query_docs(),
        responses=listed(ReservationPage) | problems(),
    )
    async def list_reservations(
        http: HttpRequest, page: Annotated[AskedPage, Depends(page_of_driver_or_point(limits, RESERVATION_ID_PATTERN))]
    ) -> Response:
        """On all nodes, the newest first, as they were last made durable; stops of trips are among them. A driver is told of
        their own; whoever else asks names the driver, or the point. Nodes that did not answer are named in `missing`.
        """
        return await list_held(exchange, http, "listReservations", HeldKind.RESERVATIONS, page)

    @router.get(
        "/{id}",
        operation_id="getReservation",
        summary="Tell a reservation",
        openapi_extra=query_docs(),
        responses=success(ReservationAnswer) | problems("unknown-point", "unknown-reservation"),
    )
    async def get_reservation(
        id: ReservationPath,  # noqa: A002 - the path's name
        http: HttpRequest,
        driver_id: WhoseQuery = None,
    ) -> Response:
        """In force or over. To a driver others' reservations are unknown."""
        query = ReadReservation(id, driver_of(http, driver_id))
        return await exchange.ask(http, "getReservation", point_of(id), query)

    @router.delete(
        "/{id}",
        operation_id="cancelReservation",
        summary="Cancel a reservation",
        openapi_extra=command_docs(),
        responses=success(ReservationAnswer, 200, "Cancelled, now or before")
        | problems("unknown-point", "unknown-reservation", "reservation-over", "too-late-to-cancel", command=True),
    )
    async def cancel_reservation(
        id: ReservationPath,  # noqa: A002
        http: HttpRequest,
        driver_id: WhoseQuery = None,
    ) -> Response:
        """Until `cancel_until_s` before the start. To cancel again changes nothing. To a node that asks for itself all but the
        stops of the trips that it coordinates are unknown.
        """
        action = Cancel(id, driver_of(http, driver_id), coordinator_of(http))
        return await exchange.ask(http, "cancelReservation", point_of(id), action)

    @router.post(
        "/{id}/start",
        operation_id="startReservation",
        summary="Plug in under a reservation",
        openapi_extra=command_docs(),
        responses=success(SessionAnswer, 201, "Charging")
        | success(SessionAnswer, 200, "Was charging already")
        | problems(
            "unknown-point",
            "unknown-reservation",
            "reservation-over",
            "too-early-to-start",
            "point-unavailable",
            "point-occupied",
            command=True,
        ),
    )
    async def start_reservation(id: ReservationPath, http: HttpRequest, body: StartBody | None = None) -> Response:  # noqa: A002
        """From `early_start_s` before the window (if the point is free until then) until the no-show time."""
        wish = body or StartBody()
        action = StartReservation(id, driver_of(http, wish.driver_id), wish.max_energy_wh)
        return await exchange.ask(http, "startReservation", point_of(id), action)

    return router
