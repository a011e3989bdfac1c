"""The bound on request bodies alone, over every way a length can be told, hidden or lied about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from nodes.api.body_limit import BodyLimit

LIMIT = 10


class App:
    """Reads the whole body, as FastAPI does."""

    def __init__(self) -> None:
        self.read = b""
        self.messages = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        more = True
        while more:
            message = await receive()
            self.messages += 1
            if message["type"] == "http.disconnect":
                return
            self.read += message.get("body", b"")
            more = message.get("more_body", False)


async def send(_: Message) -> None:
    raise AssertionError("the limit answers by an exception, which the app turns into a problem")


async def pass_through(chunks: list[bytes], headers: list[tuple[bytes, bytes]], method: str = "POST") -> App:
    app, left = App(), list(chunks)

    async def receive() -> Message:
        if not left:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    await BodyLimit(app, LIMIT)({"type": "http", "method": method, "headers": headers}, receive, send)
    return app


@pytest.mark.parametrize("told", [True, False], ids=["length-told", "chunked"])
async def test_a_body_of_exactly_the_limit_goes_through_and_one_byte_more_does_not(told: bool) -> None:
    """The bound is what the documentation says it is."""
    headers = [(b"content-length", b"10")] if told else [(b"transfer-encoding", b"chunked")]
    assert (await pass_through([b"x" * 4, b"y" * 6], headers)).read == b"xxxxyyyyyy"
    headers = [(b"content-length", b"11")] if told else headers
    with pytest.raises(HTTPException) as refused:
        await pass_through([b"x" * 4, b"y" * 7], headers)
    assert refused.value.status_code == 413


async def test_a_length_beyond_the_limit_is_refused_before_anything_is_read() -> None:
    """A client that announces a gigabyte need not send it."""
    with pytest.raises(HTTPException):
        await pass_through([], [(b"content-length", b"1000000000")])


@pytest.mark.parametrize("told", [b"", b"-1", b"+5", b"1e1", b"\xb2", b" 5", b"0x5", b"9" * 5_000])
async def test_a_length_that_is_no_number_lets_nothing_large_through(told: bytes) -> None:
    """The HTTP server refuses these; should it not, the bound still holds."""
    with pytest.raises((HTTPException, ValueError)):
        await pass_through([b"x" * 11], [(b"content-length", told)])


async def test_an_unread_body_costs_nothing() -> None:
    """An app that answers without reading is not asked to."""

    async def answers_at_once(*_: object) -> None:
        return

    async def receive() -> Message:
        raise AssertionError("nobody reads")

    scope = {"type": "http", "method": "POST", "headers": [(b"content-length", b"1000000")]}
    await BodyLimit(answers_at_once, LIMIT)(scope, receive, send)


async def test_a_client_that_goes_away_in_the_middle_is_passed_on() -> None:
    """The app must learn that no more will come, and not wait for it."""
    app = App()
    messages: list[Message] = [
        {"type": "http.request", "body": b"xx", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    await BodyLimit(app, LIMIT)({"type": "http", "method": "POST", "headers": []}, receive, send)
    assert (app.read, app.messages) == (b"xx", 2)


async def test_what_is_not_a_request_passes() -> None:
    """Lifespan and the like have no body and no method."""
    seen: list[Scope] = []

    async def app(scope: Scope, *_: object) -> None:
        seen.append(scope)

    await BodyLimit(app, LIMIT)({"type": "lifespan"}, None, send)  # type: ignore[arg-type]
    assert seen == [{"type": "lifespan"}]


@given(st.lists(st.binary(max_size=6), min_size=1, max_size=8), st.sampled_from(["POST", "PATCH", "DELETE", "PUT"]))
async def test_however_it_is_cut_up_no_more_than_the_limit_is_read(chunks: list[bytes], method: str) -> None:
    """P10: a body without a length is counted as it comes."""
    whole = b"".join(chunks)
    if len(whole) <= LIMIT:
        assert (await pass_through(chunks, [], method)).read == whole
        return
    with pytest.raises(HTTPException) as refused:
        await pass_through(chunks, [], method)
    assert refused.value.status_code == 413
