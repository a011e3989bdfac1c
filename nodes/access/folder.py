"""What the broker and each node read, as files: each node's folder holds its own password and nobody else's."""

from collections.abc import Collection, Mapping
from pathlib import Path

from nodes.access.acl import acl_text, points_in
from nodes.access.password_file import new_password, password_file
from nodes.whole_file import write_whole

PASSWORD = "password"  # noqa: S105 - a file's name
TOKEN = "token"  # noqa: S105 - so is this
KEYS = "keys.json"
ACL, PASSWORDS = "acl", "passwords"
_READABLE = 0o644
"""The broker and programs run as other users, in containers that only they have a look into."""


class AccessFolder:
    """``<folder>/broker/{acl,passwords}`` for the broker, ``<folder>/<node>/{password,keys.json}`` for each node.

    ``<folder>/<name>/token`` for programs that show one. Each folder is for one reader: a volume of its own.
    """

    def __init__(self, folder: Path, cluster: str) -> None:
        self._folder = folder
        self._broker = folder / "broker"
        self._cluster = cluster

    def known_points(self) -> dict[str, set[str]]:
        """Return the points that the list names now, by node id."""
        try:
            return points_in((self._broker / ACL).read_text())
        except FileNotFoundError:
            return {}

    def write_passwords(self, nodes: Collection[str]) -> None:
        """Make a password for each node that has none, and the broker's file of them all."""
        passwords = {}
        for node_id in nodes:
            path = self._folder / node_id / PASSWORD
            if not path.exists():
                write_whole(path, new_password().encode(), mode=0o600)
            passwords[node_id] = path.read_text()
        write_whole(self._broker / PASSWORDS, password_file(passwords).encode(), mode=_READABLE)

    def keys_of(self, node_id: str) -> Path:
        """Return where a node's file of keys is."""
        return self._folder / node_id / KEYS

    def write_token(self, name: str, token: str) -> None:
        """Put a token into the folder of a program, which may run as any user."""
        write_whole(self._folder / name / TOKEN, token.encode(), mode=_READABLE)

    def write_acl(self, points: Mapping[str, Collection[str]]) -> None:
        """Write the list anew."""
        write_whole(self._broker / ACL, acl_text(self._cluster, points).encode(), mode=_READABLE)
