"""The token that a client says, read anew where a node takes it no longer."""

from collections.abc import Callable

from nodes.clients.errors import BadInput, Problem


class Token:
    """``text`` None: nothing is said. ``read`` returns it anew, as the file holds it now; it may raise ``BadInput``."""

    def __init__(self, text: str | None, read: Callable[[], str | None] | None = None) -> None:
        self._text = text
        self._read = read

    @property
    def headers(self) -> dict[str, str]:
        """What says it."""
        return {} if self._text is None else {"Authorization": f"Bearer {self._text}"}

    def is_another_after(self, error: Problem) -> bool:
        """Whether a node refused the token, and there is another one by now, which is said from now on."""
        if error.status != 401 or self._read is None:
            return False
        try:
            before, self._text = self._text, self._read()
        except BadInput:
            return False
        return self._text != before
