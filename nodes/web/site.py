"""The web client's files as they go over the wire: read once, packed once, named by what is in them."""

import gzip
import hashlib
import html
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "static"
_PAGE = "index.html"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
}
_PRELOAD = "<!-- modules -->"
"""Where the page names every module, so that a browser asks for all at once and not level by level."""
_BROKER = "<!-- broker -->"
"""Where the page names the broker that it may listen to itself."""
_LINK = '="static/'
"""How the page, as it lies on disk, names its files."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, plain and packed."""

    body: bytes
    packed: bytes
    """gzip."""
    media_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class Site:
    """All files. ``version`` changes when any of them does, and is part of the path of all but the page."""

    version: str
    page: Asset
    files: dict[str, Asset]
    """By path, such as ``js/main.js``."""


@cache
def site(broker: str | None = None) -> Site:
    """Return the site. Reads and packs some sixty files the first time: not for an event loop's own thread.

    ``broker``: where the page may hear the public feed itself (``nodes.web.broker_url``).
    """
    paths = sorted(path for path in _FOLDER.rglob("*") if path.is_file())
    bodies = {path.relative_to(_FOLDER).as_posix(): path.read_bytes() for path in paths}
    page = bodies.pop(_PAGE).decode()
    version = _fingerprint(*(part for name, body in bodies.items() for part in (name.encode(), body)))
    modules = "\n".join(
        f'<link rel="modulepreload" href="{version}/{name}">' for name in bodies if name.startswith("js/")
    )
    told = "" if broker is None else f'<meta name="recarga-broker" content="{html.escape(broker)}">'
    page = page.replace(_LINK, f'="{version}/').replace(_PRELOAD, modules).replace(_BROKER, told)
    files = {name: _asset(name, body) for name, body in bodies.items()}
    return Site(version, _asset(_PAGE, page.encode()), files)


def _asset(name: str, body: bytes) -> Asset:
    media_type = _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(body, gzip.compress(body, mtime=0), media_type, f'"{_fingerprint(body)}"')


def _fingerprint(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()[:16]
