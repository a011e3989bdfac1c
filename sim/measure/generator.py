"""Whether the load was what the scenario says. If it was not, the run proves nothing."""

from dataclasses import dataclass

from sim.measure.course import RunEnd

PASS = "PASS"  # noqa: S105 - no password
INVALID = "INVALID"


@dataclass(frozen=True, slots=True)
class GeneratorHealth:
    """How well the generator kept time. ``verdict``: ``PASS`` or ``INVALID``."""

    verdict: str
    reasons: list[str]
    """Why it is invalid, in words."""
    late_ms_p99: float | None
    late_ms_max: float | None
    late_ms_p99_max: float | None
    """The limit."""
    unfinished: int | None
    """Vehicles that were not sent off, or not done, when the run ended."""


def generator_health(end: RunEnd | None, vehicles: int) -> GeneratorHealth:
    """Judge the generator by what it says at the end."""
    if end is None:
        reasons = ["the history has no end line: the run was interrupted"]
        return GeneratorHealth(INVALID, reasons, None, None, None, None)
    reasons = []
    if end.late_ms_p99 > end.late_ms_p99_max:
        reasons.append(
            f"one request in a hundred was sent {end.late_ms_p99:,.0f} ms late or more, "
            f"where the scenario allows {end.late_ms_p99_max:,.0f} ms"
        )
    if end.unfinished > 0 and end.aborted_by is None:
        reasons.append(f"{end.unfinished:,} of {vehicles:,} vehicles were not done when the run ended")
    verdict = INVALID if reasons else PASS
    return GeneratorHealth(
        verdict, reasons, end.late_ms_p99, end.late_ms_max, end.late_ms_p99_max, unfinished=end.unfinished
    )
