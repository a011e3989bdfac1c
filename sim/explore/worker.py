"""``python -m sim.explore.worker``: plays one task a line, and answers each with a line.

A program of its own, so that a planted bug is there before anything of ``nodes`` is imported: nothing here may import
it, at the top, not even by a detour. What the played code prints goes to stderr.
"""

import faulthandler
import os
import signal
import sys
import traceback
from typing import BinaryIO

import orjson

from sim.errors import LaboratoryError
from sim.explore.task import Task

SEED_S_MAX = 300
"""Wall-clock seconds for one seed, which takes a few: code that goes on without end is told, with its stack, on stderr."""


def main() -> None:
    """Plant what the first line names, then play until there is no more line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends its workers
    answers = _answers_alone()
    tasks = sys.stdin.buffer
    first = tasks.readline()
    if not first:
        return
    planted: str | None = orjson.loads(first)["planted"]
    if planted is not None:
        from sim.audit.planted_bugs import find, plant

        plant(find(planted))
    for line in tasks:
        answers.write(_answer(Task.from_line(line), planted))
        answers.flush()


def _answer(task: Task, planted: str | None) -> bytes:
    """Play; an exception that is no finding is answered as such, for the parent to raise."""
    from sim.explore.one_seed import play

    faulthandler.dump_traceback_later(SEED_S_MAX, exit=True)
    try:
        return play(task, planted).to_line()
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent has to know which seed it was
        foreseen = isinstance(error, LaboratoryError) or type(error).__name__ == "DocumentError"
        if not foreseen:
            traceback.print_exc()
        said = {"error": type(error).__name__, "message": str(error)}
        return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)
    finally:
        faulthandler.cancel_dump_traceback_later()


def _answers_alone() -> BinaryIO:
    """Return what was stdout; from now on everything else that prints does so to stderr."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


if __name__ == "__main__":
    main()
