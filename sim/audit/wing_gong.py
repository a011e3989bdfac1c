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
    following, returns = _timeline(calls)
    preceding = [0] * len(following)
    for place, later in enumerate(following):
        preceding[later] = place
    count = len(calls)
    held = done = steps = 0
    open_calls = sum(call.end is not None for call in calls)
    seen: set[tuple[int, int]] = set()
    stack: list[tuple[int, int]] = []
    place = following[0]
    while open_calls:
        if steps == steps_max:
            return None, steps
        steps += 1
        if 0 < place <= count:
            number = place - 1
            after = _after(calls[number], 1 << number, held, done)
            if after is not None and (done | 1 << number, after) not in seen:
                done |= 1 << number
                seen.add((done, after))
                stack.append((place, held))
                held = after
                open_calls -= returns[number] > 0
                for gone in (place, returns[number]):
                    if gone:
                        following[preceding[gone]], preceding[following[gone]] = following[gone], preceding[gone]
                place = following[0]
            else:
                place = following[place]
        else:  # somebody was answered, so what is tried must have come before: take the last choice back
            while stack:
                place, held = stack.pop()
                number = place - 1
                done &= ~(1 << number)
                open_calls += returns[number] > 0
                for back in (returns[number], place):
                    if back:
                        following[preceding[back]] = preceding[following[back]] = back
                if calls[number].kind is not Kind.REFUSED:
                    break
            else:
                return False, steps
            place = following[place]
    return True, steps


def _timeline(calls: Sequence[Call]) -> tuple[list[int], list[int]]:
    """Return for every place the one after it, and for every call the place of its answer, 0 for none.

    Places are 0 for the beginning (and the end), 1 + number for calls, higher ones for answers.
    """
    times: list[tuple[int, int]] = []
    returns = [0] * len(calls)
    for number, call in enumerate(calls):
        times.append((call.start, number + 1))
        if call.end is not None:
            returns[number] = len(calls) + number + 1
            times.append((call.end, returns[number]))
    times.sort()
    following = [0] * (2 * len(calls) + 1)
    last = 0
    for _, place in times:
        following[last] = place
        last = place
    return following, returns


def _after(call: Call, bit: int, held: int, done: int) -> int | None:
    """Return what is held after the call, if it may come now."""
    if call.kind is Kind.RESERVE:
        return None if held & call.mask else held | bit
    if call.kind is Kind.REFUSED:
        return held if held & call.mask else None
    return held & ~call.mask if done & call.mask else None
