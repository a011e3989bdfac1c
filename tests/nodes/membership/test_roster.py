"""What is told: the same beliefs have the same fingerprint, and in the end everything is told."""

from hypothesis import given
from hypothesis import strategies as st

from nodes.membership.roster import Roster
from nodes.tidings import Claim, NodeState

CLAIMS = st.builds(
    Claim, st.sampled_from("abcdef"), st.sampled_from(NodeState), st.integers(0, 3), st.integers(0, 3), st.none()
)


@given(st.lists(CLAIMS, max_size=30))
def test_the_fingerprint_depends_on_what_is_believed_only(claims: list[Claim]) -> None:
    """Two nodes that believe the same must find out that there is nothing to tell."""
    one, other = Roster(), Roster()
    for each in claims:
        one.put(each)
    last = {each.node: each for each in claims}
    for node_id in sorted(last):
        other.put(last[node_id])
    assert one.text == (other.text if claims else "")


def test_news_is_bounded_and_in_the_end_everything_is_told() -> None:
    """P10, and still no node stays unknown in a large network."""
    roster = Roster()
    for number in range(50):
        roster.put(Claim(f"n{number}", NodeState.ALIVE, 1, 0))
    told: dict[str, None] = {}
    for _ in range(12):
        news = roster.news(("n3",), "n0", 10)
        assert len(news) == 10
        assert news[0].node == "n3"
        assert "n49" in [each.node for each in news]
        told |= dict.fromkeys(each.node for each in news)
    assert sorted(told) == sorted(f"n{number}" for number in range(1, 50))
