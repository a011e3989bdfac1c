"""``/v1/trips``: several reservations on several nodes, all or none."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi import Request as HttpRequest

from nodes.api.body_route import BodyRoute
from nodes.api.documentation import command_docs, listed, problems, query_docs, success
from nodes.api.exchange import Exchange, respond
from nodes.api.fields import ReservationId, TripPath, WhoseQuery
from nodes.api.held import AskedPage, list_held, page_of_driver
from nodes.api.trip_answers import DecisionAnswer, TripAnswer, TripPage
from nodes.api.trip_bodies import TripBody
from nodes.api.visit import check_node, driver_of, driver_who
from nodes.domain.ids import TRIP_ID_PATTERN, owner_of
from nodes.problems import COORDINATOR_MISSING, problem
from nodes.request import CancelTrip, HeldKind, ReadDecision, ReadTrip

_STOP_PROBLEMS = (
    "unknown-point",
    "point-unavailable",
    "window-taken",
    "window-invalid",
    "window-in-past",
    "window-too-short",
    "window-too-long",
    "window-beyond-horizon",
    "no-point-fits",
    "stops-overlap",
    "coordinator-missing",
    "trip-aborted",
)


def trips_router(exchange: Exchange) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/trips", tags=["trips"], route_class=BodyRoute)
    limits = exchange.node.config.limits

    @router.post(
        "",
        operation_id="planTrip",
        summary="Reserve all stops of a trip, or none",
        openapi_extra=command_docs(needs_key=True),
        responses=success(TripAnswer, 201, "Confirmed: every stop is reserved", point=False)
        | success(TripAnswer, 202, "Not decided yet: look again where `Location` says", point=False)
        | problems(*_STOP_PROBLEMS, "idempotency-key-missing", command=True),
    )
    async def plan_trip(body: TripBody, http: HttpRequest) -> Response:
        """Stops are in order of time and on any nodes. When one cannot be had the problem is that stop's own, with its
        number as `stop`, and nothing is reserved; a taken window names the next free one. The same key sent to any node
        meets the same trip.
        """
        coordinator, plan = body.plan(driver_who(http, body.driver_id))
        if coordinator is None:
            detail = "name a point in one of the stops, or the node that is to decide as coordinator"
            return respond(problem(COORDINATOR_MISSING, detail))
        return await exchange.ask(http, "planTrip", coordinator, plan, needs_key=True)

    @router.get(
        "",
        operation_id="listTrips",
        summary="List a driver's trips",
        openapi_extra=query_docs(),
        responses=listed(TripPage) | problems(),
    )
    async def list_trips(
        http: HttpRequest, page: Annotated[AskedPage, Depends(page_of_driver(limits, TRIP_ID_PATTERN))]
    ) -> Response:
        """Whichever node coordinates them, the newest first, as they were last made durable. A driver is told of their own;
        whoever else asks names the driver. Nodes that did not answer are named in `missing`.
        """
        return await list_held(exchange, http, "listTrips", HeldKind.TRIPS, page)

    @router.get(
        "/{id}",
        operation_id="getTrip",
        summary="Tell a trip",
        openapi_extra=query_docs(),
        responses=success(TripAnswer, point=False) | problems("unknown-trip"),
    )
    async def get_trip(
        id: TripPath,  # noqa: A002 - the path's name
        http: HttpRequest,
        driver_id: WhoseQuery = None,
    ) -> Response:
        """As it was decided. What became of a stop since is told by its reservation. To a driver others' trips are unknown."""
        return await exchange.ask(http, "getTrip", id, ReadTrip(id, driver_of(http, driver_id)))

    @router.delete(
        "/{id}",
        operation_id="cancelTrip",
        summary="Cancel a trip",
        openapi_extra=command_docs(),
        responses=success(TripAnswer, 200, "Cancelled, now or before", point=False)
        | success(TripAnswer, 202, "Under way: look again where `Location` says", point=False)
        | problems("unknown-trip", "trip-pending", "trip-over", command=True),
    )
    async def cancel_trip(
        id: TripPath,  # noqa: A002
        http: HttpRequest,
        driver_id: WhoseQuery = None,
    ) -> Response:
        """Every stop is given back as its terms allow; those that do not are kept. To cancel again changes nothing."""
        return await exchange.ask(http, "cancelTrip", id, CancelTrip(id, driver_of(http, driver_id)))

    @router.get(
        "/{id}/decision",
        operation_id="getDecision",
        summary="Tell whether a promised stop stands (between nodes)",
        openapi_extra=query_docs(),
        responses=success(DecisionAnswer, point=False) | problems(),
    )
    async def get_decision(id: TripPath, reservation_id: ReservationId, http: HttpRequest) -> Response:  # noqa: A002
        """A trip of which nothing is known was aborted."""
        check_node(http, owner_of(reservation_id))
        return await exchange.ask(http, "getDecision", id, ReadDecision(id, reservation_id))

    return router
