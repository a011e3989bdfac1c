"""Who drives."""

import getpass

from nodes.clients.errors import BadInput
from nodes.clients.network import Network
from nodes.clients.plain_text import plain


async def who_drives(said: str | None, network: Network) -> str:
    """Return who drives: as was said, as the token says, or by login name where there is none. Raises ``BadInput``."""
    if said is not None:
        return said
    if network.client.has_token:
        identity = await network.identity()
        if identity.role == "driver" and identity.sub is not None:
            return identity.sub
        if identity.authentication:
            raise BadInput(f"--driver: say who drives; the token is of the role {plain(identity.role)}")
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise BadInput("--driver: say who drives; this process has no login name") from None
