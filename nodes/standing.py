"""Whether this node may serve. It loses that right for good, until it is started anew, when somebody else has it."""

import logging
from collections.abc import Callable

from nodes.errors import NotServing

_log = logging.getLogger(__name__)


class Standing:
    """One switch. Who finds out that the node must not serve turns it; whatever the node is asked looks at it first."""

    def __init__(self, node_id: str, on_refused: Callable[[], None] = lambda: None) -> None:
        """``on_refused`` is called once, when the node stops serving: nothing of it may go on by itself."""
        self.refusal: NotServing | None = None
        self._node_id = node_id
        self._on_refused = on_refused

    def refuse(self, refusal: NotServing) -> None:
        """Serve no more, and say why to everybody who asks. The first reason stands."""
        if self.refusal is None:
            self.refusal = refusal
            _log.critical("%s serves no more: %s", self._node_id, refusal)
            self._on_refused()

    def check(self) -> None:
        """Raise the ``NotServing`` that says why the node must not serve, if it must not."""
        if self.refusal is not None:
            raise self.refusal
