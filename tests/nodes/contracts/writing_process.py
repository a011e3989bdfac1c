"""A process that writes batches into a store until it is killed: ``python -m tests.nodes.contracts.writing_process FOLDER|URL``.

It prints the number of each batch once that is acknowledged.
"""

import asyncio
import sys
from pathlib import Path

from sqlalchemy import URL, make_url

from nodes.store.sql_store import SqlStore
from tests.nodes.contracts.author import NOW, numbered_batch


async def write(place: Path | URL) -> None:
    store = SqlStore(place, "server1", answer_retention_s=86_400)
    ver = store.open(NOW).ver
    while True:
        number = ver // 3 + 1
        await store.append(numbered_batch(number, ver))
        ver += 3
        print(number, flush=True)


if __name__ == "__main__":
    asyncio.run(write(make_url(sys.argv[1]) if "://" in sys.argv[1] else Path(sys.argv[1])))
