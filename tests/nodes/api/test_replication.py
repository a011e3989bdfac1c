"""``/v1/journal``, ``/v1/snapshot``, ``/v1/attested``: what a node tells others that lack something of it."""

from pathlib import Path

from tests.nodes.running import Client, running_node


async def test_the_journal_is_told_in_pages_without_gaps_and_without_drivers(client: Client) -> None:
    """A peer goes on from ``next_after``; who drives is nobody's business."""
    await client.create()
    for minute in range(100, 500, 100):
        assert (await client.reserve(minute)).status == 201
    after: int | None = 0
    vers: list[int] = []
    while after is not None:
        page = (await client.get(f"/v1/journal?after={after}&limit=2")).body
        assert (page["node"], page["first_ver"], page["head_ver"], page["epoch"]) == ("server1", 1, 5, 1)
        assert [point["id"] for point in page["points"]] == ["server1.centro-01"]
        assert page["points"][0]["witness"] == [1, 5]
        assert set(page["items"][0]) == {"ver", "epoch", "type", "point_id", "point_seq", "at_ms"}
        assert "ana" not in str(page)
        vers += [item["ver"] for item in page["items"]]
        after = page["next_after"]
    assert vers == [1, 2, 3, 4, 5]
    beyond = (await client.get("/v1/journal?after=5")).body
    assert (beyond["items"], beyond["points"], beyond["next_after"]) == ([], [], None)


async def test_a_snapshot_is_told_in_pages_in_order_of_id(client: Client) -> None:
    """Together they are all points; each page says how far the journal goes."""
    for slug in ("b", "a", "c"):
        await client.create(slug)
    first = (await client.get("/v1/snapshot?limit=2")).body
    assert [point["id"] for point in first["items"]] == ["server1.a", "server1.b"]
    assert (first["next_after"], first["count"], first["head_ver"]) == ("server1.b", 3, 3)
    second = (await client.get(f"/v1/snapshot?limit=2&after={first['next_after']}")).body
    assert ([point["id"] for point in second["items"]], second["next_after"]) == (["server1.c"], None)
    assert second["points_hash"] == first["points_hash"]


async def test_another_nodes_journal_comes_from_that_node(tmp_path: Path) -> None:
    """Any node can be asked for any; it hands the question on, once."""
    async with running_node(tmp_path, "server2") as owner:
        await owner.create("a")
        async with running_node(tmp_path, "server1", peers={"server2": owner.url}) as node:
            for path in ("journal", "snapshot"):
                told = await node.get(f"/v1/{path}?node=server2")
                assert (told.status, told.body["node"], told.body["head_ver"]) == (200, "server2", 1)
            assert (await node.get("/v1/journal?node=server9")).problem == "unknown-node"


async def test_nothing_is_attested_of_a_node_that_was_never_asked(client: Client) -> None:
    """Hearsay is no testimony."""
    told = await client.get("/v1/attested?of=server7")
    assert told.body == {"of": "server7", "epoch": 0, "ver": 0, "vouched": False}


async def test_a_journal_that_begins_later_says_so(tmp_path: Path) -> None:
    """Nothing trims it today; whoever does it by hand leaves others something to go by."""
    async with running_node(tmp_path) as client:
        for slug in ("a", "b", "c"):
            await client.create(slug)
    import sqlite3

    database = sqlite3.connect(tmp_path / "server1.db")
    with database:
        database.execute("DELETE FROM journal WHERE ver < 3")
    database.close()
    async with running_node(tmp_path) as client:
        told = await client.get("/v1/journal?after=1")
        assert (told.status, told.problem, told.body["first_ver"]) == (410, "journal-trimmed", 3)
        assert [item["ver"] for item in (await client.get("/v1/journal?after=2")).body["items"]] == [3]
