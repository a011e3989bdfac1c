"""What a command's end means to a script."""

from enum import IntEnum

from nodes.clients.errors import BadInput, ClientError, Invalid, NotAllowed, NotFound, Passing, Refused, Unreachable


class ExitCode(IntEnum):
    """Also told by ``recarga client --help``."""

    DONE = 0
    ERROR = 1
    """A node made a mistake, or who answered is none."""
    BAD_INPUT = 2
    """What was said cannot be meant."""
    NOT_ALLOWED = 3
    """Not signed in, or not allowed to."""
    REFUSED = 4
    """Not as things are: taken, in use, too late."""
    NOT_FOUND = 5
    """There is no such thing, or it is not yours."""
    UNREACHABLE = 6
    """Nobody decided in time."""
    INTERRUPTED = 130
    """Ctrl-C."""


_CODES: tuple[tuple[type[ClientError], ExitCode], ...] = (
    (BadInput, ExitCode.BAD_INPUT),
    (Invalid, ExitCode.BAD_INPUT),
    (NotAllowed, ExitCode.NOT_ALLOWED),
    (Refused, ExitCode.REFUSED),
    (NotFound, ExitCode.NOT_FOUND),
    (Passing, ExitCode.UNREACHABLE),
    (Unreachable, ExitCode.UNREACHABLE),
)


def exit_code_of(error: ClientError) -> ExitCode:
    """Return the exit code of a command that ends in this error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.ERROR)
