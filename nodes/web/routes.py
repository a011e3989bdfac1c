"""The routes of the web client's files. Plain ones: they are no part of the API and of its document."""

import asyncio
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from nodes.web.broker_url import origin
from nodes.web.site import Asset, site

_CACHED = "public, max-age=31536000, immutable"
_ASKED_AGAIN = "no-cache"

_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""No script, style or connection from elsewhere or from within the page, and no text that a browser takes for HTML."""


def web_routes(prefix: str, broker: str | None = None) -> list[Route]:
    """Return the routes below a prefix: empty, or such as ``/ui``, which then leads to ``/ui/``.

    ``broker``: where pages may hear the public feed themselves; their policy allows that connection beside the server's.
    """
    policy = _POLICY if broker is None else f"{_POLICY}; connect-src 'self' {origin(broker)}"
    pages = _Pages(broker, _HEADERS | {"Content-Security-Policy": policy})
    routes = [
        Route(f"{prefix}/", pages.page, name="web page"),
        Route(prefix + "/{version}/{path:path}", pages.file, name="web file"),
    ]
    if prefix:
        routes.append(Route(prefix, pages.to_page, name="web"))
    return routes


@dataclass(frozen=True, slots=True)
class _Pages:
    """What the routes answer."""

    broker: str | None
    headers: dict[str, str]

    async def to_page(self, request: Request) -> Response:
        """Lead to the page."""
        return RedirectResponse(request.url.path.rpartition("/")[2] + "/", headers=self.headers)

    async def page(self, request: Request) -> Response:
        """Give the page."""
        here = await asyncio.to_thread(site, self.broker)
        return self._respond(request, here.page, _ASKED_AGAIN)

    async def file(self, request: Request) -> Response:
        """Give a file. Under another version's path (a page that was open during an upgrade) it is the present one."""
        here = await asyncio.to_thread(site, self.broker)
        asset = here.files.get(request.path_params["path"])
        if asset is None:
            raise HTTPException(404, "there is no such file")
        return self._respond(
            request, asset, _CACHED if request.path_params["version"] == here.version else _ASKED_AGAIN
        )

    def _respond(self, request: Request, asset: Asset, caching: str) -> Response:
        headers = self.headers | {"Cache-Control": caching, "ETag": asset.etag, "Vary": "Accept-Encoding"}
        if asset.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        body = asset.body
        if "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = asset.packed, "gzip"
        return Response(body, headers=headers, media_type=asset.media_type)
