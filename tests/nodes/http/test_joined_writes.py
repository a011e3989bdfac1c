"""What is written in one go is sent at once; nothing waits for more than the loop's next turn, and nothing is lost."""

import asyncio

from nodes.http.joined_writes import JoinedWrites


class Wire(asyncio.Transport):
    """What would be sent, a piece for each system call."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.sent.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return 100

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed


def both() -> tuple[Wire, JoinedWrites]:
    wire = Wire()
    return wire, JoinedWrites(wire, asyncio.get_running_loop())


async def test_a_head_and_a_body_are_one_piece() -> None:
    """Again for the next answer, also in the same turn."""
    wire, joined = both()
    joined.write(b"head ")
    assert joined.get_write_buffer_size() == 105
    joined.write(b"body")
    joined.write(b"more")
    assert wire.sent == [b"head body", b"more"]
    await asyncio.sleep(0)
    joined.write(b"head ")
    joined.write(b"body")
    assert wire.sent[2:] == [b"head body"]


async def test_what_stands_alone_is_sent_in_the_next_turn() -> None:
    """A stream's head comes long before what happens."""
    wire, joined = both()
    joined.write(b"head")
    assert wire.sent == []
    await asyncio.sleep(0)
    assert wire.sent == [b"head"]


async def test_closing_sends_what_is_held_and_aborting_drops_it() -> None:
    """Nothing is written to a connection that has ended."""
    for end, sent in (("close", [b"head"]), ("abort", [])):
        wire, joined = both()
        joined.write(b"head")
        getattr(joined, end)()
        await asyncio.sleep(0)
        assert (wire.sent, joined.is_closing()) == (sent, True)
