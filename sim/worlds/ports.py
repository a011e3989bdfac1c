"""Free TCP ports on this machine."""

import socket
from random import SystemRandom

_FIRST, _LAST = 10_240, 32_767
"""Below the range from which the kernel takes ports for outgoing connections, so that a node that was killed finds its
port free when it comes back."""
_TRIES = 1_000


def free_port() -> int:
    """Return a port of the loopback address on which nobody listens now. Raises ``OSError`` when none is found."""
    rng = SystemRandom()
    for _ in range(_TRIES):
        port = rng.randint(_FIRST, _LAST)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port found")
