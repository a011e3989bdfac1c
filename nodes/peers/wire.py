"""Requests as HTTP, the way any client would make them; and answers back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from nodes.domain.commands import (
    AbortStop,
    Cancel,
    ChangePoint,
    ClearFault,
    CommitStop,
    CreatePoint,
    Meter,
    PlugIn,
    PrepareStop,
    ReportFault,
    Reserve,
    ReserveNow,
    StartReservation,
    Stop,
)
from nodes.records import Answer, Timing, Witness
from nodes.representation import spec_json
from nodes.request import (
    CancelTrip,
    FindPoints,
    Ping,
    PlanTrip,
    Query,
    ReadAttested,
    ReadCalendar,
    ReadDecision,
    ReadHeld,
    ReadJournal,
    ReadPoint,
    ReadReservation,
    ReadSession,
    ReadSnapshot,
    ReadStop,
    ReadTrip,
    Request,
    StopWish,
    TripAction,
)
from nodes.tidings import TIDINGS

KEY_HEADER = "Idempotency-Key"
TIMEOUT_HEADER = "Recarga-Timeout-Ms"
"""How long the caller waits, in milliseconds from now."""
FORWARDED_HEADER = "Recarga-Forwarded-By"
"""The node that handed the request on. Such a request is never handed on again."""
TIMING_HEADER = "Recarga-Timing"
"""``?1``: the answer is to say where the time went, in ``Server-Timing``."""
EPOCH_HEADER = "Recarga-Epoch"
"""The epoch of the node that handed the request on: an old process of it, or an old message, is refused."""
MET_HEADER = "Recarga-Met-Epoch"
"""The highest epoch at which that node has met the one that it asks: a process of an earlier one refuses."""
BEHALF_HEADER = "Recarga-On-Behalf-Of"
"""The token of the caller for whom a node asks, beside its own in ``Authorization``: who is asked judges both."""
_TIMING_NAMES = ("queue", "decide", "write", "forward")
_SPARE_SHARE = 0.1
"""Of a wait, what is left for the answer's way back."""


def deadline_ms(timeout_ms: int) -> int:
    """Return what to tell whoever is asked, when one waits for ``timeout_ms``.

    A little less: so that the answer that the time is over, which says whether anything was begun, still comes in time.
    """
    return max(1, int(timeout_ms * (1 - _SPARE_SHARE)))


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it goes over the wire."""

    method: str
    path: str
    """Path and query."""
    headers: Mapping[str, str]
    body: bytes


def http_request(request: Request, timeout_ms: int, forwarded_by: str | None = None) -> HttpRequest:
    """Return the HTTP request that asks a node the same."""
    method, path, body = _line_and_body(request)
    headers = {TIMEOUT_HEADER: str(timeout_ms)}
    if forwarded_by is not None:
        headers[FORWARDED_HEADER] = forwarded_by
    if request.caller is not None:
        headers[BEHALF_HEADER] = request.caller.token
    if request.from_epoch is not None:
        headers[EPOCH_HEADER] = str(request.from_epoch)
    if request.met_epoch is not None:
        headers[MET_HEADER] = str(request.met_epoch)
    if request.key is not None:
        headers[KEY_HEADER] = f'"{request.key}"'  # quoted, so that it may hold quotes and spaces itself
    if request.is_timed:
        headers[TIMING_HEADER] = "?1"
    if request.if_match is not None:
        headers["If-Match"] = etag(request.if_match)
    if body is None:
        return HttpRequest(method, path, headers, b"")
    headers["Content-Type"] = "application/json"
    return HttpRequest(method, path, headers, orjson.dumps({k: v for k, v in body.items() if v is not None}))


def answer_from(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return the answer that an HTTP response holds."""
    retry_after, location = headers.get("Retry-After", ""), headers.get("Location")
    return Answer(
        status=status,
        body=body,
        witness=witness_from(headers.get("ETag", "")),
        location=location if location is not None and location.isascii() else None,
        retry_after_s=int(retry_after) if _is_count(retry_after) else None,
        timing=timing_from(headers.get("Server-Timing", "")),
    )


