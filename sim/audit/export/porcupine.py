"""JSON lines for Porcupine: one object an operation, with the members of its Go type ``Operation``."""

from collections.abc import Iterator
from typing import Any

import orjson

from sim.audit.evidence import Evidence
from sim.audit.requests import Request


def porcupine_lines(evidence: Evidence) -> Iterator[str]:
    """Yield one request a line, in the order in which they were first asked."""
    operations = evidence.history.operations
    last = max((operation.end_index or operation.index for operation in operations), default=0)
    for request in evidence.requests:
        if request.attempts[0].point is not None:
            yield orjson.dumps(_operation(request, last)).decode()


def _operation(request: Request, last: int) -> dict[str, Any]:
    """Return a request: one operation, however often it had to be asked."""
    first = request.attempts[0]
    told = request.decisions[0] if request.decisions else request.attempts[-1]
    unknown = not request.decisions and request.may_have_acted
    output: dict[str, Any] = {"outcome": "info" if unknown else told.outcome}
    if not unknown:
        output |= {"error": told.error, "status": told.status, "witness": told.witness, "value": told.told}
    return {
        "ClientId": first.process,
        "Input": {"f": first.f, "point": first.point, "key": request.key, "value": first.asked},
        "Call": first.index,
        "Output": output,
        "Return": last if unknown or told.end_index is None else told.end_index,
    }
