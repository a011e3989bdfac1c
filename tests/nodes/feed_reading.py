"""A feed as a stream, for tests that watch without HTTP."""

from collections.abc import AsyncGenerator

from nodes.feed import Feed, Item


async def read(feed: Feed) -> AsyncGenerator[Item, None]:
    """Yield items from now on, until the feed is closed or this reader is too slow. Raises ``NodeBusy``."""
    with feed.joined() as next_item:
        while (item := await next_item()) is not None:
            yield item
