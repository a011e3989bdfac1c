"""What the broker and each node read, as files: each node's folder holds its own password and nobody else's."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from nodes.access.acl import acl_text, points_in
from nodes.access.password_file import new_password, password_file

PASSWORD = "password"  # noqa: S105 - a file's name
TOKEN = "token"  # noqa: S105 - so is this
ACL, PASSWORDS = "acl", "passwords"


class AccessFolder:
    """``<folder>/broker/{acl,passwords}`` for the broker, ``<folder>/<node>/password`` for each node.

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
                _write(path, new_password(), mode=0o600)
            passwords[node_id] = path.read_text()
        _write(self._broker / PASSWORDS, password_file(passwords), mode=0o644)

    def write_token(self, name: str, token: str) -> None:
        """Put a token into the folder of a program, which may run as any user."""
        _write(self._folder / name / TOKEN, token, mode=0o644)

    def write_acl(self, points: Mapping[str, Collection[str]]) -> None:
        """Write the list anew."""
        _write(self._broker / ACL, acl_text(self._cluster, points), mode=0o644)


def _write(path: Path, text: str, *, mode: int) -> None:
    """Write a file whole or not at all. The broker runs as another user, in a container that only it has a look into."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:  # noqa: PTH123 - with a mode
        os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
