"""What each kind of fault does to a simulated network, and how it is mended."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import singledispatchmethod

from sim.scenario.faults import (
    BrokerCrash,
    BrokerPause,
    ClockDrift,
    ClockJump,
    Crash,
    Delay,
    DiskFull,
    DiskSlow,
    Duplicate,
    Fault,
    GossipForge,
    GossipLoss,
    GossipRepeat,
    Loss,
    Move,
    OneWay,
    Partition,
    Pause,
    Reorder,
    Restore,
)
from sim.worlds.virtual.broker import VirtualBroker
from sim.worlds.virtual.forger import Forger
from sim.worlds.virtual.left_machine import LeftMachine
from sim.worlds.virtual.machines import Machines
from sim.worlds.virtual.network import Disturbance, Network

Mend = Callable[[], Awaitable[None]]

_UP_AGAIN_S = 0.05
_UP_WITHIN_S = 600.0


class Breakage:
    """``begin`` breaks something and returns how it is mended. Faults of one kind may overlap: the last mend counts."""

    def __init__(self, machines: Machines, network: Network, broker: VirtualBroker, forger: Forger) -> None:
        self._machines = machines
        self._hosts = machines.hosts
        self._network = network
        self._broker = broker
        self._forger = forger
        self._held: dict[tuple[str, str], int] = {}

    @singledispatchmethod
    def begin(self, fault: Fault) -> Mend:
        """Break something; return the coroutine function that mends it and returns when it is mended."""
        raise AssertionError(f"no fault: {fault}")

    @begin.register
    def _crash(self, fault: Crash) -> Mend:
        host = self._hosts[fault.node]
        self._hold("crash", fault.node)
        host.is_kept_down = True
        host.kill()

        async def mend() -> None:
            if self._let_go("crash", fault.node):
                host.is_kept_down = False
                host.start_later()
                until_s = asyncio.get_running_loop().time() + _UP_WITHIN_S
                while not host.is_listening and not host.is_kept_down:
                    if asyncio.get_running_loop().time() > until_s:
                        return  # it may never come back: the liveness phase tells
                    await asyncio.sleep(_UP_AGAIN_S)

        return mend

    @begin.register
    def _pause(self, fault: Pause) -> Mend:
        host = self._hosts[fault.node]
        self._hold("pause", fault.node)
        host.pause()

        async def mend() -> None:
            if self._let_go("pause", fault.node):
                host.resume()

        return mend

    @begin.register
    def _broker_crash(self, _: BrokerCrash) -> Mend:
        self._hold("crash", "broker")
        self._broker.crash()

        async def mend() -> None:
            if self._let_go("crash", "broker"):
                self._broker.start()

        return mend

    @begin.register
    def _broker_pause(self, _: BrokerPause) -> Mend:
        self._hold("pause", "broker")
        self._broker.hang()

        async def mend() -> None:
            if self._let_go("pause", "broker"):
                self._broker.wake()

        return mend

    @begin.register(Partition)
    @begin.register(OneWay)
    def _cut(self, fault: Partition | OneWay) -> Mend:
        self._network.faults.append(fault)
        self._broker.cut()

        async def mend() -> None:
            self._network.faults.remove(fault)
            self._broker.uncut()

        return mend

    @begin.register(Loss)
    @begin.register(Delay)
    @begin.register(Duplicate)
    @begin.register(Reorder)
    def _disturb(self, fault: Disturbance) -> Mend:
        self._network.faults.append(fault)

        async def mend() -> None:
            self._network.faults.remove(fault)

        return mend

    @begin.register
    def _disk_slow(self, fault: DiskSlow) -> Mend:
        disk = self._hosts[fault.node].disk
        disk.slowness *= fault.factor

        async def mend() -> None:
            disk.slowness /= fault.factor

        return mend

    @begin.register
    def _disk_full(self, fault: DiskFull) -> Mend:
        host = self._hosts[fault.node]
        self._hold("disk_full", fault.node)
        host.disk.is_full = True

        async def mend() -> None:
            if self._let_go("disk_full", fault.node):
                host.disk.is_full = False

        return mend

    @begin.register
    def _restore(self, fault: Restore) -> Mend:
        host = self._hosts[fault.node]
        host.disk.back_up()

        async def mend() -> None:
            for exchange in (host.disk.put_old, host.disk.put_right):
                host.is_kept_down = True
                host.kill()
                exchange()
                host.is_kept_down = False
                host.start_later()
                await asyncio.sleep(fault.old_s)

        return mend

    @begin.register
    def _move(self, fault: Move) -> Mend:
        old = self._machines.move(fault.node, keeps_address=fault.address == "kept")
        cut = LeftMachine(old.machine, self._machines.knows_better_than(old))
        self._network.cuts.append(cut)
        self._broker.cut()
        if fault.paused:
            old.pause()

        async def mend() -> None:
            cut.is_back = True
            self._broker.uncut()
            old.resume()
            await asyncio.sleep(fault.old_s)
            self._machines.end(old)
            self._network.cuts.remove(cut)

        return mend

    @begin.register
    def _clock_jump(self, fault: ClockJump) -> Mend:
        clock = self._hosts[fault.node].clock
        clock.jump(fault.by_s * 1000)

        async def mend() -> None:
            clock.jump(-fault.by_s * 1000)

        return mend

    @begin.register
    def _clock_drift(self, fault: ClockDrift) -> Mend:
        clock = self._hosts[fault.node].clock
        clock.drift(fault.ppm)

        async def mend() -> None:
            clock.correct()

        return mend

    @begin.register
    def _gossip_loss(self, fault: GossipLoss) -> Mend:
        self._broker.loss_share += fault.share

        async def mend() -> None:
            self._broker.loss_share = max(0.0, self._broker.loss_share - fault.share)

        return mend

    @begin.register
    def _gossip_repeat(self, fault: GossipRepeat) -> Mend:
        self._broker.repeat_share += fault.share

        async def mend() -> None:
            self._broker.repeat_share = max(0.0, self._broker.repeat_share - fault.share)

        return mend

    @begin.register
    def _gossip_forge(self, fault: GossipForge) -> Mend:
        forging = asyncio.get_running_loop().create_task(self._forger.forge(fault.per_s))

        async def mend() -> None:
            forging.cancel()

        return mend

    def _hold(self, what: str, host_id: str) -> None:
        self._held[what, host_id] = self._held.get((what, host_id), 0) + 1

    def _let_go(self, what: str, host_id: str) -> bool:
        """Whether that was the last fault that held it."""
        self._held[what, host_id] -= 1
        return self._held[what, host_id] == 0
