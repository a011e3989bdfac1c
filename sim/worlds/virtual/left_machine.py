"""A machine that its node has left while its old process still runs: whom it reaches, and whom not."""

from collections.abc import Callable

from sim.worlds.virtual.network import BROKER


class LeftMachine:
    """A cut around one machine: at first from everybody. Once it ``is_back``, from those who cannot know better.

    Those are the vehicles, which were told the new address, and nodes that have not met the new process yet: between such
    a node and the old process nothing tells right from wrong (``docs/protocol.md``, *Two machines with one database*).
    """

    def __init__(self, machine: str, knows_better: Callable[[str], bool]) -> None:
        """``knows_better``: whether what runs on a machine has met the node's new process."""
        self.is_back = False
        self._machine = machine
        self._knows_better = knows_better

    def cuts(self, sender: str, receiver: str) -> bool:
        """Whether nothing gets from one to the other."""
        if self._machine not in (sender, receiver) or sender == receiver:
            return False
        other = receiver if sender == self._machine else sender
        return not self.is_back or (other != BROKER and not self._knows_better(other))
