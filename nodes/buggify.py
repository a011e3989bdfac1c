"""Places where a node may misbehave within its contract: a laboratory decides when, live it never does.

After FoundationDB's BUGGIFY: what is allowed but rare (a full mailbox, a late timer, an answer lost on its way back) is
made to happen often, so that the code that has to live with it is run.
"""

PLACES = {
    "server.full": "A node refuses as if too many requests were under way. The answer is 503; nothing has happened.",
    "mailbox.full": "A mailbox refuses as if it were full. The answer is 429, as over any bound; nothing has happened.",
    "journal.no_room": "A mailbox waits for a turn, between any two messages, as if the open segment were full.",
    "journal.late": "The writer begins one turn later than it could. When a batch is written is the journal's affair.",
    "answers.forget": "Answers leave memory as soon as they are durable. The store has them; who asks reads them there.",
    "answers.look_up": "The store is asked for a key that it cannot know. It says no: slower, never wrong.",
    "point.look_again": "What was looked up for a request is looked up anew, as if it had been overtaken; some times.",
    "point.expire": "A request's time is over before its turn comes. The answer is 503, and it is not begun.",
    "alarms.early": "The timer rings early. Clocks may do that: who is woken looks at the clock, and sleeps again.",
    "alarms.late": "The timer rings up to a second late. A busy loop does that; commands catch up before they decide.",
    "gossip.skip": "A flush is left out; its news goes with the next one. Gossip is a hint, its cadence no promise.",
    "gossip.no_digest": "A digest is sent later. It says what was told before, whenever it comes.",
    "gossip.again": "A node tells of all its points anew, as after a reconnect. Views take what they know for a repeat.",
    "peers.no_answer": "The answer of a peer is lost after the peer acted. A network does that: the outcome is unknown.",
}
"""The places, and why what happens there is within the contract."""


def never(_place: str) -> bool:
    """Behave: the live adapter of ``nodes.ports.Buggify``."""
    return False
