"""A network of its own on this machine, whose hosts can be cut off from one another (Linux, root, iproute2).

Every host is a network namespace; all are plugged into one switch (a bridge in a namespace of its own). A host's neighbour
table says under which hardware address another is found: a wrong one, and what is sent there is lost without a word, one
way, as in a partitioned network. Nodes listen on loopback addresses only: here these are 127.77.0.x, which in these
namespaces lead to the switch. A namespace has no name and lives as long as the process that holds it, which ends when
this one does, however that happens: nothing can be left behind.
"""

import asyncio
import ctypes
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sim.errors import LaboratoryError

_PROGRAMS = {"ip": "iproute2", "unshare": "util-linux", "nsenter": "util-linux"}
_HOSTS_MAX = 250
_CLONE_NEWNET = 0x40000000
_HOLDER = "ip link set lo up && ip addr del 127.0.0.1/8 dev lo && ip addr add 127.0.0.1/32 dev lo && "
_HOLDER += "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet && echo ready && exec cat"
_MAKE = ("unshare", "--net", "sh", "-c", _HOLDER)
"""Makes a namespace and holds it. The kernel routes loopback addresses only within a host unless told otherwise."""
_HERE = Path("/proc/thread-self/ns/net")
_NOBODY = "02:00:00:00:ff:ff"


class NamespacesError(LaboratoryError):
    """The network was not made: this machine does not let us, or lacks a program. The text says what."""


def why_no_namespaces() -> str | None:
    """Return why there can be no such network here; None: there can."""
    for program, package in _PROGRAMS.items():
        if shutil.which(program) is None:
            return f"{program} ({package}) is not installed"
    trial = subprocess.run(  # noqa: S603 - fixed words
        _MAKE, check=False, stdin=subprocess.DEVNULL, capture_output=True
    )
    if trial.returncode == 0:
        return None
    words = trial.stderr.decode(errors="replace").strip().splitlines()
    return f"network namespaces are not allowed here (as root they mostly are): {words[-1] if words else 'no reason given'}"


class Namespaces:
    """Hosts by name. ``start`` makes them; ``stop`` leaves nothing of them."""

    def __init__(self, hosts: Sequence[str]) -> None:
        if len(hosts) > _HOSTS_MAX:
            raise NamespacesError(f"{len(hosts)} hosts; expected at most {_HOSTS_MAX}")
        self._numbers = {host: number for number, host in enumerate(hosts, start=1)}
        self._holders: dict[str, asyncio.subprocess.Process] = {}
        self._cuts: Counter[tuple[str, str]] = Counter()

    @property
    def hosts(self) -> list[str]:
        """The names of all hosts."""
        return list(self._numbers)

    def holders(self) -> list[int]:
        """Return the ids of the processes that hold hosts and switch."""
        return [holder.pid for holder in self._holders.values()]

    async def start(self) -> None:
        """Make hosts and switch. Raises ``NamespacesError``; then nothing is left of them."""
        reason = why_no_namespaces()
        if reason is not None:
            raise NamespacesError(reason)
        try:
            await self._hold("")
            await self._ip("", ["link add s0 type bridge", "link set s0 up"])
            for host, number in self._numbers.items():
                holder = await self._hold(host)
                plug = f"link add p{number} type veth peer name e0 address {_mac(number)} netns {holder.pid}"
                await self._ip("", [plug, f"link set p{number} master s0 up"])
                await self._ip(host, [f"addr add {self.address(host)}/24 dev e0", "link set e0 up"])
            for host in self._numbers:
                await self._ip(host, [self._found(host, other) for other in self._numbers if other != host])
        except BaseException:
            await self.stop()
            raise

    def address(self, host: str) -> str:
        """Return a host's address."""
        return f"127.77.0.{self._numbers[host]}"

    def prefix(self, host: str) -> list[str]:
        """Return the words before a command that run it on a host, under the process id that it has anyway."""
        return ["nsenter", f"--net={self._path(host)}", "--"]

    @contextmanager
    def on(self, host: str) -> Iterator[None]:
        """Put this thread onto a host: the sockets that it opens, the threads and processes that it starts."""
        with _HERE.open() as here, self._path(host).open() as there:
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(here.fileno())

    async def cut(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Let nothing more get from the first to the second of each pair. What is cut twice must be mended twice."""
        self._cuts.update(pairs)
        await self._tell(pairs)

    async def mend(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Undo ``cut``."""
        self._cuts.subtract(pairs)
        await self._tell(pairs)

    async def stop(self) -> None:
        """Give the namespaces up. They go when the last process in them has ended."""
        holders, self._holders = self._holders, {}
        for holder in holders.values():
            assert holder.stdin is not None
            holder.stdin.close()
            await holder.wait()

    async def _tell(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Change the neighbour tables of all who send, at once."""
        senders = dict.fromkeys(sender for sender, _ in pairs)
        changes = {
            host: [self._found(host, receiver) for sender, receiver in pairs if sender == host] for host in senders
        }
        await asyncio.gather(*(self._ip(host, commands) for host, commands in changes.items()))

    def _found(self, host: str, other: str) -> str:
        """Return the entry of a host's neighbour table that says where another is found."""
        mac = _NOBODY if self._cuts[host, other] > 0 else _mac(self._numbers[other])
        return f"neigh replace {self.address(other)} lladdr {mac} dev e0 nud permanent"

    def _path(self, host: str) -> Path:
        return Path(f"/proc/{self._holders[host].pid}/ns/net")

    async def _hold(self, host: str) -> asyncio.subprocess.Process:
        """Make a namespace; the empty name is the switch's."""
        pipe = asyncio.subprocess.PIPE
        holder = await asyncio.create_subprocess_exec(*_MAKE, stdin=pipe, stdout=pipe, start_new_session=True)
        self._holders[host] = holder
        assert holder.stdout is not None
        if not await holder.stdout.readline():
            raise NamespacesError(f"no namespace was made for {host or 'the switch'}")
        return holder

    async def _ip(self, host: str, commands: Sequence[str]) -> None:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *self.prefix(host), "ip", "-batch", "-", stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate("".join(f"{command}\n" for command in commands).encode())
        if process.returncode:
            raise NamespacesError(f"ip ({host or 'switch'}): {said.decode(errors='replace').strip()}")


def _mac(number: int) -> str:
    return f"02:00:00:00:00:{number:02x}"


def _enter(namespace: int) -> None:
    """Put this thread into a namespace, by its file (``os.setns`` came with Python 3.12)."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise NamespacesError(f"setns: {os.strerror(number)}")
