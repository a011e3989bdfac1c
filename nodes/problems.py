"""Every way a request can fail, as a problem of RFC 9457: one type per class of refusal or error.

``python -m nodes.problems`` prints ``docs/problems.md``.
"""

from dataclasses import dataclass, fields
from typing import Any

import orjson

from nodes import errors
from nodes.domain import refusals
from nodes.domain.refusals import Refusal
from nodes.records import Answer, Witness
from nodes.representation import json_bytes

TYPE_PREFIX = "urn:recarga:problem:"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One problem type. ``outcome``: ``none`` (nothing was or will be done) or ``unknown`` (ask again with the same key)."""

    slug: str
    status: int
    title: str
    outcome: str = "none"

    @property
    def uri(self) -> str:
        """The problem's ``type``."""
        return TYPE_PREFIX + self.slug


_REFUSALS: dict[type[Refusal], ProblemType] = {
    refusals.UnknownPoint: ProblemType("unknown-point", 404, "There is no such point"),
    refusals.PointExists: ProblemType("point-exists", 409, "The point exists already"),
    refusals.PointInvalid: ProblemType("point-invalid", 422, "The point cannot be described like that"),
    refusals.PointUnavailable: ProblemType("point-unavailable", 409, "The point is out of service"),
    refusals.PointOccupied: ProblemType("point-occupied", 409, "The point is in use"),
    refusals.WindowInvalid: ProblemType("window-invalid", 422, "The window does not end after it starts"),
    refusals.WindowInPast: ProblemType("window-in-past", 422, "The window starts in the past"),
    refusals.WindowTooShort: ProblemType("window-too-short", 422, "The window is too short"),
    refusals.WindowTooLong: ProblemType("window-too-long", 422, "The window is too long"),
    refusals.WindowBeyondHorizon: ProblemType("window-beyond-horizon", 422, "The window is too far ahead"),
    refusals.WindowTaken: ProblemType("window-taken", 409, "The window is taken"),
    refusals.UnknownReservation: ProblemType("unknown-reservation", 404, "There is no such reservation"),
    refusals.ReservationPending: ProblemType("reservation-pending", 409, "The reservation's trip is not decided yet"),
    refusals.ReservationOver: ProblemType("reservation-over", 409, "The reservation's status does not allow this"),
    refusals.TooLateToCancel: ProblemType("too-late-to-cancel", 409, "It is too late to cancel"),
    refusals.TooEarlyToStart: ProblemType("too-early-to-start", 409, "It is too early to start"),
    refusals.UnknownSession: ProblemType("unknown-session", 404, "There is no such session"),
    refusals.SessionOver: ProblemType("session-over", 409, "The session has ended"),
    refusals.MeterWentBack: ProblemType("meter-went-back", 409, "The meter cannot go back"),
    refusals.EnergyImplausible: ProblemType("energy-implausible", 422, "The energy is more than can have flowed"),
}

STALE_EPOCH = ProblemType("stale-epoch", 409, "The node that asks was started anew since")
FORKED = ProblemType("forked", 503, "The node runs on an old copy of its history")

UNAUTHENTICATED = ProblemType("unauthenticated", 401, "Sign in, or show a token that counts")
UNTRUSTED_NODE = ProblemType("untrusted-node", 401, "It says that a node asks, and no node's token does")
FORBIDDEN = ProblemType("forbidden", 403, "Who asks may not do that")

_ERRORS: dict[type[errors.RecargaError], ProblemType] = {
    errors.Unauthenticated: UNAUTHENTICATED,
    errors.UntrustedNode: UNTRUSTED_NODE,
    errors.Forbidden: FORBIDDEN,
    errors.TooManyRequests: ProblemType("too-many-requests", 429, "The caller asks too often"),
    errors.PointBusy: ProblemType("point-busy", 429, "Too many requests wait for this point"),
    errors.NodeBusy: ProblemType("node-busy", 503, "The node is overloaded"),
    errors.Draining: ProblemType("draining", 503, "The node is stopping"),
    errors.Superseded: ProblemType("superseded", 503, "The node serves elsewhere, and this process is its past"),
    errors.StaleEpoch: STALE_EPOCH,
    errors.PeerUnreachable: ProblemType("owner-unreachable", 503, "The node that owns this cannot be reached"),
    errors.Forked: FORKED,
    errors.PeerTimeout: ProblemType("owner-timeout", 504, "The node that owns this did not answer in time", "unknown"),
    errors.StoreError: ProblemType("store-failed", 503, "The node's database failed", "unknown"),
}

