"""Who waits for what: for the text of a deadlock."""

import asyncio
import traceback
from pathlib import Path
from typing import Any

_SHOWN = 20


def who_waits(loop: asyncio.AbstractEventLoop) -> str:
    """Return one line for every task that waits: what it is, and where in the code it stands."""
    lines = sorted(_line(task) for task in asyncio.all_tasks(loop))
    more = [f"  and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return "\n".join(lines[:_SHOWN] + more) or "  no task: the main future is set by nobody"


def place_of(error: BaseException | None) -> str:
    """Return where an exception was raised: ``file:line in function``."""
    while error is not None and type(error.__cause__) is type(error):
        error = error.__cause__  # SimPy raises a copy of what a process raised
    frames = traceback.extract_tb(error.__traceback__) if error is not None else []
    if not frames:
        return "unknown place"
    return f"{_short(frames[-1].filename)}:{frames[-1].lineno} in {frames[-1].name}"


def _line(task: "asyncio.Task[Any]") -> str:
    coroutine: Any = task.get_coro()
    name, places = getattr(coroutine, "__qualname__", "?"), []
    while coroutine is not None and (frame := getattr(coroutine, "cr_frame", None)) is not None:
        places.append(f"{_short(frame.f_code.co_filename)}:{frame.f_lineno} in {frame.f_code.co_name}")
        coroutine = coroutine.cr_await
    waits_for = type(coroutine).__name__ if coroutine is not None else "nothing"
    return f"  {name} waits at {' > '.join(places) or 'its end'} for a {waits_for}"


def _short(filename: str) -> str:
    return "/".join(Path(filename).parts[-3:])
