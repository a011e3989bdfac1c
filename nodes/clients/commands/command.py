"""Makes a command of an async function: it gets its own parameters, and a ``Call`` made of the options all share."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, ParamSpec, get_type_hints

import typer

from nodes.clients.commands.call import Call, run
from nodes.clients.commands.options import Deadline, Driver, Json, Language, Nodes, Settings, TokenFile

P = ParamSpec("P")

_SHARED: dict[str, tuple[Any, Any]] = {
    "node": (Nodes, None),
    "token_file": (TokenFile, None),
    "driver": (Driver, None),
    "deadline": (Deadline, None),
    "language": (Language, None),
    "json": (Json, False),
}


def settings_from(options: dict[str, Any]) -> Settings:
    """Return what the shared options say; they are taken out of ``options``."""
    said = {name: options.pop(name) for name in _SHARED}
    return Settings(
        said["node"] or [], said["token_file"], said["driver"], said["deadline"], said["language"], said["json"]
    )


def add_command(
    app: typer.Typer, work: Callable[Concatenate[Call, P], Awaitable[None]], name: str | None = None
) -> None:
    """Give ``app`` the command that ``work`` is. Its first parameter is the call; its docstring is the help."""
    hints = get_type_hints(work, include_extras=True)
    own = list(inspect.signature(work).parameters.values())[1:]

    def command(ctx: typer.Context, **options: Any) -> None:
        settings = settings_from(options).over(ctx.obj)
        run(settings, lambda call: work(call, **options))  # type: ignore[call-arg] # as the signature below says

    kind = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter("ctx", kind, annotation=typer.Context)]
    parameters += [
        inspect.Parameter(each.name, kind, default=each.default, annotation=hints[each.name]) for each in own
    ]
    parameters += [
        inspect.Parameter(option, kind, default=default, annotation=annotation)
        for option, (annotation, default) in _SHARED.items()
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # what typer looks at
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    command.__doc__ = work.__doc__
    app.command(name or work.__name__)(command)
