"""One run of a scenario in real processes, from the first process to the last line of the history."""

import asyncio
import os
import time
from collections.abc import Generator, Sequence
from random import SystemRandom
from typing import Any, BinaryIO

from simpy import Environment
from simpy.events import Event

from nodes.request import ReadPoint, Request
from sim.engine.pacing import Pacer
from sim.engine.randomness import Randomness
from sim.fleet.desk import Desk, Identity
from sim.fleet.fleet import Fleet
from sim.history import HistoryWriter
from sim.limit_watch import LimitWatch
from sim.progress import OnProgress, Progress
from sim.run_folder import RunFolder
from sim.run_record import RunRecord
from sim.scenario.faults import Fault, OneWay, Partition
from sim.scenario.load import LoadedScenario
from sim.worlds.broker_kind import BrokerKind
from sim.worlds.calm import calm
from sim.worlds.http_target import HttpTarget
from sim.worlds.local import LocalWorld
from sim.worlds.namespaces import Namespaces
from sim.worlds.process_use import process_use
from sim.worlds.remote import RemoteWorld

_LAST_CALL_S = 30.0
"""Wall-clock seconds that vehicles get to unplug after the run has closed."""
_PROGRESS_S = 0.25
_CALM_S = 60.0
"""Wall-clock seconds that the network gets to come to rest when all is mended and all vehicles have left."""


