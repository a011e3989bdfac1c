"""Who drives."""

import getpass

from nodes.clients.errors import BadInput
from nodes.clients.network import Network
from nodes.clients.objects import Identity
from nodes.clients.plain_text import plain


async def who_drives(said: str | None, network: Network) -> str:
    """Return who drives: as was said, as the token says, or by login name where there is none. Raises ``BadInput``."""
    is_asked = said is None and network.client.has_token
    return driver_of(said, await network.identity() if is_asked else Identity(authentication=False))


def driver_of(said: str | None, identity: Identity) -> str:
    """Return who drives, where it is known who one is to a node. Raises ``BadInput``."""
    if said is not None:
        return said
    if identity.role == "driver" and identity.sub is not None:
        return identity.sub
    if identity.authentication:
        raise BadInput(f"--driver: say who drives; the token is of the role {plain(identity.role)}")
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise BadInput("--driver: say who drives; this process has no login name") from None
