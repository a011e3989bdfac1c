"""How commands speak: to people, or in JSON; and how errors that we foresee end."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from nodes.documents import DocumentError
from nodes.errors import RecargaError
from sim.errors import LaboratoryError

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line, and nothing else.")]


class ExitCode(IntEnum):
    """What a command's end means to a script."""

    PASS = 0
    ERROR = 1
    BAD_SCENARIO = 2
    INVALID = 3
    """The run proves nothing: the generator fell behind."""
    VIOLATION = 99
    """The audit found a broken promise, or a limit failed."""


def say(**members: Any) -> None:
    """Print one JSON object on a line."""
    sys.stdout.write(orjson.dumps(members, default=str).decode() + "\n")
    sys.stdout.flush()


def console() -> Console:
    """Return the console for people; plain text when the output is no terminal. Paths hold brackets: there is no markup."""
    return Console(highlight=False, markup=False, soft_wrap=not sys.stdout.isatty())


class CommandError(LaboratoryError):
    """A command cannot go on; the text says why, in one line or a few."""


class BadOption(CommandError):
    """An option says what cannot be meant: exit code 2, like a bad scenario."""


@contextmanager
def foreseen(*, json: bool) -> Iterator[None]:
    """Turn errors that we foresee into one message on stderr and an exit code."""
    try:
        yield
    except DocumentError as error:
        _fail(error, ExitCode.BAD_SCENARIO, json=json)
    except BadOption as error:
        _fail(error, ExitCode.BAD_SCENARIO, json=json)
    except (LaboratoryError, RecargaError) as error:
        _fail(error, ExitCode.ERROR, json=json)
    except OSError as error:
        _fail(error, ExitCode.ERROR, json=json, message=_of_the_system(error))


def _of_the_system(error: OSError) -> str:
    """Return what the system says, in the order of our own errors: the file, then what is wrong with it."""
    return str(error) if error.filename is None else f"{error.filename}: {error.strerror}"


def _fail(error: Exception, code: ExitCode, *, json: bool, message: str | None = None) -> None:
    message = message or str(error)
    if json:
        say(event="error", error=type(error).__name__, message=message, exit_code=int(code))
    typer.echo(message if code is ExitCode.BAD_SCENARIO else f"recarga: {message}", err=True)
    raise typer.Exit(int(code))
