"""Ctrl-C while virtual time runs."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from signal import SIGINT, default_int_handler, getsignal, signal


@contextmanager
def noting_ctrl_c(note: Callable[[], None]) -> Iterator[None]:
    """While inside, Ctrl-C calls ``note`` instead of raising wherever the code happens to be.

    Raised in the middle of a commit nobody would know whether it was made, and raised in a weak reference's callback it
    would be lost. Where SIGINT has a handler of its own, or is ignored, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread() or getsignal(SIGINT) is not default_int_handler:
        yield
        return
    signal(SIGINT, lambda *_: note())
    try:
        yield
    finally:
        signal(SIGINT, default_int_handler)
