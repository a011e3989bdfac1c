"""Why a node is believed to be what it is, for programs and for people."""

import pytest

from nodes.gossip.reason import Reason, ReasonCode


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason(ReasonCode.UNANSWERED, probes=1, indirect=2), "no answer to a probe, 2 indirect"),
        (Reason(ReasonCode.UNANSWERED, probes=2, indirect=3), "no answer to 2 probes, 3 indirect"),
        (Reason(ReasonCode.TOLD, by="server3"), "server3 says so"),
        (Reason(ReasonCode.OLD_HISTORY, detail="it is at epoch 1"), "it is at epoch 1"),
    ],
)
def test_what_belongs_to_a_code_is_told_beside_it_and_in_the_text(reason: Reason, text: str) -> None:
    """Clients put the values into words of their own; logs have the text."""
    told = reason.told()
    assert (told["reason"], told["reason_code"]) == (text, reason.code)
    assert told["reason_values"] == {"by": reason.by, "probes": reason.probes, "indirect": reason.indirect}


def test_every_code_has_a_text_of_its_own() -> None:
    """A log line that says nothing, or the same of two things, helps nobody."""
    texts = [str(Reason(code, by="server3", probes=2, indirect=1, detail="found")) for code in ReasonCode]
    assert all(texts)
    assert len(set(texts)) == len(ReasonCode)
