"""One running node per test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.nodes.running import Client, running_node


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with running_node(tmp_path) as client:
        yield client
