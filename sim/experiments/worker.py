"""``python -m sim.experiments.worker``: plays the one task on standard input, and answers with one line.

A process of its own, for engines whose workers are full of threads and sockets: virtual time fences them off, for the whole
process. What the played code prints goes to stderr.
"""

import os
import subprocess
import sys
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path

import orjson

from sim.experiments.errors import ExperimentError
from sim.experiments.result import Result
from sim.experiments.task import Task

_ROOT = Path(__file__).parents[2]
_LAST_WORDS = 12
"""Lines of a dead worker's stderr that its error shows."""


def play_apart(task: Task) -> Result:
    """Play a task in a process of its own and wait for it. Raises ``ExperimentError`` if that ends without a result."""
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_ROOT), environment.get("PYTHONPATH"))))
    words = [sys.executable, "-P", "-m", "sim.experiments.worker"]
    ended = subprocess.run(words, input=task.to_line(), capture_output=True, env=environment, check=False)  # noqa: S603 - ours
    try:
        said = orjson.loads(ended.stdout)
    except orjson.JSONDecodeError:
        last = ended.stderr.decode(errors="replace").splitlines()[-_LAST_WORDS:]
        told = "".join(f"\n  {line}" for line in last)
        raise ExperimentError(f"seed {task.seed}: its process ended with {ended.returncode}{told}") from None
    return replace(Result.from_json(said), report=b64decode(said["page"]))


def main() -> None:
    """Play what is on standard input."""
    from sim.experiments.playing import play

    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    result = play(Task.from_line(sys.stdin.buffer.readline()))
    answer.write(orjson.dumps(result.to_json() | {"page": b64encode(result.report).decode()}))
    answer.close()


if __name__ == "__main__":
    main()
