"""How often somebody may ask: a token bucket for each (Turner, *IEEE Communications Magazine* 24(10), 1986).

A bucket holds ``burst`` and fills at ``per_s``; each request takes one. So a page that asks for much at once is served, and
whoever never stops is held to the rate.
"""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from math import ceil

from nodes.errors import TooManyRequests
from nodes.ports import Clock


@dataclass(frozen=True, slots=True)
class Rate:
    """A long-run rate in requests per second, and how many may come at once."""

    per_s: float
    burst: int


class Rates:
    """Buckets by name, ``names_max`` of them: who has not asked for longest is forgotten, and begins with a full one."""

    def __init__(self, clock: Clock, names_max: int) -> None:
        self._clock = clock
        self._names_max = names_max
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """What is left, and when that was so."""

    def __len__(self) -> int:
        """Return the number of buckets."""
        return len(self._buckets)

    def take(self, name: str, rate: Rate) -> None:
        """Count a request. Raises ``TooManyRequests`` when there is one too many; that one takes nothing."""
        buckets, now_s = self._buckets, self._clock.monotonic_s()
        left, since_s = buckets.get(name, (float(rate.burst), now_s))
        left = min(float(rate.burst), left + (now_s - since_s) * rate.per_s)
        if left < 1:
            raise TooManyRequests("you ask too often", retry_after_s=max(1, ceil((1 - left) / rate.per_s)))
        buckets[name] = left - 1, now_s
        buckets.move_to_end(name)
        if len(buckets) > self._names_max:
            buckets.popitem(last=False)

    def give_back(self, name: str) -> None:
        """Let the last request that was counted under that name have cost nothing."""
        if (known := self._buckets.get(name)) is not None:
            self._buckets[name] = known[0] + 1, known[1]


def address_name(host: str) -> str:
    """Return what a source address is counted as: an IPv6 customer has a whole /64, and is one all the same."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, 64), strict=False))
