"""The OpenAPI document, and the node against it: schemathesis sends what the document allows, and what it does not."""

import asyncio
import shutil
import sys
from pathlib import Path

import orjson
import pytest

from nodes.openapi import openapi_document
from tests.nodes.running import Client

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.json"
DOCUMENT = orjson.loads(COMMITTED.read_bytes())
OPERATIONS = [
    pytest.param(operation, id=f"{method} {path}")
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
)


def test_the_committed_document_is_the_nodes() -> None:
    """Drift: ``make schemas`` writes it anew."""
    assert openapi_document() == COMMITTED.read_bytes()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_described(operation: dict[str, object]) -> None:
    """A readable id, a summary, a description, and its problems."""
    assert str(operation["operationId"]).isidentifier()
    assert operation["summary"]
    assert operation["description"]
    assert operation["responses"]


def test_every_field_of_a_request_has_an_example_or_a_default() -> None:
    """/docs is where people begin: what they see there can be sent."""
    schemas = DOCUMENT["components"]["schemas"]
    for name in ("PointBody", "ReservationBody", "PlugInBody", "MeterBody", "ReservaBody", "PontoBody"):
        for field in schemas[name].get("required", ()):
            described = schemas[name]["properties"][field]
            known = described.get("examples") or described.get("$ref") or described.get("enum")
            assert known, f"{name}.{field}"


@pytest.mark.skipif(
    shutil.which("schemathesis", path=str(Path(sys.executable).parent)) is None, reason="no schemathesis"
)
async def test_the_node_does_what_its_document_says(client: Client, tmp_path: Path) -> None:
    """No 5xx; no answer, header or content type that is not documented."""
    await client.create()
    made = await client.reserve(60)
    assert made.status == 201
    program = Path(sys.executable).parent / "schemathesis"
    process = await asyncio.create_subprocess_exec(
        str(program),
        "run",
        f"{client.url}/openapi.json",
        "--checks",
        ",".join(CHECKS),
        "--exclude-path",
        "/v1/events",  # a stream that does not end
        "--max-examples",
        "15",
        "--seed",
        "1",
        "--warnings",
        "off",
        "--generation-database",
        "none",
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()[-8_000:]
    assert client.node.server.journal.failure is None
