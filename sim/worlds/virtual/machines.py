"""Every machine of a simulated network: those on which nodes run now, and those that nodes have left."""

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

import orjson

from nodes.config import NodeConfig, Strategy
from nodes.documents import parse_document
from nodes.points_file import points_of
from sim.fleet.city import City
from sim.scenario.schema import Scenario
from sim.worlds.virtual.clock import VirtualClock
from sim.worlds.virtual.disk import VirtualDisk
from sim.worlds.virtual.host import Host, Surroundings
from sim.worlds.virtual.machine_name import machine_name, number_of, url_of

CLUSTER = "recarga"


class Machines:
    """``hosts`` are those on which nodes run, by node; ``all`` are all there ever were, by name."""

    def __init__(
        self,
        scenario: Scenario,
        city: City,
        folder: Path,
        around: Surroundings,
        on_commit: Callable[[Host, float], None],
    ) -> None:
        """``folder`` gets each node's database; ``on_commit`` hears of commits that begin, and of the seconds they take."""
        self._scenario = scenario
        self._city = city
        self._folder = folder
        self._around = around
        self._on_commit = on_commit
        self.hosts = around.hosts
        self.all: dict[str, Host] = {}
        for node_id in city.node_ids:
            self._add(node_id, 1, folder)

    def move(self, node_id: str, *, keeps_address: bool = False) -> Host:
        """Take a node's database, as it is on disk now, to a new machine, where it is started. Returns the machine left.

        Its address is another, or leads there from now on. The process there goes on, if it has come to listen; nothing there is ever started again.
        """
        old = self.hosts[node_id]
        if not old.is_listening:
            old.kill()
        old.leave()
        number = number_of(old.machine) + 1
        folder = self._folder / machine_name(node_id, number)
        folder.mkdir()
        fate = old.disk.copy_to(folder, self._around.randomness.stream("copy", machine_name(node_id, number)))
        new = self._add(node_id, number, folder, old.url if keeps_address else None)
        if fate is not None:
            new.disk.counts[f"copy_{fate}"] += 1
        new.start_later()
        return old

    def end(self, old: Host) -> None:
        """End what still runs on a machine that was left, and let nobody look for its node there any more."""
        old.kill()
        self._around.addresses.forget(old.url, old)

    def knows_better_than(self, old: Host) -> Callable[[str], bool]:
        """Return what says whether the node that runs on a machine has met a process later than the one on the old machine."""
        epoch = old.node.server.epoch if old.node is not None else 0

        def knows(machine: str) -> bool:
            host = self.all.get(machine)
            node = None if host is None else host.node
            return node is not None and node.membership.members.met(old.id) > epoch

        return knows

    def put_databases_in_place(self) -> None:
        """Put the database of every node that moved where a node's database is expected; all processes have ended."""
        for host in self.hosts.values():
            database = host.disk.database.path
            if database.parent == self._folder or not database.parent.exists():
                continue
            for left in sorted(self._folder.glob(f"{database.name}*")):  # its log too: it is another file's
                left.unlink()
            for path in sorted(database.parent.glob(f"{database.name}*")):
                path.replace(self._folder / path.name)
            for number in range(2, number_of(host.machine) + 1):
                rmtree(self._folder / machine_name(host.id, number))

    def _add(self, node_id: str, number: int, folder: Path, url: str | None = None) -> Host:
        """Add a node's next machine, with a clock and a disk that holds what is in the folder; at an address of its own,
        or at that one.
        """
        scenario, around = self._scenario, self._around
        virtual, randomness, limits = scenario.virtual, around.randomness, scenario.virtual.node_limits()
        machine = machine_name(node_id, number)
        clock = VirtualClock(
            around.loop,
            int(scenario.time.start.timestamp() * 1000),
            randomness.stream("clock", machine),
            skew_ms=virtual.clock_skew_ms.draw(randomness.stream("skew", node_id)),
        )
        disk = VirtualDisk(
            around.loop,
            around.network.context,
            folder,
            node_id,
            virtual,
            randomness.stream("disk", machine),
            answer_retention_s=limits.answer_retention_s,
        )
        wanted = scenario.network.strategy
        strategy = Strategy.MAILBOX if wanted == "none" else Strategy(wanted)
        config = NodeConfig(node_id, cluster=CLUSTER, limits=limits, strategy=strategy)
        document = parse_document(orjson.dumps(self._city.files[node_id]).decode(), f"{node_id}.points.json")
        entries = [(entry.slug, entry.spec) for entry in points_of(document)]
        host = Host(config, entries, disk, clock, around, machine=machine, url=url or url_of(machine))
        disk.on_commit = lambda takes_s: self._on_commit(host, takes_s)
        self.hosts[node_id] = self.all[machine] = host
        around.addresses.lead(host.url, host)
        return host
