"""What a request shows of who makes it, read off its headers by hand: it is on the hot path."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nodes.api.asked_host import asked_port
from nodes.peers.wire import BEHALF_HEADER, EPOCH_HEADER, FORWARDED_HEADER, MET_HEADER

COOKIE = "recarga_session_"
"""Begins the name of a browser's cookie, which holds its token; the port in its address bar ends it. Cookies know no ports: two
clients on one machine would have one, and who signs in at the second would be signed in at the first."""
CLIENT_HEADER = "Recarga-Client"
WEB_CLIENT = b"web"
"""What a page of ours says in that header. Another site's page cannot: it would have to ask first (CORS), in vain."""


@dataclass(slots=True)
class Credentials:
    """All that is shown."""

    token: str | None = None
    by_cookie: bool = False
    is_doubtful: bool = False
    """Whether it can be read in two ways: two tokens, or none of the kind we take."""
    behalf: str | None = None
    """The token of the caller for whom a node asks."""
    forwarded_by: str | None = None
    """The node that says it asks."""
    claims_node: bool = False
    """Whether it says anything that only nodes do."""
    by_web_client: bool = False


def cookie_name(headers: Sequence[tuple[bytes, bytes]], scheme: str) -> str:
    """Return the name of the cookie of whoever asks. ``scheme``: how this node was asked."""
    return f"{COOKIE}{asked_port(headers, scheme)}"


def read_credentials(headers: Sequence[tuple[bytes, bytes]], scheme: str) -> Credentials:
    """Return what a request's headers show. An ``Authorization`` counts for more than a cookie."""
    found, cookie = Credentials(), None
    for name, value in headers:
        if name == b"cookie":
            cookie = _session_of(value, cookie_name(headers, scheme)) or cookie
        elif (read := _READERS.get(name)) is not None:
            read(found, value)
    if cookie is not None and found.token is None and not found.is_doubtful:
        found.token, found.by_cookie = cookie, True
    return found


def _session_of(cookies: bytes, name: str) -> str | None:
    begins = f"{name}=".encode()
    for part in cookies.split(b";"):
        text = part.strip()
        if text.startswith(begins):
            return text[len(begins) :].decode("latin-1") or None
    return None


def _read_authorization(found: Credentials, value: bytes) -> None:
    scheme, _, token = value.strip().partition(b" ")
    if found.token is not None or scheme.lower() != b"bearer" or not token.strip():
        found.is_doubtful, found.token = True, None
    else:
        found.token = token.strip().decode("latin-1")


def _read_behalf(found: Credentials, value: bytes) -> None:
    if found.behalf is not None:
        found.is_doubtful = True
    found.behalf, found.claims_node = value.strip().decode("latin-1"), True


def _read_forwarded(found: Credentials, value: bytes) -> None:
    found.forwarded_by, found.claims_node = value.strip().decode("latin-1"), True


def _read_claim(found: Credentials, _: bytes) -> None:
    found.claims_node = True


def _read_client(found: Credentials, value: bytes) -> None:
    found.by_web_client = value.strip() == WEB_CLIENT


_READERS: dict[bytes, Callable[[Credentials, bytes], None]] = {
    b"authorization": _read_authorization,
    BEHALF_HEADER.lower().encode(): _read_behalf,
    FORWARDED_HEADER.lower().encode(): _read_forwarded,
    EPOCH_HEADER.lower().encode(): _read_claim,
    MET_HEADER.lower().encode(): _read_claim,
    CLIENT_HEADER.lower().encode(): _read_client,
}
