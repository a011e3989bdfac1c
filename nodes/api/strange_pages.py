"""No page of another site has a browser change anything here.

A browser sends some requests of any page to any address (forms, and scripts that do not ask to read the answer). It says
where they come from; where nobody needs a token, to look at that is all there is. And where a page's own name leads to this
machine, the browser takes this node for the page's own site (DNS rebinding); then only the name tells.
"""

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from nodes.api.asked_host import FORWARDED_HOST, asked_hosts
from nodes.api.credentials import CLIENT_HEADER, WEB_CLIENT
from nodes.api.exchange import respond
from nodes.errors import Forbidden
from nodes.problems import error_answer

_SAFE = ("GET", "HEAD", "OPTIONS")
_OF_ANOTHER_SITE = (b"cross-site", b"same-site")
"""What ``Sec-Fetch-Site`` says of another site's page, or of one at another port or name of this one's."""
_CLIENT = CLIENT_HEADER.lower().encode()
_TELLING = frozenset((b"host", FORWARDED_HOST, b"sec-fetch-site", b"origin", b"authorization", _CLIENT))
"""Headers that are looked at; of most requests one is."""
_HOSTS_MAX = 64
"""Names remembered as ours or not: a node has two or three."""


class StrangePages:
    """ASGI middleware: answers 403 to what another site's page has a browser send."""

    def __init__(self, app: ASGIApp, own_url: str | None, refused: Callable[[str], None]) -> None:
        """``own_url``: where this node is, if it tells nobody apart and so must be asked by a name of its own; None: it asks
        for tokens. ``refused`` hears why something was.
        """
        self._app = app
        self._own_name = None if own_url is None else urlsplit(own_url).hostname or ""
        self._refused = refused
        self._known_hosts: dict[bytes, bool] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        flaw = self._flaw(scope) if scope["type"] == "http" else None
        if flaw is None:
            await self._app(scope, receive, send)
            return
        error = Forbidden(flaw)
        self._refused(type(error).__name__)
        await respond(error_answer(error))(scope, receive, send)

    def _flaw(self, scope: Scope) -> str | None:
        changes = scope["method"] not in _SAFE
        if not changes and self._own_name is None:
            return None
        told = [header for header in scope["headers"] if header[0] in _TELLING]
        if self._own_name is not None and not all(map(self._is_ours, asked_hosts(told))):
            return "without keys this node is for this machine: ask it as localhost"
        if changes and _is_of_another_site(told):
            return "another site's page changes nothing here"
        return None

    def _is_ours(self, host: bytes) -> bool:
        known = self._known_hosts.get(host)
        if known is None:
            if len(self._known_hosts) >= _HOSTS_MAX:
                self._known_hosts.clear()
            known = self._known_hosts[host] = self._may_be_ours(host)
        return known

    def _may_be_ours(self, host: bytes) -> bool:
        """Whether no stranger can have that name lead here. One without a dot (``localhost``, a container's) is nobody's in
        the Internet; an address is no name.
        """
        text = host.decode("latin-1").lower()
        name = text[1:].partition("]")[0] if text.startswith("[") else text.partition(":")[0]
        name = name.rstrip(".")
        if "." not in name or name == self._own_name or name.endswith(".localhost"):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _is_of_another_site(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a browser says so. With a token, or with our page's header, it would have asked first, in vain."""
    site = origin = None
    for name, value in headers:
        if name == b"sec-fetch-site":
            site = value
        elif name == b"origin":
            origin = value
        elif name == b"authorization" or (name == _CLIENT and value.strip() == WEB_CLIENT):
            return False
    if site is not None:
        return site in _OF_ANOTHER_SITE
    return origin is not None and origin.partition(b"://")[2].lower() not in [
        host.lower() for host in asked_hosts(headers)
    ]
