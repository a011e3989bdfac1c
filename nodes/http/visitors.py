"""Connections to one server, by source address."""

from collections import Counter
from typing import Any

from nodes.auth.rates import address_name
from nodes.config import Limits


class Visitors:
    """Counts connections from the moment that they are accepted: each holds a file and memory, whatever it says."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._by_address: Counter[str] = Counter()
        self._all = 0

    def enter(self, peer: tuple[Any, ...] | None) -> tuple[str, bool]:
        """Count a connection from a socket's address. Returns what it is counted under, and whether it is not one too many."""
        address = address_name(peer[0]) if peer else "somewhere"
        self._by_address[address] += 1
        self._all += 1
        limits = self._limits
        fits = self._by_address[address] <= limits.connections_per_address_max
        return address, fits and self._all <= limits.connections_max

    def leave(self, address: str) -> None:
        """Count one less."""
        self._all -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
