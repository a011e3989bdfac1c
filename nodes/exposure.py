"""Who can reach an address: this machine only, or others too."""

import ipaddress

from nodes.errors import ConfigError


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there. Raises ``ConfigError`` for what is no address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError as error:
        raise ConfigError(f"host: expected an IP address, got {host!r}") from error


def refuse_to_be_exposed(host: str, advice: str, *, is_guarded: bool = False) -> None:
    """Raise ``ConfigError`` for what is no address, and, unless it ``is_guarded``, for any but a loopback one.

    Who cannot tell who asks is for this machine only; ``advice`` says what to do instead.
    """
    if not is_loopback(host) and not is_guarded:
        raise ConfigError(f"host: {host} can be reached from other machines, and everybody may do all here: {advice}")
