"""How a process is told to stop."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Generator


@contextlib.contextmanager
def stop_signals() -> Generator[asyncio.Event, None, None]:
    """Give an event that SIGTERM and SIGINT set. A second signal ends the process at once."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()

    def on_signal() -> None:
        if told.is_set():
            logging.getLogger(__name__).warning("told to stop twice: leaving at once")
            os._exit(130)
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    try:
        yield told
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