def server_timing(timing: Timing) -> str:
    """Return the ``Server-Timing`` header (W3C): durations in milliseconds."""
    return ", ".join(f"{name};dur={1000 * seconds:.3f}" for name, seconds in zip(_TIMING_NAMES, timing, strict=True))


def timing_from(text: str) -> Timing | None:
    """Return what a ``Server-Timing`` header says; None when it is no node's."""
    if not text:
        return None
    parts = [part.strip().partition(";dur=") for part in text.split(",")]
    if tuple(name for name, _, _ in parts) != _TIMING_NAMES:
        return None
    try:
        return Timing(*(max(0.0, float(duration)) / 1000 for _, _, duration in parts))
    except ValueError:
        return None


def etag(witness: Witness) -> str:
    """Return the entity tag of a point's witness."""
    return f'"{witness[0]}-{witness[1]}"'


def witness_from(text: str) -> Witness | None:
    """Return the witness that an entity tag holds; None when it holds none."""
    epoch, dash, seq = text.strip().removeprefix("W/").strip('"').partition("-")
    if not dash or not _is_count(epoch) or not _is_count(seq):
        return None
    return int(epoch), int(seq)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 15


def _line_and_body(request: Request) -> tuple[str, str, dict[str, Any] | None]:
    action = request.action
    if isinstance(action, (CreatePoint, ChangePoint, ReportFault, ClearFault)):
        return _of_operator(request.point_id, action)
    if isinstance(action, Query):
        return _of_query(request.point_id, action)
    if isinstance(action, TripAction):
        return _of_trip(request.point_id, action)
    match action:
        case Reserve():
            window = {"start_ms": action.start_ms, "end_ms": action.end_ms}
            return "POST", "/v1/reservations", {"point_id": request.point_id, "driver_id": action.driver_id, **window}
        case ReserveNow():
            wish = {"driver_id": action.driver_id, "duration_s": action.duration_s}
            return "POST", "/v1/reservations", {"point_id": request.point_id, **wish}
        case Cancel():
            return "DELETE", f"/v1/reservations/{action.reservation_id}{_whose(action.driver_id)}", None
        case PrepareStop():
            body = {name: getattr(action, name) for name in ("trip_id", "stop", "driver_id", "start_ms", "end_ms")}
            return "POST", "/v1/stops", {"point_id": request.point_id, **body, "points": list(action.points)}
        case CommitStop():
            return "POST", f"/v1/stops/{action.reservation_id}/commit", {"trip_id": action.trip_id}
        case AbortStop():
            body = {"trip_id": action.trip_id, "stop": action.stop, "is_replaced": action.is_replaced}
            return "POST", "/v1/stops/abort", {"point_id": request.point_id, **body}
        case StartReservation():
            body = {"driver_id": action.driver_id, "max_energy_wh": action.max_energy_wh}
            return "POST", f"/v1/reservations/{action.reservation_id}/start", body
        case PlugIn():
            body = {"driver_id": action.driver_id, "end_ms": action.end_ms, "max_energy_wh": action.max_energy_wh}
            return "POST", f"/v1/points/{request.point_id}/start", body
        case Meter():
            body = {"energy_wh": action.energy_wh, "driver_id": action.driver_id}
            return "POST", f"/v1/sessions/{action.session_id}/meter", body
        case Stop():
            body = {"energy_wh": action.energy_wh, "driver_id": action.driver_id}
            return "POST", f"/v1/sessions/{action.session_id}/stop", body
        case _:
            raise AssertionError(f"{type(action).__name__} is the owner's own")


def _whose(driver_id: str | None) -> str:
    return "" if driver_id is None else f"?driver_id={quote(driver_id, safe='')}"


