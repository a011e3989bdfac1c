"""The broker that web pages listen to themselves, over WebSocket."""

from urllib.parse import urlsplit

from nodes.errors import ConfigError


def parse_web_broker(text: str) -> str:
    """Return the URL of a broker as pages are told it, such as ``ws://localhost:9006``. Raises ``ConfigError``.

    Every visitor reads it, so it names no user and no password: the public feed needs none.
    """
    if not _is_right(text):
        raise ConfigError(f"--web-broker: expected ws[s]://host[:port][/path] without a user, got {text[:100]!r}")
    return text


def _is_right(text: str) -> bool:
    try:
        parts = urlsplit(text)
        is_there = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    would_end_a_policy = any(sign in text for sign in " ;,'\"<>")
    return is_there and "@" not in parts.netloc and not (parts.query or parts.fragment or would_end_a_policy)


def origin(url: str) -> str:
    """Return the part of a broker's URL by which a ``Content-Security-Policy`` allows to connect to it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
