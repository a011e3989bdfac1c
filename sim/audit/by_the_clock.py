"""Part of P5: refusals that hang on the owner's clock. No witness tells what it said, but the history tells when it was asked.

Only where the clock is known: it was never bent, and the run says where it stood at the end.
"""

from collections.abc import Callable

from sim.audit.circumstances import Circumstances
from sim.audit.civil_time import civil
from sim.audit.operation import Operation
from sim.audit.point_state import PointState
from sim.audit.requests import Request

_UNSURE_MS = 1_000
"""What the times of the history and a clock may differ by, beside the skew that the end shows."""

Span = tuple[int, int]
"""The earliest and the latest time that the owner's clock may have said when it decided."""


def decided_between(circumstances: Circumstances, request: Request, operation: Operation) -> Span | None:
    """Return when the owner decided what the operation was told, by the owner's clock; None: that is not known.

    A retry may be told what was decided at the first attempt.
    """
    owner = (operation.point or "").partition(".")[0]
    told_ms, ended_ms = circumstances.clocks_ms.get(owner), circumstances.civil_ms(circumstances.end_ns)
    from_ms, until_ms = (
        circumstances.civil_ms(request.attempts[0].time_ns),
        circumstances.civil_ms(operation.end_ns or 0),
    )
    if owner in circumstances.bent_clocks() or told_ms is None or operation.end_ns is None:
        return None
    if ended_ms is None or from_ms is None or until_ms is None:
        return None
    skew_ms = told_ms - ended_ms
    return from_ms + skew_ms - _UNSURE_MS, until_ms + skew_ms + _UNSURE_MS


def objection_by_the_clock(state: PointState, operation: Operation, decided: Span) -> str | None:
    """Say why a refusal cannot have been due then. ``operation.error`` is one of ``TIMED``."""
    assert operation.error is not None
    return _REFUSALS[operation.error](state, operation, decided)


def _window_in_past(_: PointState, operation: Operation, decided: Span) -> str | None:
    start_ms = operation.asked.get("start_ms")
    if not isinstance(start_ms, int) or start_ms <= decided[1]:
        return None
    return f"the window begins at {civil(start_ms)}, and it was {civil(decided[1])} at the latest"


def _window_beyond_horizon(state: PointState, operation: Operation, decided: Span) -> str | None:
    start_ms = operation.asked.get("start_ms")
    if not isinstance(start_ms, int) or start_ms > (latest_ms := decided[0] + state.horizon_ms):
        return None
    return f"the window begins at {civil(start_ms)}, and windows until {civil(latest_ms)} at the least were taken"


def _too_late_to_cancel(state: PointState, operation: Operation, decided: Span) -> str | None:
    held = state.reservations.get(operation.subject or "")
    if held is None or decided[1] >= (until_ms := state.cancel_until_ms(held)):
        return None
    return f"{held.id} could be given back until {civil(until_ms)}, and it was {civil(decided[1])} at the latest"


def _too_early_to_start(state: PointState, operation: Operation, decided: Span) -> str | None:
    held = state.reservations.get(operation.subject or "")
    if held is None or decided[0] < (from_ms := state.start_from_ms(held)):
        return None
    return f"{held.id} could be used from {civil(from_ms)} on, and it was {civil(decided[0])} at the earliest"


_REFUSALS: dict[str, Callable[[PointState, Operation, Span], str | None]] = {
    "window-in-past": _window_in_past,
    "window-beyond-horizon": _window_beyond_horizon,
    "too-late-to-cancel": _too_late_to_cancel,
    "too-early-to-start": _too_early_to_start,
}
TIMED = frozenset(_REFUSALS)
"""The refusals that can be held against a time."""
