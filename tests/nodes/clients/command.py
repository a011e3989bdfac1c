"""``recarga client`` as a test runs it: its output, its objects, its exit code."""

import json
from collections.abc import Sequence
from typing import Any

from click.testing import Result
from typer.testing import CliRunner

from sim.cli import app
from tests.nodes.clients.processes import NodeProcess


class Command:
    """``recarga client``, asking the first node."""

    def __init__(self, nodes: Sequence[NodeProcess]) -> None:
        self._nodes = nodes
        self.driver = "ana"

    def run(self, *arguments: str, code: int = 0, width: int = 80) -> Result:
        urls = [f"--node={node.url}" for node in self._nodes]
        env = {"COLUMNS": str(width), "RECARGA_DRIVER": self.driver, "NO_COLOR": "1"}
        result = CliRunner().invoke(app, ["client", *urls, *arguments], env=env)
        assert result.exit_code == code, (result.output, result.exception)
        return result

    def lines(self, *arguments: str, code: int = 0) -> list[Any]:
        output = self.run(*arguments, "--json", code=code).stdout
        return [json.loads(line) for line in output.splitlines()]

    def one(self, *arguments: str, code: int = 0) -> Any:
        (line,) = self.lines(*arguments, code=code)
        return line
