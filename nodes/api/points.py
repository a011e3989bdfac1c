"""``/v1/points``: find, create, change, look into the calendar, plug in."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response
from fastapi import Request as HttpRequest

from nodes.api.answers import CalendarAnswer, PointAnswer, PointPage, SessionAnswer
from nodes.api.bodies import PlugInBody, PointBody, PointPatchBody
from nodes.api.documentation import TIMING_HEADER, command_docs, problems, query_docs, success
from nodes.api.exchange import Exchange, read_headers, respond
from nodes.api.fields import MS_MAX, Moment, Name, NodeId, PointId, PointPath
from nodes.api.invalid import invalid
from nodes.api.visit import driver_who
from nodes.catalogue import Filters, Near
from nodes.domain.commands import ChangePoint, ClearFault, CreatePoint, PlugIn, ReportFault
from nodes.domain.ids import owner_of, point_id
from nodes.domain.point import Connector
from nodes.domain.window import Window
from nodes.records import Answer
from nodes.request import ReadCalendar, ReadPoint

_CALENDAR_SPAN_MS = 7 * 86_400_000
_NEAR_PATTERN = r"^-?\d{1,3}(\.\d{1,15})?,-?\d{1,3}(\.\d{1,15})?$"


def points_router(exchange: Exchange) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/points", tags=["points"])
    node = exchange.node
    limits = node.config.limits

    @router.get(
        "",
        operation_id="listPoints",
        summary="Find points, on any node",
        openapi_extra={"parameters": [TIMING_HEADER]},
        responses=success(PointPage, point=False) | problems(forwarded=False),
    )
    async def list_points(
        http: HttpRequest,
        available: Annotated[bool | None, Query(description="free at this moment, and working")] = None,
        maintenance: bool | None = None,
        connector: Connector | None = None,
        min_power_w: Annotated[int | None, Query(ge=0, description="watts")] = None,
        node_id: Annotated[NodeId | None, Query(alias="node", description="only this node's points")] = None,
        name: Name | None = None,
        near: Annotated[
            str | None,
            Query(pattern=_NEAR_PATTERN, description="`lat,lon` in WGS 84 degrees", examples=["-8.063,-34.871"]),
        ] = None,
        radius_m: Annotated[float, Query(gt=0, le=20_100_000, allow_inf_nan=False, description="metres")] = 5_000.0,
        free_from: Annotated[
            Moment | None, Query(description="with `free_until`: nobody holds any of this window")
        ] = None,
        free_until: Moment | None = None,
        cursor: Annotated[PointId | None, Query(description="`next_cursor` of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=limits.page_size_max)] = limits.page_size,
    ) -> Response:
        """Own points are as they are now; others' as their owner last told (`as_of_ms`, `stale`)."""
        filters = Filters(
            available=available,
            maintenance=maintenance,
            connector=connector,
            min_power_w=min_power_w,
            node=node_id,
            name=name,
            near=_near(near, radius_m),
            free=_free(free_from, free_until),
        )

        is_timed = read_headers(http).is_timed

        return await exchange.run(
            "listPoints", lambda: node.list_points(filters, cursor or "", limit, is_timed=is_timed)
        )

    @router.post(
        "",
        operation_id="createPoint",
        summary="Create a point",
        openapi_extra=command_docs(),
        responses=success(PointAnswer, 201, "Created") | problems("point-exists", command=True),
    )
    async def create_point(body: PointBody, http: HttpRequest) -> Response:
        """With a bare `id` the point is this node's; with `node.slug` it is that node's."""
        identifier = body.id if "." in body.id else point_id(node.id, body.id)
        return await exchange.ask(http, "createPoint", identifier, CreatePoint(body.spec()))

    @router.get(
        "/{id}",
        operation_id="getPoint",
        summary="Tell a point",
        openapi_extra=query_docs(),
        responses=success(PointAnswer) | problems("unknown-point"),
    )
    async def get_point(id: PointPath, http: HttpRequest, fresh: bool = False) -> Response:  # noqa: A002 - the path's name
        """Another node's point is told as its owner last told; with `fresh` its owner is asked."""
        if not fresh and (view := node.tell_view(id)) is not None:
            return respond(view)
        return await exchange.ask(http, "getPoint", id, ReadPoint())

    @router.patch(
        "/{id}",
        operation_id="changePoint",
        summary="Change price, maintenance, terms; report or clear a fault",
        openapi_extra=command_docs(),
        responses=success(PointAnswer)
        | problems(
            "unknown-point",
            "point-invalid",
            command=True,
        ),
    )
    async def change_point(id: PointPath, body: PointPatchBody, http: HttpRequest) -> Response:  # noqa: A002
        """A fault ends a running session unbilled. Maintenance lets it go on, and refuses what is new."""
        action: ChangePoint | ReportFault | ClearFault
        if body.fault is not None:
            action = ReportFault(body.fault) if body.fault else ClearFault()
        else:
            terms = {} if body.terms is None else body.terms.given()
            action = ChangePoint(body.name, body.price_per_kwh_minor, tuple(sorted(terms.items())), body.maintenance)
        return await exchange.ask(http, "changePoint", id, action)

    @router.get(
        "/{id}/calendar",
        operation_id="getCalendar",
        summary="Tell which windows are taken",
        openapi_extra=query_docs(),
        responses=success(CalendarAnswer) | problems("unknown-point"),
    )
    async def get_calendar(
        id: PointPath,  # noqa: A002
        http: HttpRequest,
        from_ms: Annotated[Moment | None, Query(description="now, if left out")] = None,
        until_ms: Annotated[Moment | None, Query(description="a week later, if left out")] = None,
        limit: Annotated[int, Query(ge=1, le=limits.page_size_max)] = limits.page_size_max,
        fresh: bool = False,
    ) -> Response:
        """Another node's calendar is told as far as that node told it; with `fresh` its owner is asked."""
        start_ms = node.clock.now_ms() if from_ms is None else from_ms
        end_ms = min(start_ms + _CALENDAR_SPAN_MS, MS_MAX) if until_ms is None else until_ms
        if owner_of(id) != node.id and not fresh:
            item = node.catalogue.foreign_windows(id, start_ms, end_ms, limit)
            if item is not None:
                return respond(Answer(200, orjson.dumps(item), item["witness"]))
        return await exchange.ask(http, "getCalendar", id, ReadCalendar(start_ms, end_ms, limit))

    @router.post(
        "/{id}/start",
        operation_id="plugIn",
        summary="Plug in, with a reservation or without",
        openapi_extra=command_docs(),
        responses=success(SessionAnswer, 201, "Charging")
        | success(SessionAnswer, 200, "Was charging already")
        | problems(
            "unknown-point",
            "point-unavailable",
            "point-occupied",
            "window-taken",
            "window-invalid",
            "window-in-past",
            "window-too-short",
            "window-too-long",
            command=True,
        ),
    )
    async def plug_in(id: PointPath, body: PlugInBody, http: HttpRequest) -> Response:  # noqa: A002
        """Starts the driver's own reservation if one can start now. Else the point is taken from now on, if it is free."""
        return await exchange.ask(
            http, "plugIn", id, PlugIn(driver_who(http, body.driver_id), body.end_ms, body.max_energy_wh)
        )

    return router


def _near(text: str | None, radius_m: float) -> Near | None:
    if text is None:
        return None
    lat, lon = map(float, text.split(","))
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise invalid("query", "near", "expected -90 to 90 degrees north and -180 to 180 degrees east", text)
    return Near(lat, lon, radius_m)


def _free(from_ms: int | None, until_ms: int | None) -> Window | None:
    if from_ms is None and until_ms is None:
        return None
    if from_ms is None or until_ms is None:
        raise invalid("query", "free_until", "free_from and free_until come together", None)
    if from_ms >= until_ms:
        raise invalid("query", "free_until", "expected a time after free_from", until_ms)
    return Window(from_ms, until_ms)
