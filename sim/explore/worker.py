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


def main() -> None:
    """Plant what the first line names, then play until there is no more line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends its workers
    answers = _answers_alone()
    tasks = sys.stdin.buffer
    first = tasks.readline()
    if not first:
        return
    planted: str | None = orjson.loads(first)["planted"]
    missed = _plant(planted)
    for line in tasks:
        answers.write(_answer(Task.from_line(line), planted) if missed is None else _said(missed))
        answers.flush()


def _plant(planted: str | None) -> LaboratoryError | None:
    """Plant a bug; return what kept it from being planted."""
    if planted is None:
        return None
    from sim.audit.planted_bugs import find, plant

    try:
        plant(find(planted))
    except LaboratoryError as error:
        return error
    return None


def _answer(task: Task, planted: str | None) -> bytes:
    """Play; an exception that is no finding is answered as such, for the parent to raise."""
    from sim.explore.one_seed import play

    if task.limit_s is not None:
        faulthandler.dump_traceback_later(task.limit_s, exit=True)  # tells the stack, on stderr
    try:
        return play(task, planted).to_line()
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent has to know which seed it was
        return _said(error)
    finally:
        faulthandler.cancel_dump_traceback_later()


def _said(error: Exception) -> bytes:
    last = traceback.extract_tb(error.__traceback__)[-1:]
    foreseen = isinstance(error, LaboratoryError) or type(error).__name__ == "DocumentError"
    where = "" if foreseen or not last else f" ({last[0].filename}:{last[0].lineno} in {last[0].name})"
    said = {"error": type(error).__name__, "message": f"{error}{where}"}
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)


def _answers_alone() -> BinaryIO:
    """Return what was stdout; from now on everything else that prints does so to stderr."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


if __name__ == "__main__":
    main()
