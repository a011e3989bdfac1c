"""How commands say what happens, and what went wrong."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated, Any

import orjson
import typer

from nodes.documents import DocumentError
from nodes.domain.ids import is_node_id
from nodes.errors import ConfigError, RecargaError

Json = Annotated[bool, typer.Option("--json", help="Say what happens as one JSON object a line.")]


@contextmanager
def errors(json: bool) -> Generator[None]:
    """Turn errors that we foresee into one line and an exit code: 2 for what was told wrongly, 1 for the rest."""
    try:
        yield
    except RecargaError as error:
        if json:
            say(True, "", event="error", error=type(error).__name__, message=str(error))
        typer.echo(f"recarga: {error}", err=True)
        raise typer.Exit(2 if isinstance(error, (ConfigError, DocumentError)) else 1) from None


def say(json: bool, text: str, **members: Any) -> None:
    """Print a line at once: ``text``, or the members as JSON."""
    sys.stdout.write(orjson.dumps(members).decode() + "\n" if json else f"{text}\n")
    sys.stdout.flush()


def checked_node_id(text: str, option: str) -> str:
    """Return a node's id as it was given, or raise ``ConfigError``."""
    if not is_node_id(text):
        raise ConfigError(f"{option}: expected 1 to 32 of a-z, 0-9 and - (not at an end), got {text[:60]!r}")
    return text
