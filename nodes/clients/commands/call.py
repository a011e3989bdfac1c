"""One command's run: the network, who asks, and how what comes of it is said."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NoReturn, TypeVar

import typer

from nodes.clients.commands.exit_code import ExitCode, exit_code_of
from nodes.clients.commands.options import DEFAULT_NODES, Settings
from nodes.clients.driver import who_drives
from nodes.clients.errors import PROBLEM_PREFIX, BadInput, ClientError, Problem, Unreachable
from nodes.clients.moments import now_ms
from nodes.clients.network import Network
from nodes.clients.objects import Told
from nodes.clients.plain_text import json_line, plain
from nodes.clients.speech import LANGUAGES, Speech, language_of_user
from nodes.clients.token import Token

T = TypeVar("T", bound=Told)


class Call:
    """What a command works with."""

    def __init__(self, settings: Settings, network: Network) -> None:
        self.settings = settings
        self.network = network
        self.speech = speech_of(settings)
        self.now_ms = now_ms()

    @property
    def json(self) -> bool:
        """Whether JSON is wanted."""
        return self.settings.json

    async def driver(self) -> str:
        """Return who drives: as was said, as the token says, or by login name where there is no authentication."""
        return await who_drives(self.settings.driver, self.network)

    def tell(self, told: Told, text: str) -> None:
        """Say an object: as JSON, or in words."""
        self.say(json_line(told.told) if self.json else text)

    def tell_all(
        self,
        items: Sequence[T],
        away: Iterable[ClientError],
        table: Callable[[Sequence[T], Speech, int], Any],
        nothing: str,
    ) -> None:
        """Say a list, and which nodes could not be asked: as JSON, one object a line, or as a table, or that it is empty."""
        self.warn_of(away)
        if self.json:
            for item in items:
                self.say(json_line(item.told))
        else:
            self.show(table(items, self.speech, self.now_ms) if items else self.speech(nothing))

    def warn_of(self, away: Iterable[ClientError]) -> None:
        """Say which nodes could not be asked."""
        for error in away:
            self.warn(self.speech("away_list", url=plain(error)))

    def say(self, text: str) -> None:
        """Print a line."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def warn(self, text: str) -> None:
        """Print a line beside the result."""
        typer.echo(f"recarga: {text}", err=True)

    def show(self, *renderables: Any) -> None:
        """Print tables."""
        for renderable in renderables:
            self._console.print(renderable)

    @cached_property
    def _console(self) -> Any:
        from rich.console import Console

        return Console(highlight=False, markup=False, emoji=False)


def speech_of(settings: Settings) -> Speech:
    """Return the language that was asked for. Raises ``BadInput``."""
    language = settings.language or language_of_user()
    if language not in LANGUAGES:
        raise BadInput(f"--language: expected one of {', '.join(LANGUAGES)}, got {language[:20]!r}")
    return Speech(language)


def open_network(settings: Settings) -> Network:
    """Return the network that the settings name. Raises ``BadInput``."""
    from nodes.clients.http_client import HttpClient, Patience

    patience = Patience() if settings.deadline_s is None else Patience(deadline_s=settings.deadline_s)
    token = Token(settings.token(), settings.token)
    return Network(HttpClient(settings.nodes or DEFAULT_NODES, token=token, patience=patience))


def run(settings: Settings, work: Callable[[Call], Awaitable[None]]) -> NoReturn:
    """Do a command's work and end the process with its exit code."""

    async def main() -> None:
        network = open_network(settings)
        async with network.client:
            await work(Call(settings, network))

    code = ExitCode.DONE
    try:
        asyncio.run(main())
    except ClientError as error:
        code = exit_code_of(error)
        _say_error(settings, error, code)
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:  # whoever read has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise typer.Exit(int(code))


def _say_error(settings: Settings, error: ClientError, code: ExitCode) -> None:
    if settings.json:
        sys.stdout.write(json_line(_as_json(error)) + "\n")
        sys.stdout.flush()
    now = now_ms()
    try:
        speech = speech_of(settings)
    except BadInput:
        speech = Speech("en")
    lines = [speech.explain(error, now)]
    if isinstance(error, Problem) and error.stop is not None:
        lines = [speech("stop_refused", n=error.stop + 1, why=lines[0])]
    if isinstance(error, Problem) and error.alternative is not None:
        lines.append(speech("offer", window=speech.span(*error.alternative, now)))
    if isinstance(error, (Problem, Unreachable)) and error.outcome == "unknown" and error.key is not None:
        lines.append(speech("retry_key", key=error.key))
    for line in lines:
        typer.echo(f"recarga: {line}", err=True)
    assert code is not ExitCode.DONE


def _as_json(error: ClientError) -> dict[str, Any]:
    """Return a node's problem as it came, or one of the client's own in the same shape."""
    if isinstance(error, Problem):
        told = error.body if "type" in error.body else {"type": "about:blank", "status": error.status} | error.body
        return told | ({"outcome": error.outcome, "key": error.key} if error.outcome == "unknown" else {})
    kind = "".join(f"-{char.lower()}" if char.isupper() else char for char in type(error).__name__).lstrip("-")
    members = {"outcome": error.outcome, "key": error.key} if isinstance(error, Unreachable) else {"outcome": "none"}
    return {"type": f"{PROBLEM_PREFIX}client:{kind}", "title": type(error).__name__, "detail": str(error)} | members