DEADLINE_NOT_STARTED = ProblemType("deadline-passed", 503, "The request's time was over before it was begun")
DEADLINE_STARTED = ProblemType("deadline-exceeded", 504, "The request's time was over before it was done", "unknown")
INVALID_REQUEST = ProblemType("invalid-request", 422, "The request is not valid")
KEY_MISSING = ProblemType("idempotency-key-missing", 400, "An Idempotency-Key header is required")
KEY_INVALID = ProblemType("idempotency-key-invalid", 400, "The Idempotency-Key header is not valid")
KEY_REUSED = ProblemType("idempotency-key-reused", 422, "The Idempotency-Key was used for another request")
PRECONDITION_FAILED = ProblemType("precondition-failed", 412, "The point has changed since")
PRECONDITION_INVALID = ProblemType("precondition-invalid", 400, "The If-Match header is not valid")
MISDIRECTED = ProblemType("misdirected", 421, "This node does not own that, and the request was forwarded already")
JOURNAL_TRIMMED = ProblemType("journal-trimmed", 410, "The journal does not go back that far any more")
UNKNOWN_NODE = ProblemType("unknown-node", 404, "There is no such node in sight")
UNKNOWN_TRIP = ProblemType("unknown-trip", 404, "There is no such trip")
TRIP_PENDING = ProblemType("trip-pending", 409, "The trip is not decided yet")
TRIP_ABORTED = ProblemType("trip-aborted", 409, "The trip was given up, and nothing of it is reserved")
TRIP_OVER = ProblemType("trip-over", 409, "There is nothing of the trip to give back")
STOPS_OVERLAP = ProblemType("stops-overlap", 422, "The stops of the trip are not one after the other")
COORDINATOR_MISSING = ProblemType("coordinator-missing", 422, "The trip names neither a point nor a coordinator")
NO_POINT_FITS = ProblemType("no-point-fits", 409, "No point near there could be had")
NODE_ALIVE = ProblemType("node-alive", 409, "The node is there, or may be")
BODY_TOO_LARGE = ProblemType("body-too-large", 413, "The request body is too large")
NOT_FOUND = ProblemType("not-found", 404, "There is nothing at this path")
METHOD_NOT_ALLOWED = ProblemType("method-not-allowed", 405, "This path does not take this method")
BAD_REQUEST = ProblemType("bad-request", 400, "The request is malformed")
INTERNAL_ERROR = ProblemType("internal-error", 500, "The node made a mistake", "unknown")

PROBLEMS: tuple[ProblemType, ...] = (
    *_REFUSALS.values(),
    *_ERRORS.values(),
    DEADLINE_NOT_STARTED,
    DEADLINE_STARTED,
    INVALID_REQUEST,
    KEY_MISSING,
    KEY_INVALID,
    KEY_REUSED,
    PRECONDITION_FAILED,
    PRECONDITION_INVALID,
    MISDIRECTED,
    JOURNAL_TRIMMED,
    UNKNOWN_NODE,
    UNKNOWN_TRIP,
    TRIP_PENDING,
    TRIP_ABORTED,
    TRIP_OVER,
    STOPS_OVERLAP,
    COORDINATOR_MISSING,
    NO_POINT_FITS,
    NODE_ALIVE,
    BODY_TOO_LARGE,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    BAD_REQUEST,
    INTERNAL_ERROR,
)
"""Every problem type, in the order of the documentation."""


def problem(
    kind: ProblemType,
    detail: str,
    *,
    witness: Witness | None = None,
    retry_after_s: int | None = None,
    **members: Any,
) -> Answer:
    """Return the answer that states a problem. ``members`` are added to the JSON object."""
    body: dict[str, Any] = {
        "type": kind.uri,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "outcome": kind.outcome,
        **members,
    }
    if witness is not None:
        body["witness"] = witness
    if retry_after_s is not None:
        body["retry_after_s"] = retry_after_s
    return Answer(kind.status, json_bytes(body), witness, retry_after_s=retry_after_s)


def refusal_answer(refusal: Refusal, witness: Witness | None) -> Answer:
    """Return the answer that states a refusal; the refusal's fields become members of the problem."""
    members = {field.name: getattr(refusal, field.name) for field in fields(refusal)}
    return problem(_REFUSALS[type(refusal)], str(refusal), witness=witness, **members)


def is_refusal(answer: Answer, *kinds: type[Refusal]) -> bool:
    """Whether the answer states a refusal of one of these kinds."""
    return answer.status >= 400 and orjson.loads(answer.body).get("type") in {_REFUSALS[kind].uri for kind in kinds}


def is_problem(answer: Answer, kind: ProblemType) -> bool:
    """Whether the answer states a problem of this kind. What answers may be anybody: it need be no JSON."""
    if answer.status != kind.status:
        return False
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return False
    return isinstance(body, dict) and body.get("type") == kind.uri


def error_answer(error: errors.RecargaError) -> Answer:
    """Return the answer that states an error."""
    if isinstance(error, errors.DeadlineExceeded):
        kind = DEADLINE_STARTED if error.started else DEADLINE_NOT_STARTED
        return problem(kind, str(error), retry_after_s=error.retry_after_s)
    if isinstance(error, errors.StoreError):
        return problem(_ERRORS[errors.StoreError], "the node stops; ask again with the same key", retry_after_s=5)
    if isinstance(error, errors.StaleEpoch):
        return problem(_ERRORS[errors.StaleEpoch], str(error), epoch=error.epoch, vouched=error.vouched)
    if isinstance(error, (errors.Unauthenticated, errors.UntrustedNode, errors.Forbidden)):
        return problem(_ERRORS[type(error)], str(error))  # to wait helps nobody
    retry_after_s = error.retry_after_s if isinstance(error, errors.RequestError) else None
    return problem(_ERRORS[type(error)], str(error), retry_after_s=retry_after_s)


def _page() -> str:
    """Return the documentation of all problem types."""
    lines = [
        "# Problems",
        "",
        "Every error is a problem of RFC 9457 (`application/problem+json`). Its `type` is stable; its `detail` is for",
        "people; `outcome` says whether the request may still have taken effect:",
        "",
        "* `none`: nothing was done, and nothing will be;",
        "* `unknown`: ask again with the same `Idempotency-Key` and you learn it.",
        "",
        "The fields of a refusal (`next_free_start_ms`, `cancel_until_ms`, …) stand beside the five standard members, and",
        "`witness` is the version of the point that refused.",
        "",
        "| type | status | outcome | meaning |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{kind.uri}` | {kind.status} | {kind.outcome} | {kind.title} |" for kind in PROBLEMS]
    return "\n".join(lines)


if __name__ == "__main__":
    print(_page())
