"""``recarga version``."""

import platform

from nodes.version import VERSION
from sim.cli.terminal import JsonOption, console, say


def version(json: JsonOption = False) -> None:
    """Say which version this is."""
    if json:
        say(event="version", recarga=VERSION, python=platform.python_version())
    else:
        console().print(f"recarga {VERSION} (Python {platform.python_version()})")
