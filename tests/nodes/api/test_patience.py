"""What one caller waits for several questions is one wait."""

import pytest

from nodes.api.patience import Patience
from nodes.errors import DeadlineExceeded
from tests.nodes.manual_clock import ManualClock


async def test_it_runs_down_and_then_nothing_more_is_begun() -> None:
    """A question that nobody waits for any more would be answered to nobody, and may reserve something."""
    clock = ManualClock()
    said, silent = Patience(clock, 1_000, 5_000), Patience(clock, None, 5_000)
    assert (said.left_ms(), silent.left_ms()) == (1_000, 5_000)
    await clock.advance(0.75)
    assert (said.left_ms(), silent.left_ms()) == (250, 4_250)
    await clock.advance(0.25)
    with pytest.raises(DeadlineExceeded) as over:
        said.left_ms()
    assert not over.value.started
    assert silent.left_ms() == 4_000
