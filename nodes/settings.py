"""What a node process is told."""

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL

from nodes.auth.permissions import SeedContract
from nodes.config import NodeConfig


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it, as options and environment variables say it (``recarga node --help``)."""

    config: NodeConfig
    host: str = "127.0.0.1"
    port: int = 9000
    """0: any free port."""
    data: Path = Path("data")
    database: URL | None = None
    """A PostgreSQL database, instead of SQLite in ``data``."""
    broker: str | None = None
    broker_password_file: Path | None = None
    tls: tuple[Path, Path] | None = None
    """Certificate chain and private key (PEM); None: HTTP without TLS."""
    points: Path | None = None
    peers: dict[str, str] = field(default_factory=dict)
    """URLs by node id, for nodes that gossip has not told of yet."""
    url: str | None = None
    """Where other nodes reach this one; by default the address it listens on."""
    civil_time: Path | None = None
    """A laboratory's civil time (``nodes.laboratory``)."""
    auth_keys: Path | None = None
    """A JWK Set: callers are told apart. Without keys everybody may do all, and the node listens on loopback only."""
    auth_keys_json: str | None = None
    """The same as text."""
    seed_contract: SeedContract = SeedContract.TOKEN
    web_broker: str | None = None
    """Where browsers may hear the public feed themselves (``nodes.web.broker_url``)."""
    logs_requests: bool = False
    """Whether each request has an id and a line in the log."""
    traces: bool = False
    """Whether OpenTelemetry is told of each request."""

    @property
    def has_keys(self) -> bool:
        """Whether callers are told apart."""
        return self.auth_keys is not None or self.auth_keys_json is not None
