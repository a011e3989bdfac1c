"""``python -m nodes.healthcheck [URL]``: exit code 0 if an HTTP server answers with 200. For containers, which have no curl.

Only the standard library is imported: this runs every few seconds beside the node.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

_TIMEOUT_S = 8
"""Less than the health check's own, so that it is this that says what is wrong."""


def healthcheck(url: str) -> str | None:
    """Return what is wrong at that URL; None: it answered with 200."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", parts.path or "/", headers={"Connection": "close"})
        response = connection.getresponse()
        body = response.read(500).decode(errors="replace")
    except (OSError, HTTPException) as error:
        return f"{url}: {error!r}"
    finally:
        connection.close()
    return None if response.status == 200 else f"{url}: {response.status} {body}"


def own_url() -> str:
    """Return where this container's node says whether it is ready."""
    scheme = "https" if os.environ.get("RECARGA_TLS_CERT") else "http"
    return f"{scheme}://localhost:{os.environ.get('RECARGA_PORT', '9000')}/readyz"


if __name__ == "__main__":
    wrong = healthcheck(sys.argv[1] if len(sys.argv) > 1 else own_url())
    if wrong is not None:
        sys.exit(wrong)
