"""Is the load generator fast enough? Against a trivial responder it must reach over twice the yardstick's rate.

The yardstick also runs against itself: how far that ratio is from 1 is what the machine can tell apart today.
"""

from __future__ import annotations

from dataclasses import replace

from bench.contestant import row, take_turns
from bench.empty_post import empty_post
from bench.interleave import ratio
from bench.responder import responder
from bench.result import Options, Result


def run(options: Options) -> Result:
    """Compare the generator's limit with the fastest thing it is used on."""
    with responder() as bound, empty_post() as yardstick, empty_post() as twin:
        same = replace(twin, name="empty POST, again")
        turns = take_turns((bound, yardstick, same), options)
    rates = {name: [turn.load.requests_per_s for turn in rounds] for name, rounds in turns.items()}
    return Result(
        "The load generator's limit, and the yardstick",
        [row(name, rounds) for name, rounds in turns.items()],
        [
            ratio(f"{name} / {yardstick.name}, requests/s", rates[name], rates[yardstick.name])
            for name in (bound.name, same.name)
        ],
    )
