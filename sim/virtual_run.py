"""One run of a scenario in virtual time, in this process: the same scenario gives the same run, to the last message."""

import asyncio
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from simpy import Environment
from simpy.events import Event

from sim.aftermath import Aftermath
from sim.engine.few_collections import few_collections
from sim.engine.loop import VirtualLoop
from sim.engine.randomness import Randomness
from sim.engine.trace import Trace
from sim.engine.virtual_bridge import VirtualBridge
from sim.faults.plan import plan_faults
from sim.fleet.crowds import Crowds
from sim.fleet.desk import Desk, Identity
from sim.fleet.fleet import Fleet
from sim.fleet.nuisance import Nuisance
from sim.fleet.operator import Operator
from sim.fleet.watcher import Watcher
from sim.history import HistoryWriter
from sim.limit_watch import LimitWatch
from sim.progress import OnProgress, Progress
from sim.run_folder import RunFolder
from sim.run_record import RunRecord
from sim.scenario.faults import Fault
from sim.scenario.load import LoadedScenario
from sim.worlds.virtual.agreement import agreement
from sim.worlds.virtual.node_log import node_log
from sim.worlds.virtual.world import VirtualWorld

_BEFORE_S = 60.0
"""Virtual time before the scenario begins, in which the network starts and its nodes come to know each other."""
_LAST_CALL_S = 300.0
"""What vehicles get to unplug after the run has closed."""
_PROGRESS_STEPS = 200
_READS_AT_ONCE = 50
_SETTLING_S = 60.0
"""After all is mended and every node is back: from then on whoever asks must come to an answer (``sim.audit.progress``)."""


@dataclass(frozen=True, slots=True)
class VirtualResult:
    """What a run came to, beside its history."""

    trace_hash: str
    """The same scenario gives the same one, on every supported Python."""
    virtual_s: float
    callbacks: int
    figures: dict[str, int]
    """What was counted: messages, faults by kind, commits, requests."""
    agreed_ms: tuple[int, ...] = ()
    """After how long each view agreed with its owner when nothing was broken or asked any more, rising."""


