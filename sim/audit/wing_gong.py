"""Is there an order of concurrent calls that explains every answer? The search of Wing & Gong, with Lowe's memory.

J. Wing, C. Gong: Testing and Verifying Concurrent Objects (1993); G. Lowe: Testing for Linearizability (2017). The
object is a set of windows held: to reserve needs that none held clashes, to be refused needs that one does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a call did, by what its caller was told."""

    RESERVE = "reserve"
    REFUSED = "refused"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Call:
    """One call; its number is its place in the sequence that is searched."""

    kind: Kind
    start: int
    """When it was made."""
    end: int | None
    """When it was answered; None: nobody knows, and it may not have had any effect."""
    mask: int
    """Of a cancel: the bit of the call that reserved what it gives back. Else: the bits of the calls whose windows
    overlap this one's."""


def search(calls: Sequence[Call], steps_max: int) -> tuple[bool | None, int]:
    """Say whether some order explains all answers (None: not known within so many steps), and how many steps it took.

    Any order keeps a call that was answered before another was made before that other. Who can be refused now is refused
    now: that changes nothing, so no other order would do better.
    """
    timeline = _Timeline(calls)
    held = done = steps = 0
    seen: set[tuple[int, int]] = set()
    stack: list[tuple[int, int]] = []
    number = timeline.first()
    while timeline.waiting:
        if steps == steps_max:
            return None, steps
        steps += 1
        if number is None:  # somebody was answered, so what is tried must have come before: take the last choice back
            while stack:
                number, held = stack.pop()
                done &= ~(1 << number)
                timeline.put_back(number)
                if calls[number].kind is not Kind.REFUSED:
                    break
            else:
                return False, steps
            number = timeline.after(number)
            continue
        after = _after(calls[number], 1 << number, held, done)
        if after is None or (done | 1 << number, after) in seen:
            number = timeline.after(number)
            continue
        done |= 1 << number
        seen.add((done, after))
        stack.append((number, held))
        held = after
        timeline.take_out(number)
        number = timeline.first()
    return True, steps


class _Timeline:
    """Calls and answers in the order of time, as a list from which calls are taken out with their answers.

    Places are 0 for the beginning (and the end), 1 + number for calls, higher ones for answers.
    """

    def __init__(self, calls: Sequence[Call]) -> None:
        self.waiting = sum(call.end is not None for call in calls)
        """Calls in the list that were answered."""
        self._count = count = len(calls)
        self._answers = [0 if call.end is None else count + number + 1 for number, call in enumerate(calls)]
        """By call, the place of its answer; 0 for none."""
        times = [(call.start, number + 1) for number, call in enumerate(calls)]
        times += [(call.end, count + number + 1) for number, call in enumerate(calls) if call.end is not None]
        self._following, self._preceding = [0] * (2 * count + 1), [0] * (2 * count + 1)
        last = 0
        for _, place in sorted(times):
            self._following[last], self._preceding[place] = place, last
            last = place
        self._preceding[0] = last

    def first(self) -> int | None:
        """Return the first call; None where an answer comes before, or nothing is left."""
        place = self._following[0]
        return place - 1 if 0 < place <= self._count else None

    def after(self, number: int) -> int | None:
        """Return the call after that one, likewise."""
        place = self._following[number + 1]
        return place - 1 if 0 < place <= self._count else None

    def take_out(self, number: int) -> None:
        """Take a call and its answer out."""
        following, preceding = self._following, self._preceding
        for place in (number + 1, self._answers[number]):
            if place:
                following[preceding[place]], preceding[following[place]] = following[place], preceding[place]
        self.waiting -= self._answers[number] > 0

    def put_back(self, number: int) -> None:
        """Put the call that was taken out last back where it was."""
        following, preceding = self._following, self._preceding
        for place in (self._answers[number], number + 1):
            if place:
                following[preceding[place]] = preceding[following[place]] = place
        self.waiting += self._answers[number] > 0


def _after(call: Call, bit: int, held: int, done: int) -> int | None:
    """Return what is held after the call, if it may come now."""
    if call.kind is Kind.RESERVE:
        return None if held & call.mask else held | bit
    if call.kind is Kind.REFUSED:
        return held if held & call.mask else None
    return held & ~call.mask if done & call.mask else None