def _of_operator(
    point_id: str, action: CreatePoint | ChangePoint | ReportFault | ClearFault
) -> tuple[str, str, dict[str, Any]]:
    path = f"/v1/points/{point_id}"
    match action:
        case CreatePoint():
            spec = {name: value for name, value in spec_json(action.spec).items() if value is not None}
            return "POST", "/v1/points", {"id": point_id, **spec}
        case ReportFault():
            return "PATCH", path, {"fault": action.description}
        case ClearFault():
            return "PATCH", path, {"fault": ""}
        case ChangePoint():
            assert action.spec is None, "a points file is its own node's"
            return "PATCH", path, _changes(action)


def _of_trip(node_id: str, action: TripAction) -> tuple[str, str, dict[str, Any] | None]:
    match action:
        case PlanTrip():
            stops = [_stop_body(stop) for stop in action.stops]
            return "POST", "/v1/trips", {"driver_id": action.driver_id, "stops": stops, "coordinator": node_id}
        case CancelTrip():
            return "DELETE", f"/v1/trips/{action.trip_id}{_whose(action.driver_id)}", None
        case ReadTrip():
            return "GET", f"/v1/trips/{action.trip_id}{_whose(action.driver_id)}", None
        case ReadDecision():
            return "GET", f"/v1/trips/{action.trip_id}/decision?reservation_id={action.reservation_id}", None
        case ReadStop():
            return "GET", f"/v1/stops?point_id={action.point_id}&trip_id={action.trip_id}", None


def _stop_body(stop: StopWish) -> dict[str, Any]:
    window = {"start_ms": stop.start_ms, "end_ms": stop.end_ms}
    if stop.near is not None:
        return window | {"near": asdict(stop.near)}
    return window | ({"point_id": stop.points[0]} if len(stop.points) == 1 else {"any_of": list(stop.points)})


def _of_query(point_id: str, query: Query) -> tuple[str, str, dict[str, Any] | None]:
    if isinstance(query, Ping):
        return "POST", "/v1/ping", {"tidings": TIDINGS.dump_python(query.tidings, mode="json"), "reach": query.reach}
    return "GET", _query_path(point_id, query), None


def _query_path(point_id: str, query: Query) -> str:
    match query:
        case ReadPoint():
            return f"/v1/points/{point_id}?fresh=true"
        case ReadCalendar():
            span = f"from_ms={query.from_ms}&until_ms={query.until_ms}&limit={query.limit}"
            return f"/v1/points/{point_id}/calendar?{span}&fresh=true"
        case ReadReservation():
            return f"/v1/reservations/{query.reservation_id}{_whose(query.driver_id)}"
        case ReadSession():
            return f"/v1/sessions/{query.session_id}{_whose(query.driver_id)}"
        case FindPoints():
            return f"/v1/points?node={point_id}&name={quote(query.name, safe='')}"
        case ReadJournal():
            return f"/v1/journal?node={point_id}&after={query.after_ver}&limit={query.limit}"
        case ReadSnapshot():
            after = f"&after={query.after}" if query.after else ""
            return f"/v1/snapshot?node={point_id}{after}&limit={query.limit}"
        case ReadHeld():
            return f"/v1/{query.kind}?{urlencode(_held_query(point_id, query))}"
        case ReadAttested():
            return f"/v1/attested?node={point_id}&of={query.of}"
        case Ping():
            raise AssertionError("a ping is posted")


def _held_query(node_id: str, query: ReadHeld) -> dict[str, str | int]:
    told: dict[str, str | int | None] = {"node": node_id, "driver_id": query.driver_id, "point_id": query.point_id}
    if query.is_active is not None:
        told["active"] = str(query.is_active).lower()
    told["cursor"] = None if query.before is None else f"{query.before[0]}_{query.before[1]}"
    return {name: value for name, value in told.items() if value is not None} | {"limit": query.limit}


def _changes(change: ChangePoint) -> dict[str, Any]:
    return {
        "name": change.name,
        "price_per_kwh_minor": change.price_per_kwh_minor,
        "terms": dict(change.terms),
        "maintenance": change.maintenance,
    }
