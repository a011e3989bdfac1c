"""The routes of the web client's files. Plain ones: they are no part of the API and of its document."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from nodes.web.site import Asset, site

_CACHED = "public, max-age=31536000, immutable"
_ASKED_AGAIN = "no-cache"

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""No script, style or connection from elsewhere or from within the page, and no text that a browser takes for HTML."""


def web_routes(prefix: str) -> list[Route]:
    """Return the routes below a prefix: empty, or such as ``/ui``, which then leads to ``/ui/``."""
    routes = [
        Route(f"{prefix}/", _page, name="web page"),
        Route(prefix + "/{version}/{path:path}", _file, name="web file"),
    ]
    if prefix:
        routes.append(Route(prefix, _to_page, name="web"))
    return routes


async def _to_page(request: Request) -> Response:
    return RedirectResponse(request.url.path.rpartition("/")[2] + "/", headers=SECURITY_HEADERS)


async def _page(request: Request) -> Response:
    here = await asyncio.to_thread(site)
    return _respond(request, here.page, _ASKED_AGAIN)


async def _file(request: Request) -> Response:
    """Give a file. Under another version's path (a page that was open during an upgrade) it is the present one."""
    here = await asyncio.to_thread(site)
    asset = here.files.get(request.path_params["path"])
    if asset is None:
        raise HTTPException(404, "there is no such file")
    return _respond(request, asset, _CACHED if request.path_params["version"] == here.version else _ASKED_AGAIN)


def _respond(request: Request, asset: Asset, caching: str) -> Response:
    headers = SECURITY_HEADERS | {"Cache-Control": caching, "ETag": asset.etag, "Vary": "Accept-Encoding"}
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = asset.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = asset.packed, "gzip"
    return Response(body, headers=headers, media_type=asset.media_type)
