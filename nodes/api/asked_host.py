"""Which host a browser asked for, as the request's headers tell it through any number of proxies."""

from collections.abc import Iterable

FORWARDED_HOST = b"x-forwarded-host"
"""What a proxy says that it was asked for. No other site's page can say it: it would have to ask first (CORS), in vain."""
_FORWARDED_PROTO = b"x-forwarded-proto"


def asked_hosts(headers: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """Return every host that a request names: what proxies were asked for, the first of them first, then its ``Host``."""
    forwarded, own = [], []
    for name, value in headers:
        if name == FORWARDED_HOST:
            forwarded += [each.strip() for each in value.split(b",")]
        elif name == b"host":
            own.append(value.strip())
    return forwarded + own


def asked_port(headers: Iterable[tuple[bytes, bytes]], scheme: str) -> int:
    """Return the port in a browser's address bar. ``scheme``: how this node was asked."""
    headers = list(headers)
    hosts = asked_hosts(headers)
    text = hosts[0].rpartition(b"]")[2].rpartition(b":")[2] if hosts and b":" in hosts[0] else b""
    if text.isdigit() and len(text) <= 5:
        return int(text)
    return 443 if is_tls(headers, scheme) else 80


def is_tls(headers: Iterable[tuple[bytes, bytes]], scheme: str) -> bool:
    """Whether the browser speaks TLS, with the node or with a proxy before it. To believe that too often does no harm."""
    return scheme == "https" or any(
        name == _FORWARDED_PROTO and value.strip().lower() == b"https" for name, value in headers
    )
