"""A node that asks who somebody is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from nodes.principal import Role
from sim.cli import app
from tests.nodes.auth.ring import Ring
from tests.nodes.clients.processes import NodeProcess, free_port, write_points


@dataclass
class Guarded:
    """A node with keys, and the ring that signs for it."""

    node: NodeProcess
    ring: Ring
    folder: Path

    def run(self, *arguments: str, role: Role | None = None, sub: str = "", **more: int) -> Result:
        """Run a command with a token in a file, or without one."""
        options = [f"--node={self.node.url}", "--json", "--deadline=5"]
        if role is not None:
            file = self.folder / "token"
            file.write_text(self.ring.token(role, sub, **more) + "\n")
            options.append(f"--token-file={file}")
        return CliRunner().invoke(app, ["client", *arguments, *options])


@contextmanager
def guarded_node(folder: Path) -> Iterator[Guarded]:
    """Have a node with three points and keys."""
    ring = Ring(folder / "keys.json")
    points = write_points(folder / "points.json", "server1")
    keys = ("--auth-keys", str(folder / "keys.json"), "--points", str(points))
    node = NodeProcess(folder, "server1", free_port(), *keys)
    node.start()
    try:
        yield Guarded(node, ring, folder)
    finally:
        node.kill()