class VirtualRun:
    """Plays a scenario. ``play`` leaves a history and the nodes' databases in the folder."""

    def __init__(self, loaded: LoadedScenario, folder: RunFolder, command: str, on_progress: OnProgress) -> None:
        """Plan the fleet. Raises ``DocumentError`` for files that the scenario names."""
        self._loaded = loaded
        self._scenario = loaded.scenario
        self._folder = folder
        self._command = command
        self._on_progress = on_progress
        self._fleet = Fleet(loaded.scenario)
        self._randomness = Randomness(loaded.scenario.seed)
        self._environment = Environment(initial_time=-_BEFORE_S)
        shuffle = self._randomness.stream("shuffle") if loaded.scenario.virtual.shuffle else None
        self._trace = Trace()
        self._loop = VirtualLoop(self._environment, shuffle=shuffle, trace=self._trace)  # type: ignore[abstract] # fenced
        self._faults = plan_faults(loaded.scenario)
        self._limits = LimitWatch(loaded.scenario, self._environment)
        self._agreed_ms: tuple[int, ...] = ()

    def play(self, planted: str | None = None) -> VirtualResult:
        """Play. Raises ``LaboratoryError`` for what ends a run before its end; ``planted`` names a bug, for the record."""
        self._folder.write_scenario(self._loaded.resolved)
        self._on_progress(Progress("starting the network", vehicles=self._fleet.size))
        log = node_log(self._folder.nodes / "nodes.log", self._loop)
        with self._folder.history.open("wb") as file, log, few_collections():
            history = HistoryWriter(file, on_line=self._trace.note, on_record=self._limits.hear)
            playing = self._play(history, planted)
            try:
                return self._loop.run_until_complete(playing)
            finally:
                playing.close()  # what ended the loop may have passed it by: its databases are closed, and it says so here

    async def _play(self, history: HistoryWriter, planted: str | None) -> VirtualResult:
        record: RunRecord | None = None

        def on_gauges(node_id: str, told: list[dict[str, Any]]) -> None:
            if record is not None:
                record.gauges(node_id, told)

        def on_copy(key: str) -> None:
            if record is not None:
                record.copy(key)

        world = VirtualWorld(self._scenario, self._fleet.city, self._folder.nodes, self._loop, on_gauges, on_copy)
        try:
            await world.start()
            await world.settled(_BEFORE_S * 0.9)
            await asyncio.sleep(-self._loop.time())
            desk = self._desk(history, world)
            record = RunRecord(self._loaded, self._fleet, desk)
            through_api = self._scenario.virtual.through_api
            record.begin("virtual", self._command, 1.0, through_api=through_api, planted=planted)
            aftermath = Aftermath(desk, self._randomness.stream("aftermath"))
            await self._loop.future_of(self._environment.process(self._course(world, desk, record, aftermath)))
            for node_id, listed in await world.members():
                record.members(node_id, listed)
            await self._last_views(desk)
            await aftermath.ask_everywhere()
            await world.stop()
            return self._result(world, desk, record)
        except BaseException:
            world.abandon()
            raise

    def _desk(self, history: HistoryWriter, world: VirtualWorld) -> Desk:
        return Desk(
            scenario=self._scenario,
            environment=self._environment,
            bridge=VirtualBridge(self._loop),
            target=world.target,
            history=history,
            randomness=self._randomness,
            city=self._fleet.city,
            run_id=f"{self._scenario.seed:x}",
            closing=self._environment.event(),
            scale=1.0,
            fleet_size=self._fleet.numbers,
        )

    def _course(
        self, world: VirtualWorld, desk: Desk, record: RunRecord, aftermath: Aftermath
    ) -> Generator[Event, Any, None]:
        """Break and mend while vehicles come (the safety phase); then let all go on in a healed network."""
        environment, time_spec = self._environment, self._scenario.time
        fleet = self._fleet.start(desk)
        end = self._limits.or_ended(environment.timeout(time_spec.duration_s + time_spec.drain_s))
        self._limits.start()
        faults = [environment.process(self._nemesis(world, record, fault)) for fault in self._faults]
        environment.process(self._tell(record))
        self._watch(desk)
        environment.process(self._crowds(desk).gather())
        operator = self._operator(desk)
        operating = environment.process(operator.operate())
        environment.process(self._nuisance(desk).come())
        healing = environment.process(self._heal(world, record, faults))
        yield fleet | end
        desk.closing.succeed()
        yield fleet | environment.timeout(_LAST_CALL_S)
        yield healing
        yield operating
        yield environment.process(operator.put_in_order())
        yield self._loop.event_of(aftermath.go_on())
        yield self._loop.event_of(self._agree(world, record))

    def _nemesis(self, world: VirtualWorld, record: RunRecord, fault: Fault) -> Generator[Event, Any, None]:
        """Break something at its time, and mend it."""

        async def hold() -> None:
            record.fault(fault, "broken", self._environment.now)
            await asyncio.sleep(fault.for_s)
            record.fault(fault, "mending", self._environment.now)

        yield self._limits.or_ended(self._environment.timeout(fault.at_s))
        if self._limits.aborted_by is not None:
            return
        yield self._loop.event_of(world.inject(fault, hold))
        record.fault(fault, "mended", self._environment.now)

    def _heal(self, world: VirtualWorld, record: RunRecord, faults: list[Any]) -> Generator[Event, Any, None]:
        """End the safety phase when no vehicle comes any more and nothing is broken; wait until all nodes are well."""
        yield self._limits.or_ended(self._environment.timeout(self._scenario.time.duration_s))
        yield self._environment.all_of(faults)
        world.heal()
        record.heal()
        yield self._loop.event_of(world.all_back())
        yield self._environment.timeout(_SETTLING_S)

    async def _agree(self, world: VirtualWorld, record: RunRecord) -> None:
        """Leave the network alone, and note when its views agree."""
        found = await agreement(world.hosts, self._scenario.virtual.settle_s)
        if found:
            self._agreed_ms = tuple(found["after_ms"])
            record.agreement(found)

    def _crowds(self, desk: Desk) -> Crowds:
        virtual, until_s = self._scenario.virtual, self._scenario.time.duration_s
        rng = self._randomness.stream("crowds")
        return Crowds(desk, rng, per_hour=virtual.crowds_per_hour, size=virtual.crowd_size, until_s=until_s)

    def _operator(self, desk: Desk) -> Operator:
        per_hour, until_s = self._scenario.virtual.operator_acts_per_hour, self._scenario.time.duration_s
        return Operator(desk, self._randomness.stream("operator"), per_hour=per_hour, until_s=until_s)

    def _nuisance(self, desk: Desk) -> Nuisance:
        rng, until_s = self._randomness.stream("nuisance"), self._scenario.time.duration_s
        return Nuisance(desk, rng, per_hour=self._scenario.virtual.nuisance_per_hour, until_s=until_s)

    def _watch(self, desk: Desk) -> None:
        """Have somebody look now and then, until vehicles leave."""
        virtual, watcher = self._scenario.virtual, Watcher(desk)
        for watching in (
            watcher.watch_views(self._randomness.stream("views"), virtual.view_reads_per_hour),
            watcher.watch_points(self._randomness.stream("point_reads"), virtual.point_reads_per_hour),
        ):
            self._environment.process(watching)

    def _tell(self, record: RunRecord) -> Generator[Event, Any, None]:
        time_spec = self._scenario.time
        for _ in range(_PROGRESS_STEPS):
            self._on_progress(record.progress("driving"))
            yield self._environment.timeout((time_spec.duration_s + time_spec.drain_s) / _PROGRESS_STEPS)

    async def _last_views(self, desk: Desk) -> None:
        """Ask every node what it believes, now that all has settled, of every point of the others."""
        steps = []
        for place, point in enumerate(desk.city.points):
            owner = point.id.partition(".")[0]
            for number, node_id in enumerate(desk.city.node_ids):
                if node_id != owner:
                    reader = Identity(-1, "reader", -1 - place * len(desk.city.node_ids) - number)
                    steps.append(desk.view(reader, node_id, point.id, last=True))
        for start in range(0, len(steps), _READS_AT_ONCE):
            await asyncio.gather(*steps[start : start + _READS_AT_ONCE])

    def _result(self, world: VirtualWorld, desk: Desk, record: RunRecord) -> VirtualResult:
        figures = {**world.figures(), "requests": desk.requests, "vehicles": self._fleet.departed}
        result = VirtualResult(
            self._trace.digest(), self._environment.now, self._loop.callbacks, figures, self._agreed_ms
        )
        record.end(
            trace_hash=result.trace_hash,
            callbacks=result.callbacks,
            figures=figures,
            clocks_ms=world.clocks_ms(),
            aborted_by=self._limits.aborted_by,
        )
        return result
