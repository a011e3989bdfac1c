"""``python -m nodes.openapi``: print the OpenAPI document, which is committed as ``docs/openapi.json``."""

import asyncio
import sys
import tempfile
from pathlib import Path

import orjson

from nodes.api.app import create_app
from nodes.config import NodeConfig
from nodes.serving import running
from nodes.settings import Settings


def openapi_document() -> bytes:
    """Return the document as indented JSON, the same for every run of a version."""
    return asyncio.run(_document())


async def _document() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        async with running(Settings(NodeConfig("server1"), port=0, data=Path(folder))) as node:
            document = create_app(node).openapi()
    document["info"]["version"] = "see the distribution"
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    sys.stdout.buffer.write(openapi_document())
