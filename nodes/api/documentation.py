"""What the OpenAPI document says beyond the code: problems per operation, headers, examples."""

from typing import Any

from nodes.api.answers import ProblemAnswer
from nodes.api.credentials import COOKIE
from nodes.auth.permissions import permitted
from nodes.principal import Role
from nodes.problems import PROBLEMS, ProblemType

Responses = dict[int | str, dict[str, Any]]

DESCRIPTION = """
A node of a Recarga charging network. It owns charging points, takes reservations and charging sessions for them, and
hands requests for other nodes' points on to their owner. Any node serves any point.

* **Times** are integers, milliseconds since the Unix epoch (`*_ms`); windows are half-open `[start, end)`. Request
  fields for people (`start`, `end`, `free_from`…) also take RFC 3339.
* **Energy** is in Wh, **power** in W, **money** in the currency's minor unit; all are integers.
* **An answer with status 2xx is on disk.** It survives the death of the node.
* **Retry with the same `Idempotency-Key`** after a timeout, a broken connection, 429, 503 or 504: the request takes
  effect once, and the answer is the first one, for 24 hours.
* **Errors** are problem details (RFC 9457). `outcome` says whether the request may still have taken effect.
* **`ETag`** is the point's version (`witness`); send it as `If-Match` to act only on what you have seen.
* **Who may do what** stands beside each operation (`x-roles`). Where the node has keys, send a token:
  `Authorization: Bearer …`. To a driver others' reservations, sessions and trips are as if they did not exist.
"""

_BEARER = "A token, from `recarga token`. A node without keys asks for none and lets everybody do all."
_COOKIE = (
    "A browser's, from `POST /v1/session`; its name ends with the port in the address bar. "
    "With it, what is no GET or HEAD carries `Recarga-Client: web`."
)

_BY_SLUG = {kind.slug: kind for kind in PROBLEMS}
_ALWAYS = (
    "invalid-request",
    "bad-request",
    "unauthenticated",
    "forbidden",
    "too-many-requests",
    "node-busy",
    "draining",
    "superseded",
    "store-failed",
    "internal-error",
)
_COMMAND = (
    "precondition-failed",
    "precondition-invalid",
    "idempotency-key-invalid",
    "idempotency-key-reused",
    "body-too-large",
)
_FORWARDED = (
    "point-busy",
    "owner-unreachable",
    "forked",
    "owner-timeout",
    "misdirected",
    "untrusted-node",
    "stale-epoch",
    "unknown-node",
    "deadline-passed",
    "deadline-exceeded",
)

KEY_HEADER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "any text of 1 to 128 printable ASCII characters, new for each new request; the same for its retries",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[ -~]+$"},
    "example": "7f0c2f6e-8a52-4d0e-9e64-2b7a3b1f9c11",
}
IF_MATCH_HEADER: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "act only if this is the point's `ETag`",
    "schema": {"type": "string", "pattern": r'^"[0-9]{1,15}-[0-9]{1,15}"$'},
    "example": '"2-17"',
}
TIMEOUT_HEADER: dict[str, Any] = {
    "name": "Recarga-Timeout-Ms",
    "in": "header",
    "required": False,
    "description": "how long you wait, in milliseconds from now; what is less or more is taken as the nearest",
    "schema": {"type": "integer", "minimum": 1_000, "maximum": 60_000},
    "example": 5_000,
}
TIMING_HEADER: dict[str, Any] = {
    "name": "Recarga-Timing",
    "in": "header",
    "required": False,
    "description": (
        "`?1`: say in `Server-Timing` where the time went: `queue` (until it was taken up), `decide`, `write` (until it was"
        " on disk), `forward` (between nodes; of a trip also waiting for the owners of its stops, once where several are"
        " waited for at a time)"
    ),
    "schema": {"type": "string", "const": "?1"},
    "example": "?1",
}
FORWARDED_HEADER: dict[str, Any] = {
    "name": "Recarga-Forwarded-By",
    "in": "header",
    "required": False,
    "description": "the node that asks",
    "schema": {"type": "string"},
    "example": "server1",
}
EPOCH_HEADER: dict[str, Any] = {
    "name": "Recarga-Epoch",
    "in": "header",
    "required": False,
    "description": "that node's epoch: what comes from an earlier one is refused",
    "schema": {"type": "integer", "minimum": 0},
    "example": 3,
}
_ETAG = {"ETag": {"description": "the point's version", "schema": {"type": "string"}}}
_LINK = {"Link": {"description": 'the next page (RFC 8288, `rel="next"`), if any', "schema": {"type": "string"}}}
_LOCATION = {"Location": {"description": "where it is found", "schema": {"type": "string"}}}


