"""Limits that end a run: measured while it goes on, by the same measures as its report."""

from collections.abc import Generator
from typing import Any

from simpy import Environment
from simpy.events import Event

from sim.history import Json
from sim.measure.limits import FAIL, Measured, judge_limit
from sim.measure.recording import Recorder
from sim.scenario.schema import Scenario

_CHECKS = 200
"""In a run; each sorts what there is."""


class LimitWatch:
    """Hears every line of the history, and says when a limit with ``abort_after_s`` does not hold any more.

    Costs nothing in a scenario that has none.
    """

    def __init__(self, scenario: Scenario, environment: Environment) -> None:
        self._limits = [limit for limit in scenario.slo if limit.abort_after_s is not None]
        self._environment = environment
        self._every_s = max(1.0, scenario.time.duration_s / _CHECKS)
        self._recorder: Recorder | None = None
        self._ended = environment.event()
        self.aborted_by: str | None = None
        """The limit that ended the run."""

    def hear(self, line: Json) -> None:
        """Take a line of the history."""
        if not self._limits:
            return
        if self._recorder is None:
            self._recorder = Recorder(line)
        else:
            self._recorder.take(line)

    def start(self) -> None:
        """Begin to measure."""
        if self._limits:
            self._environment.process(self._watch())

    def or_ended(self, event: Event) -> Event:
        """Return an event that happens with that one, or when the run is to end."""
        return event | self._ended if self._limits else event

    def _watch(self) -> Generator[Event, Any, None]:
        while self.aborted_by is None:
            yield self._environment.timeout(self._every_s)
            self._check()

    def _check(self) -> None:
        if self._recorder is None:
            return
        measured = Measured(self._recorder.recording)
        for limit in self._limits:
            assert limit.abort_after_s is not None
            if self._environment.now >= limit.abort_after_s and judge_limit(limit, measured).verdict == FAIL:
                self.aborted_by = limit.limit
                self._ended.succeed()
                return
