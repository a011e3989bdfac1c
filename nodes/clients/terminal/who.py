"""Finds out who uses the application."""

import asyncio

from nodes.clients.driver import driver_of
from nodes.clients.errors import Passing, Unreachable
from nodes.clients.network import Network
from nodes.clients.terminal.board import Board

_PAUSE_S = 1.0
"""Between two times that all nodes were asked in vain, for as long as a client waits each time."""


async def find_out_who(said: str | None, network: Network, board: Board) -> None:
    """Fill in who one is to the nodes, and who drives; an operator need not. Asks until a node answers.

    Raises ``NotAllowed`` where nobody is known, ``BadInput`` where it must be said who drives.
    """
    board.driver_id = said or ""
    while board.identity is None:
        try:
            board.identity = await network.identity()
        except (Passing, Unreachable):  # the bar says so
            await asyncio.sleep(_PAUSE_S)
    if said is not None or board.identity.role != "operator":
        board.driver_id = driver_of(said, board.identity)
