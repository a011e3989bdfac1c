"""Which headers go through a proxy, and which end at it (RFC 9110, 7.6.1)."""

from collections.abc import Iterable

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
_BETWEEN_NODES = frozenset(("recarga-forwarded-by", "recarga-epoch", "recarga-met-epoch"))
"""What nodes tell each other; nobody else speaks for one."""
_ANSWERED_ANEW = frozenset(("date", "server"))


def to_node(headers: Iterable[tuple[str, str]], client: str, scheme: str) -> Headers:
    """Return a request's headers as a node is to get them. ``client``, ``scheme``: who asked the proxy, and how."""
    kept = _without(list(headers), _SET_ANEW | _BETWEEN_NODES)
    return [*kept, ("X-Forwarded-For", client), ("X-Forwarded-Proto", scheme)]


def to_client(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return an answer's headers as the client is to get them."""
    return _without(list(headers), _ANSWERED_ANEW)


def _without(headers: Headers, dropped: frozenset[str]) -> Headers:
    named = {name.strip().lower() for key, value in headers if key.lower() == "connection" for name in value.split(",")}
    return [(key, value) for key, value in headers if key.lower() not in dropped | _OF_ONE_HOP | named]
