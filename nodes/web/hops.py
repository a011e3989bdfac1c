"""Which headers go through a proxy, and which end at it (RFC 9110, 7.6.1)."""

from collections.abc import Iterable

from nodes.peers.wire import BEHALF_HEADER, EPOCH_HEADER, FORWARDED_HEADER, MET_HEADER

Headers = list[tuple[str, str]]

_OF_ONE_HOP = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
_SET_ANEW = frozenset(
    ("host", "content-length", "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host")
)
_BETWEEN_NODES = frozenset(name.lower() for name in (BEHALF_HEADER, EPOCH_HEADER, FORWARDED_HEADER, MET_HEADER))
"""What nodes tell each other; nobody else speaks for one."""
_ANSWERED_ANEW = frozenset(("date", "server"))


def to_node(headers: Iterable[tuple[str, str]], client: str, scheme: str) -> Headers:
    """Return a request's headers as a node is to get them. ``client``, ``scheme``: who asked the proxy, and how.

    That somebody before the proxy spoke TLS is believed: all that follows from it is a cookie for TLS only. So is what they
    were asked for: nodes look at all names that a request was sent to.
    """
    headers = list(headers)
    if any(name.lower() == "x-forwarded-proto" and value.lower() == "https" for name, value in headers):
        scheme = "https"
    hosts = [value for wanted in ("x-forwarded-host", "host") for name, value in headers if name.lower() == wanted]
    kept = _without(headers, _SET_ANEW | _BETWEEN_NODES)
    asked = [("X-Forwarded-Host", ", ".join(hosts))] if hosts else []
    return [*kept, *asked, ("X-Forwarded-For", client), ("X-Forwarded-Proto", scheme)]


def to_client(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return an answer's headers as the client is to get them."""
    return _without(list(headers), _ANSWERED_ANEW)


def _without(headers: Headers, dropped: frozenset[str]) -> Headers:
    named = {name.strip().lower() for key, value in headers if key.lower() == "connection" for name in value.split(",")}
    return [(key, value) for key, value in headers if key.lower() not in dropped | _OF_ONE_HOP | named]
