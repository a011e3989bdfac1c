"""The journal's gate, closed more often than it has to be."""

from collections.abc import Callable

from nodes.actors.mailbox import Gate
from nodes.ports import Buggify


class HesitantGate:
    """A gate that ``buggify`` closes for one turn of the loop, now and then. Not used live."""

    def __init__(self, gate: Gate, call_soon: Callable[[Callable[[], None]], object], buggify: Buggify) -> None:
        self._gate = gate
        self._call_soon = call_soon
        self._buggify = buggify

    @property
    def has_room(self) -> bool:
        """See ``Gate``."""
        return self._gate.has_room and not self._buggify("journal.no_room")

    def when_room(self, callback: Callable[[], None]) -> None:
        """See ``Gate``."""
        if self._gate.has_room:
            self._call_soon(callback)
        else:
            self._gate.when_room(callback)
