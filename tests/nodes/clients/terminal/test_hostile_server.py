"""The application at a server that means ill, and at one that does not let it in: small servers, as real nodes do neither."""

import pytest
from aiohttp import web

from nodes.clients.terminal.form_screen import FormScreen
from tests.nodes.clients.terminal.examples import point
from tests.nodes.clients.terminal.screens import running_app
from tests.nodes.clients.test_http_client import problem, server

_EVIL = "\x1b]0;evil\x07\x9b31m\u202e[bold red]x[/] [@click=app.quit]y[/]"


async def _hostile(request: web.Request) -> web.StreamResponse:
    node = {
        "id": _EVIL,
        "self": True,
        "state": _EVIL,
        "epoch": 1,
        "url": None,
        "points": 1,
        "points_seen": 1,
        "since_ms": 0,
        "heard_ms": 0,
        "stale": False,
        "lag": {"events": 0},
        "reason": _EVIL,
    }
    evil = point(
        name=_EVIL, location={"address": _EVIL}, connector=_EVIL, fault=_EVIL, currency=_EVIL, status=_EVIL
    ).told
    answers = {"/v1/points": [evil], "/v1/nodes": [node]}
    if request.path in answers:
        return web.json_response({"items": answers[request.path], "next_cursor": None})
    return await problem(404, _EVIL)(request)


async def test_no_escape_sequence_and_no_markup_of_a_server_comes_through() -> None:
    """It is shown as what it is: text, with a sign for each character that cannot be printed."""
    async with server(_hostile) as evil, running_app(evil.url, size=(140, 40), is_live=False) as seen:
        await seen.shows("�]0;evil��31m�[bold red]x[/]")
        assert all(line.isprintable() for line in seen.text.splitlines())
        await seen.press("4")
        await seen.shows("1 Points", "�]0;evil��31m�[bold red]x[/] [@click=app.quit]y[/]")
        assert all(line.isprintable() for line in seen.text.splitlines())
        await seen.press("5")
        await seen.shows("5 Operator", "�]0;evil��31m�[bold red]x[/] [@click=app.quit]y[/]")
        assert all(line.isprintable() for line in seen.text.splitlines())
        await seen.press("n")
        await seen.until(lambda: isinstance(seen.app.screen, FormScreen), "a form, in which nodes can be chosen")
        await seen.shows("]0;evil��31m�[bold red]x")
        assert all(line.isprintable() for line in seen.text.splitlines())
        await seen.press("escape", "1", "r")
        await seen.fill("now", "30m")
        await seen.until(lambda: "�]0;evil" in seen.app.screen.query_one("#said").render().plain, "the refusal")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("status", "kind", "words"), [(401, "unauthenticated", "not signed in"), (403, "forbidden", "not allowed")]
)
async def test_who_is_not_let_in_is_told_why(status: int, kind: str, words: str) -> None:
    """Instead of a server that is away."""
    async with server(problem(status, kind)) as closed, running_app(closed.url, is_live=False) as seen:
        await seen.shows(words)
