"""``/v1/stops``: what the coordinator of a trip asks the owners of its stops. Between nodes; drivers use trips."""

from fastapi import APIRouter, Response
from fastapi import Request as HttpRequest

from nodes.api.answers import ReservationAnswer
from nodes.api.body_route import BodyRoute
from nodes.api.documentation import command_docs, problems, query_docs, success
from nodes.api.exchange import Exchange
from nodes.api.fields import PointId, ReservationPath, TripId
from nodes.api.trip_answers import KnownAnswer
from nodes.api.trip_bodies import AbortBody, CommitBody, PrepareBody
from nodes.api.visit import check_node
from nodes.domain.commands import AbortStop, CommitStop
from nodes.domain.ids import owner_of, point_of
from nodes.request import ReadStop


def stops_router(exchange: Exchange) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/stops", tags=["between nodes"], route_class=BodyRoute)

    @router.post(
        "",
        operation_id="prepareStop",
        summary="Promise a window to a trip",
        openapi_extra=command_docs(needs_key=True),
        responses=success(ReservationAnswer, 201, "Promised: held until the trip's decision is known")
        | problems(
            "unknown-point",
            "point-unavailable",
            "window-taken",
            "reservation-pending",
            "idempotency-key-missing",
            command=True,
        ),
    )
    async def prepare_stop(body: PrepareBody, http: HttpRequest) -> Response:
        """The reservation is `PENDING` and blocks its window; time alone never ends it."""
        check_node(http, owner_of(body.trip_id))
        return await exchange.ask(http, "prepareStop", body.point_id, body.action(), needs_key=True)

    @router.post(
        "/{id}/commit",
        operation_id="commitStop",
        summary="Let a promised stop stand",
        openapi_extra=command_docs(),
        responses=success(ReservationAnswer, 200, "It stands, now or before")
        | problems("unknown-point", "unknown-reservation", "reservation-over", command=True),
    )
    async def commit_stop(id: ReservationPath, body: CommitBody, http: HttpRequest) -> Response:  # noqa: A002
        """The trip was confirmed."""
        check_node(http, owner_of(body.trip_id))
        return await exchange.ask(http, "commitStop", point_of(id), CommitStop(id, body.trip_id))

    @router.post(
        "/abort",
        operation_id="abortStop",
        summary="Give a promised stop back",
        openapi_extra=command_docs(),
        responses=success(ReservationAnswer, 200, "Given back")
        | problems("unknown-point", "unknown-reservation", command=True),
    )
    async def abort_stop(body: AbortBody, http: HttpRequest) -> Response:
        """Where nothing is promised there is nothing to do, which is told by `unknown-reservation`."""
        check_node(http, owner_of(body.trip_id))
        action = AbortStop(body.trip_id, body.stop, body.is_replaced)
        return await exchange.ask(http, "abortStop", body.point_id, action)

    @router.get(
        "",
        operation_id="getStop",
        summary="Tell what is known of a trip at a point",
        openapi_extra=query_docs(),
        responses=success(KnownAnswer, point=False) | problems(),
    )
    async def get_stop(point_id: PointId, trip_id: TripId, http: HttpRequest) -> Response:
        """Asked by the owner of another stop of the trip, while the coordinator cannot be."""
        return await exchange.ask(http, "getStop", point_id, ReadStop(point_id, trip_id))

    return router
