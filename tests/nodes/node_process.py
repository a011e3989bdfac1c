"""A node as a process of its own."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def started(
    command: Sequence[str], env: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Have a node process, which says as JSON that it is ready; give it and its URL."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe, env=os.environ | dict(env or {}))
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 60)
    try:
        yield process, json.loads(line)["url"]
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
