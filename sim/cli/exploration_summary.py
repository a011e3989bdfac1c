"""What an exploration came to, for people."""

from collections.abc import Mapping
from typing import Any

from sim.explore.simpler import settings_of
from sim.explore.tally import Tally
from sim.report.wording import count

_FAILED_SHOWN = 20
_NOT_FAULTS = ("requests", "messages", "vehicles", "commits", "starts", "callbacks")
_OF_MESSAGES = ("lost", "duplicated", "reordered", "cut")


def summary(tally: Tally) -> list[str]:
    """Return what was played, how fast, and what it suffered."""
    failed, figures = len(tally.failed), tally.figures
    shown = ", ".join(map(str, tally.failed[:_FAILED_SHOWN])) + (", …" if failed > _FAILED_SHOWN else "")
    without_audit = f"{tally.times_the_clock_without_audit:,.0f} x without the audit"
    speed = f"{tally.times_the_clock:,.0f} x the clock per CPU-second ({without_audit})"
    lines = [
        f"{count(tally.seeds, 'seed')}, {failed:,} failed" + (f" ({shown})" if failed else ""),
        f"{tally.virtual_s / 3_600:,.1f} virtual hours in {tally.cpu_s:,.1f} CPU-seconds: {speed}",
    ]
    if agreed := tally.convergence_ms:
        lines.append(
            f"{agreed['views']:,} views agreed with their owners after {agreed['p50'] / 1000:.1f} s (median), "
            f"{agreed['p99'] / 1000:.1f} s (99 %), {agreed['max'] / 1000:.1f} s at the most"
        )
    if figures:
        messages = ", ".join(f"{figures[name]:,} {name}" for name in _OF_MESSAGES if figures[name])
        crashes = figures["crash"] + figures["crash_at_commit"] + figures["crash_at_answer"]
        lines.append(
            f"{figures['vehicles']:,} vehicles, {figures['requests']:,} requests, {figures['commits']:,} commits, "
            f"{figures['messages']:,} messages" + (f" ({messages})" if messages else "")
        )
        lines.append(
            f"{crashes:,} crashes, {figures['partition'] + figures['one_way']:,} partitions; {_others(figures)}"
        )
    return lines


def settings_line(data: Mapping[str, Any]) -> list[str]:
    """Return what a shrunk scenario's virtual world still needs, if anything."""
    virtual = data.get("virtual") or {}
    needed = [f"{name} {virtual[name]}" if name in virtual else name for name in settings_of(dict(data))]
    return [f"  what it takes: {', '.join(needed)}"] if needed else []


def _others(figures: Mapping[str, int]) -> str:
    told = {name: count for name, count in sorted(figures.items()) if count and name not in _NOT_FAULTS + _OF_MESSAGES}
    return ", ".join(f"{name} {count:,}" for name, count in told.items())
