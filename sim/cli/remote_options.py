"""What is told of nodes that run already: where they are, and what they are shown."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.worlds.credentials import Credentials

CLUSTER = "recarga"
"""What a network is called unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class RemoteOptions:
    """The options of a remote run. ``words`` gives them back as they were said."""

    targets: tuple[str, ...] = ()
    token_file: Path | None = None
    """Holds an operator's token; None: it is in ``RECARGA_TOKEN``, or none is wanted."""
    auth_keys: Path | None = None
    """The nodes' keys: every driver has a token of their own then."""
    cluster: str = CLUSTER

    def words(self) -> Iterator[str]:
        """Yield the options, without what they are by default and without anything secret."""
        for url in self.targets:
            yield from ("--target", url)
        if self.token_file is not None:
            yield from ("--token-file", str(self.token_file))
        if self.auth_keys is not None:
            yield from ("--auth-keys", str(self.auth_keys))
        if self.cluster != CLUSTER:
            yield from ("--cluster", self.cluster)

    def credentials(self) -> "Credentials":
        """Return what the nodes are shown. Raises ``RemoteError`` or ``ConfigError`` for files that hold no such thing."""
        from sim.remote_run import read_token
        from sim.worlds.credentials import Credentials, minting

        mint = None if self.auth_keys is None else minting(self.auth_keys, self.cluster)
        return Credentials(read_token(self.token_file, os.environ.get("RECARGA_TOKEN")), mint)
