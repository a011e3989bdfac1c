"""``/docs``: the API's document as a page (Swagger UI), with its files from this node and none from elsewhere."""

import asyncio
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_PAGE = b"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Recarga node: API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="docs/favicon.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START = b"""SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis],
  validatorUrl: null,
});
"""
_FILES = MappingProxyType(
    {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript", "favicon.png": "image/png"}
)
"""What we take of the package fastapi-offline, which exists to carry them."""
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""No script but from here. Swagger UI writes styles into its elements, and its pictures into its style sheet."""
_CACHED_S = 86_400


def docs_routes() -> list[Route]:
    """Return the routes. They are no part of the document that they show."""
    return [
        Route("/docs", _page, include_in_schema=False),
        Route("/docs/{file}", _file, include_in_schema=False),
    ]


async def _page(_: Request) -> Response:
    return Response(_PAGE, media_type="text/html", headers=_HEADERS | {"Cache-Control": "no-cache"})


async def _file(request: Request) -> Response:
    name = request.path_params["file"]
    if name == "start.js":
        return Response(_START, media_type="text/javascript", headers=_HEADERS)
    if name not in _FILES:
        raise HTTPException(404, "there is no such file")
    content = await asyncio.to_thread(_content, name)
    return Response(content, media_type=_FILES[name], headers=_HEADERS | {"Cache-Control": f"max-age={_CACHED_S}"})


@lru_cache
def _content(name: str) -> bytes:
    return resources.files("fastapi_offline").joinpath("static", name).read_bytes()
