"""HTTP sessions in which a request is sent once."""

import aiohttp


def open_session(connections_max: int) -> aiohttp.ClientSession:
    """Return a session that keeps up to ``connections_max`` connections to each host open; whoever has it closes it.

    A DELETE whose connection broke would be sent again unasked. Nobody there by then would look like: never asked.
    """
    connector = aiohttp.TCPConnector(limit=0, limit_per_host=connections_max)
    session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
    session._retry_connection = False  # noqa: SLF001 - aiohttp offers no other way
    return session
