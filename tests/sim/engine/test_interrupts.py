"""Ctrl-C while virtual time runs."""

import asyncio
import signal
from collections.abc import Iterator

import pytest
from simpy import Environment

from sim.engine.loop import VirtualLoop


@pytest.fixture
def _attended() -> Iterator[None]:
    """Let Ctrl-C mean what it does at a terminal: a shell starts what runs in its background with Ctrl-C ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_attended")
def test_ctrl_c_comes_between_two_steps() -> None:
    """What is being done is done to its end: nobody has to ask afterwards whether a commit was made."""
    done: list[str] = []

    async def works() -> None:
        signal.raise_signal(signal.SIGINT)
        done.append("this step")
        await asyncio.sleep(1)
        done.append("the next one")

    with pytest.raises(KeyboardInterrupt):
        VirtualLoop(Environment()).run_until_complete(works())  # type: ignore[abstract] # fenced
    assert done == ["this step"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_who_handles_ctrl_c_already_goes_on_doing_so() -> None:
    """A worker of an exploration ignores it: its parent decides."""

    async def works() -> str:
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(1)
        return "went on"

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert VirtualLoop(Environment()).run_until_complete(works()) == "went on"  # type: ignore[abstract] # fenced
    finally:
        signal.signal(signal.SIGINT, before)
