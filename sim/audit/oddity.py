"""What is odd about an event of a point's journal."""

from dataclasses import dataclass

from sim.audit.rows import Event


@dataclass(frozen=True, slots=True)
class Oddity:
    """What no correct node writes."""

    kind: str
    """``overlap``: two windows in force share an instant; ``second-session``; ``twice``: made again; ``unknown``: never
    made; ``over``: its status did not allow this; ``price``, ``power``: not those that were announced; ``no-show``:
    something is granted while a window nobody came for is still held; ``past``: a window is granted that begins before
    what has happened; ``unilateral``: a stop in doubt ended otherwise than by its trip's decision.
    """
    event: Event
    text: str
    subjects: tuple[str, ...]
    """Reservations and sessions it is about."""
