"""A key for each node: it signs for that node only, and for no other role. Nodes are given each other's public halves.

The network's own keys, which sign for drivers and operators, stay with the keeper; nodes get their public halves. A secret
for HS256 has none: where there is one, whoever verifies can sign, and every node has to be given it.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from nodes.access.folder import AccessFolder
from nodes.auth.algorithm import Algorithm
from nodes.auth.key_file import read_key_file, write_key_file
from nodes.auth.keys import new_key, public_half
from nodes.auth.revocations import Revocation
from nodes.principal import Role

Jwk = dict[str, Any]


class NodeKeys:
    """Keeps the nodes' files of keys (``<folder>/<node>/keys.json``) in step with the network's."""

    def __init__(self, keys: Path, folder: AccessFolder, node_ids: Sequence[str]) -> None:
        """``keys``: the network's, with their private halves."""
        self._keys = keys
        self._folder = folder
        self._node_ids = node_ids

    def write(self) -> None:
        """Make what is missing, and write what has changed. Raises ``ConfigError``."""
        jwks, revocations = read_key_file(self._keys)
        named = {jwk["kid"] for jwk in jwks}
        own = {node_id: self._own(node_id, named) for node_id in self._node_ids}
        halves = [half for jwk in own.values() if jwk["kid"] not in named and (half := public_half(jwk)) is not None]
        if halves:  # nodes that read the network's file itself know the others by it
            jwks = [*jwks, *halves]
            write_key_file(self._keys, jwks, revocations, is_new=False)
        for node_id, private in own.items():
            others = [public_half(jwk) or jwk for jwk in jwks if jwk["kid"] != private["kid"]]
            self._write(node_id, [private, *others], revocations)

    def _own(self, node_id: str, named: Collection[str]) -> Jwk:
        """Return the node's key. One that somebody has taken out of the network's file was stolen, or is worn: a new one."""
        path = self._folder.keys_of(node_id)
        if path.exists():
            (private, *_), _ = read_key_file(path)
            if private["kid"] in named:
                return private
        return new_key(Algorithm.EDDSA, [Role.NODE], node_id)

    def _write(self, node_id: str, jwks: list[Jwk], revocations: list[Revocation]) -> None:
        path = self._folder.keys_of(node_id)
        is_new = not path.exists()
        if is_new or read_key_file(path) != (jwks, revocations):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_key_file(path, jwks, revocations, is_new=is_new)