def command_docs(*, needs_key: bool = False) -> dict[str, Any]:
    """Return the OpenAPI additions of an operation that changes a point."""
    return {"parameters": [KEY_HEADER | {"required": needs_key}, IF_MATCH_HEADER, TIMEOUT_HEADER, TIMING_HEADER]}


def query_docs() -> dict[str, Any]:
    """Return the OpenAPI additions of an operation that reads a point."""
    return {"parameters": [TIMEOUT_HEADER, TIMING_HEADER]}


def success(model: Any, status: int = 200, description: str = "Done", *, point: bool = True) -> Responses:
    """Return the documentation of a success. ``point``: it carries the version of a point."""
    headers = (_ETAG if point else {}) | (_LOCATION if status == 201 else {})
    return {status: {"model": model, "description": description, "headers": headers}}


def listed(model: Any) -> Responses:
    """Return the documentation of a page of a list."""
    return {200: {"model": model, "description": "Done", "headers": _LINK}}


def nothing(description: str) -> Responses:
    """Return the documentation of a success that has nothing to tell."""
    return {204: {"description": description}}


def problems(*slugs: str, command: bool = False, forwarded: bool = True) -> Responses:
    """Return the documentation of an operation's problems.

    Those named, those that every operation can meet, and those of every ``command`` and of whatever is ``forwarded``.
    """
    every = (*slugs, *_ALWAYS, *(_COMMAND if command else ()), *(_FORWARDED if forwarded else ()))
    by_status: dict[int, list[ProblemType]] = {}
    for slug in dict.fromkeys(every):
        by_status.setdefault(_BY_SLUG[slug].status, []).append(_BY_SLUG[slug])
    return {status: _problem_response(kinds) for status, kinds in sorted(by_status.items())}


def _problem_response(kinds: list[ProblemType]) -> dict[str, Any]:
    examples = {
        kind.slug: {
            "summary": kind.title,
            "value": {
                "type": kind.uri,
                "title": kind.title,
                "status": kind.status,
                "detail": f"{kind.title}.",
                "outcome": kind.outcome,
            },
        }
        for kind in kinds
    }
    content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}, "examples": examples}
    retry = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "integer"}}}
    return {
        "description": " · ".join(kind.title for kind in kinds),
        "content": {"application/problem+json": content},
        "headers": retry if kinds[0].status in (429, 503) else {},
    }


def add_security(document: dict[str, Any]) -> None:
    """Say how to sign in, and for each operation who may use it."""
    document.setdefault("components", {})["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": _BEARER},
        "cookie": {"type": "apiKey", "in": "cookie", "name": f"{COOKIE}80", "description": _COOKIE},
    }
    for path in document["paths"].values():
        for operation in path.values():
            roles = permitted(operation["operationId"])
            is_open = Role.GUEST in roles
            operation["security"] = [] if is_open else [{"bearer": []}, {"cookie": []}]
            operation["x-roles"] = [] if is_open else sorted(roles)


def add_problem_schema(document: dict[str, Any]) -> None:
    """Put the schema of problem details where the responses look for it."""
    schema = ProblemAnswer.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= schema.pop("$defs", {}) | {"ProblemAnswer": schema}
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
