import asyncio

from nodes.tasks import end


async def test_a_task_that_loses_a_cancellation_is_cancelled_again():
    """A node that is told to stop must stop, whatever a client library makes of a cancellation."""
    lost = 0

    async def stubborn() -> None:
        nonlocal lost
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            lost += 1
        await asyncio.Event().wait()

    task = asyncio.ensure_future(stubborn())
    await asyncio.sleep(0)
    await end(task)
    assert (lost, task.cancelled()) == (1, True)


async def test_ending_a_task_that_has_failed_raises_nothing():
    """What it failed with stays in the task, for who wants to know."""

    async def failing() -> None:
        raise ValueError("broken")

    task = asyncio.ensure_future(failing())
    await asyncio.sleep(0)
    await end(task)
    assert isinstance(task.exception(), ValueError)
