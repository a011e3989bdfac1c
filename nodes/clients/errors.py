"""Every error a client raises.

::

    ClientError
      BadInput                 what was said cannot be meant
      Unreachable              no node answered in time; ``outcome`` says whether what was asked may have been done
      StrangeAnswer            who answered is no node
      Problem                  a node's own word (RFC 9457)
        Refused                not as things are: taken, too late, in use, over (409, 410, 412)
        NotFound               there is no such thing (404)
        NotAllowed             not signed in, or not allowed to (401, 403)
        Invalid                the request is not right (other 4xx)
        Passing                nobody decided, for now; it was asked again until the time was over (429, 502, 503, 504)
        Mistake                the node's own (other 5xx)
"""

from typing import Any

from nodes.errors import RecargaError

PROBLEM_PREFIX = "urn:recarga:problem:"
OUTCOME_NONE, OUTCOME_UNKNOWN = "none", "unknown"
PASSING_STATUSES = frozenset({429, 502, 503, 504})
"""Answers that mean: not now. The 502 is a proxy's."""


class ClientError(RecargaError):
    """Root of all errors of a client."""


class BadInput(ClientError):
    """What was said cannot be meant."""


class Unreachable(ClientError):
    """No node answered in time. ``outcome``: ``none`` (nothing was done) or ``unknown`` (ask again with ``key``)."""

    def __init__(self, detail: str, *, outcome: str = OUTCOME_NONE, key: str | None = None) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.key = key


class StrangeAnswer(ClientError):
    """Who answered is no node, or one that speaks otherwise."""


class Problem(ClientError):
    """What a node says went wrong. ``kind`` is the end of its type's URI, ``body`` the whole object."""

    def __init__(self, status: int, body: dict[str, Any], retry_after_s: int | None = None) -> None:
        self.status = status
        self.body = body
        self.retry_after_s = retry_after_s
        self.kind = str(body.get("type", "")).removeprefix(PROBLEM_PREFIX)
        self.outcome = str(body.get("outcome", OUTCOME_UNKNOWN if status >= 500 else OUTCOME_NONE))
        self.key: str | None = None
        super().__init__(str(body.get("detail") or body.get("title") or f"status {status}"))

    @property
    def alternative(self) -> tuple[int, int] | None:
        """The next free window that a refusal names, ``(start_ms, end_ms)``."""
        start_ms, end_ms = self.body.get("next_free_start_ms"), self.body.get("next_free_end_ms")
        return (start_ms, end_ms) if isinstance(start_ms, int) and isinstance(end_ms, int) else None

    @property
    def stop(self) -> int | None:
        """Which stop of a trip it is about, from 0."""
        stop = self.body.get("stop")
        return stop if isinstance(stop, int) else None


class Refused(Problem):
    """Not as things are."""


class NotFound(Problem):
    """There is no such thing, or it is not yours."""


class NotAllowed(Problem):
    """Not signed in, or not allowed to."""


class Invalid(Problem):
    """The request is not right."""


class Passing(Problem):
    """Nobody decided, for now."""


class Mistake(Problem):
    """The node's own."""


def problem_from(status: int, body: dict[str, Any], retry_after_s: int | None) -> Problem:
    """Return the error that an answer with a status from 400 on is."""
    return _class_of(status)(status, body, retry_after_s)


def _class_of(status: int) -> type[Problem]:
    if status in (401, 403):
        return NotAllowed
    if status == 404:
        return NotFound
    if status in (409, 410, 412):
        return Refused
    if status in PASSING_STATUSES:
        return Passing
    return Invalid if status < 500 else Mistake
