"""Where a PostgreSQL database is, and how to speak of it without its password."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from nodes.errors import ConfigError

DRIVER = "postgresql+psycopg"
_EXPECTED = f"{DRIVER}://user:password@host:port/database"


def parse_database_url(text: str) -> URL:
    """Return the URL of a PostgreSQL database. Raises ``ConfigError``, which does not repeat what may be a password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # SQLAlchemy would quote what it cannot read
        raise ConfigError(
            f"--database-url: expected {_EXPECTED}; write @ : / and % in a password as %40 %3A %2F and %25"
        ) from None
    if url.drivername not in (DRIVER, "postgresql", "postgres"):
        hint = "; without it a node uses SQLite in --data" if url.drivername.startswith("sqlite") else ""
        raise ConfigError(f"--database-url: expected {_EXPECTED}, got one of {url.drivername[:40]}{hint}")
    if not url.database:
        raise ConfigError(f"--database-url: expected {_EXPECTED}, got none that names a database")
    url = url.set(drivername=DRIVER)
    password = url.query.get("password")
    if isinstance(password, str):
        url = url.set(password=password).difference_update_query(["password"])
    _load_driver()
    return url


def spoken(url: URL) -> str:
    """Return the URL as errors and logs may have it: where, and as whom."""
    hosts = url.query.get("host") or url.host or "local socket"
    host = hosts if isinstance(hosts, str) else ",".join(hosts)
    port = "" if url.port is None else f":{url.port}"
    return f"postgresql://{url.username or ''}@{host}{port}/{url.database}"


def _load_driver() -> None:
    try:
        import psycopg  # noqa: F401 - only whether it is there
    except ImportError as error:
        detail = f"its driver is not installed ({error}); pip install 'recarga[postgres]'"
        raise ConfigError(f"--database-url: PostgreSQL: {detail}") from error