class LocalRun:
    """Plays a scenario. ``play`` leaves a history and the nodes' databases in the folder.

    It starts the nodes on this machine, or takes those of ``remote``, which were met already.
    """

    def __init__(
        self,
        loaded: LoadedScenario,
        folder: RunFolder,
        command: str,
        on_progress: OnProgress,
        broker: BrokerKind = BrokerKind.EMBEDDED,
        remote: RemoteWorld | None = None,
    ) -> None:
        """Plan the fleet. Raises ``DocumentError`` for files that the scenario names."""
        self._loaded = loaded
        self._scenario = loaded.scenario
        self._folder = folder
        self._command = command
        self._on_progress = on_progress
        self._fleet = Fleet(loaded.scenario)
        self._namespaces = _namespaces(loaded)
        self._credentials = None if remote is None else remote.credentials
        self._told = {"mode": "local", "broker": broker.value} if remote is None else {"mode": "remote"}
        self._world = remote or LocalWorld(
            self._fleet.city,
            folder.nodes,
            broker=broker,
            namespaces=self._namespaces,
            strategy=loaded.scenario.network.strategy,
        )

    async def play(self) -> None:
        """Play. Raises ``ChildError`` when a process does not start, or ends by itself; nothing is left running.

        A scenario that cuts the network is played on hosts of its own; raises ``NamespacesError`` where there can be none.
        """
        if self._namespaces is None:
            await self._play()
            return
        await self._namespaces.start()
        try:
            with self._namespaces.on("vehicles"):
                await self._play()
        finally:
            await self._namespaces.stop()

    async def _play(self) -> None:
        self._folder.write_scenario(self._loaded.resolved)
        vehicles = self._fleet.size
        self._on_progress(Progress("starting the network", vehicles=vehicles))
        start_ms = int(self._scenario.time.start.timestamp() * 1000)
        await self._world.start(civil_ms=start_ms)
        target = HttpTarget(self._world.urls, self._scenario.client.connections_max, self._credentials)
        try:
            await self._world.settled()
            with self._folder.history.open("wb") as file:
                await self._drive(target, file, start_ms)
        finally:
            await target.close()
            self._on_progress(Progress("stopping the network", departed=self._fleet.departed, vehicles=vehicles))
            await self._world.stop()

    async def _drive(self, target: HttpTarget, file: BinaryIO, start_ms: int) -> None:
        scenario, scale = self._scenario, self._scenario.time.scale
        environment = Environment()
        limits = LimitWatch(scenario, environment)
        head_start_s = self._world.starts_in_s(start_ms)
        wall_ms = time.time_ns() // 1_000_000 + int(head_start_s * 1000)
        start_ns = time.monotonic_ns() + int(head_start_s * 1e9)
        self._world.let_time_run(wall_ms=wall_ms, civil_ms=start_ms, factor=scale)
        pacer = Pacer(environment, scale, start_ns)
        closing = environment.event()
        desk = Desk(
            scenario=scenario,
            environment=environment,
            bridge=pacer,
            target=target,
            history=HistoryWriter(file, on_record=limits.hear),
            randomness=Randomness(scenario.seed),
            city=self._fleet.city,
            run_id=f"{SystemRandom().getrandbits(32):08x}",
            closing=closing,
            scale=scale,
            fleet_size=self._fleet.numbers,
        )
        record = RunRecord(self._loaded, self._fleet, desk)
        record.begin(command=self._command, scale=scale, **self._told)
        faults = [environment.process(self._nemesis(pacer, record, fault, limits)) for fault in scenario.faults]
        all_done = environment.process(self._until_done(environment, closing, desk, faults, limits))
        await asyncio.sleep(max(0.0, head_start_s))
        await self._watch(pacer, record, all_done)
        if self._scenario.faults:
            record.calm(await calm(self._world.urls, _CALM_S))
        await self._last_reads(desk)
        record.resources(self._world.use() | {"vehicles": process_use(os.getpid())})
        pacer.close()
        record.end(aborted_by=limits.aborted_by)

    def _until_done(
        self, environment: Environment, closing: Event, desk: Desk, faults: Sequence[Event], limits: LimitWatch
    ) -> Generator[Event, Any, None]:
        """Let the vehicles come and go; close the run at its end; give them a last while to leave."""
        time_spec = self._scenario.time
        fleet = self._fleet.start(desk)
        end = limits.or_ended(environment.timeout(time_spec.duration_s + time_spec.drain_s))
        limits.start()
        yield fleet | end
        closing.succeed()
        yield fleet | environment.timeout(_LAST_CALL_S * time_spec.scale)
        yield environment.all_of(faults)

    def _nemesis(
        self, pacer: Pacer, record: RunRecord, fault: Fault, limits: LimitWatch
    ) -> Generator[Event, Any, None]:
        """Break something at its time, and mend it."""

        async def hold() -> None:
            record.fault(fault, "broken", pacer.now_s())
            await asyncio.sleep(fault.for_s / self._scenario.time.scale)
            record.fault(fault, "mending", pacer.now_s())

        yield limits.or_ended(pacer.environment.timeout(fault.at_s))
        if limits.aborted_by is not None:
            return
        yield pacer.event_of(self._world.inject(fault, hold))
        record.fault(fault, "mended", pacer.now_s())

    async def _watch(self, pacer: Pacer, record: RunRecord, all_done: Event) -> None:
        """Run until all is done. Raises what ends the run before."""
        running = asyncio.ensure_future(pacer.run(all_done))
        failing = asyncio.ensure_future(self._world.failed())
        try:
            while not running.done():
                await asyncio.wait((running, failing), timeout=_PROGRESS_S, return_when=asyncio.FIRST_COMPLETED)
                self._on_progress(record.progress("driving"))
                if failing.done():
                    failing.result()
            running.result()
        finally:
            for task in (running, failing):
                task.cancel()
            await asyncio.gather(running, failing, return_exceptions=True)

    async def _last_reads(self, desk: Desk) -> None:
        """Ask every owner for every point: what it says now must be where its history has led."""
        asked = [(point.id.partition(".")[0], Request(point.id, ReadPoint())) for point in self._fleet.city.points]
        for start in range(0, len(asked), 50):
            chunk = asked[start : start + 50]
            steps = [
                desk.ask(Identity(-1, "reader", -1 - place), "read", node_id, request, {"what": "point"})
                for place, (node_id, request) in enumerate(chunk)
            ]
            await asyncio.gather(*steps)


def _namespaces(loaded: LoadedScenario) -> Namespaces | None:
    """Return the hosts of a scenario that cuts the network between them."""
    scenario = loaded.scenario
    if not any(isinstance(fault, Partition | OneWay) for fault in scenario.faults):
        return None
    return Namespaces([*scenario.network.node_ids, "broker", "vehicles"])
