"""What a browser is told with every answer: over TLS, that it is to insist on it."""

from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from nodes.config import Limits
from nodes.http.server import uvicorn_config


async def app(_: Scope, __: Receive, ___: Send) -> None:
    """Answer nothing."""


@pytest.mark.parametrize("tls", [None, (Path("chain.pem"), Path("key.pem"))], ids=["HTTP", "HTTPS"])
def test_only_over_tls_a_browser_is_told_to_insist_on_it(tls: tuple[Path, Path] | None) -> None:
    """Without, the promise would lock people out of a node that speaks no TLS."""
    headers = dict(uvicorn_config(app, "127.0.0.1", 0, Limits(), tls).headers)
    assert ("Strict-Transport-Security" in headers) == (tls is not None)
    assert headers["X-Content-Type-Options"] == "nosniff"
