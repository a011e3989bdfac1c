"""The end of a task."""

import asyncio
from typing import Any

_AGAIN_S = 0.5


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel a task until it has ended; what it ended with stays in it.

    Once may not be enough: before Python 3.12 ``asyncio.wait_for`` loses a cancellation that meets a result, and a
    client may turn one into an error of its own.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_AGAIN_S)
