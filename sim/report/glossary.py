"""The report's terms, one line each."""

GLOSSARY: dict[str, str] = {
    "offered": "A request that a vehicle sent. A request repeated after no answer is offered again.",
    "accepted": "The node did what was asked, and said so.",
    "refused": "The point's owner decided against it, for example because the window was taken. Nothing was done.",
    "unavailable": "Nobody decided: the node was unreachable, stopping or overloaded. Nothing was done.",
    "unknown": "No answer, or one that leaves open whether it was done. Resolved by asking again with the same key.",
    "from the intended time": "Latency counted from when the request should have been sent, so that a generator that "
    "waits for slow answers cannot hide them (coordinated omission).",
    "from the send time": "Latency counted from when the request was sent.",
    "p50, p90, p99, p99.9": "Percentiles by nearest rank: 99 of 100 requests were done within p99. Every one was measured.",
    "tries": "How often a point was asked for, for each time that it was had.",
    "trip": "Several reservations, on points of any nodes, sold together: all of its stops are reserved or none.",
    "asked for": "Windows that requests to reserve name: a reservation one, a trip one at each of its stops.",
    "elsewhere": "A stop of a trip that its point did not refuse: another stop was refused, and with it the whole trip.",
    "cancel trip": "A whole trip given back; stops for which it is too late, or which were used, are kept.",
    "busy": "The point was reserved or charging: nobody else could have it.",
    "window": "The time a reservation is for, from its start up to, and without, its end.",
    "in force": "A reservation holds its window from its start until it is released or ends.",
    "wished start": "When the driver wanted to plug in; waiting is counted from here.",
    "gave up": "The driver ran out of patience, attempts or points to try.",
    "refused at start": "The driver had a reservation, came, and could not plug in.",
    "no show": "The driver had a reservation and did not come; part of the scenario.",
    "left": "The run closed before the driver was served.",
    "lost": "The driver never learned what became of a request.",
    "epoch": "How often a node has started.",
    "node, point, session": "A server; a charging point that it owns, which serves one vehicle at a time; one charge.",
    "the scenario's time": "The time of day that the vehicles live in. In a local run it goes faster than the clock on the "
    "wall; in a virtual run there is no other time.",
    "virtual time": "Time that passes when nobody has anything to do. What takes no simulated time takes none.",
    "trace hash": "Of every step of a virtual run. The same hash: the same run, to the last message.",
}

_MEANINGS: dict[str, str] = {
    "window-taken": "the window overlaps another reservation",
    "window-in-past": "the window starts in the past",
    "unknown-point": "there is no such point",
    "too-late-to-cancel": "it was too late to cancel",
    "too-early-to-start": "it was too early to plug in",
    "point-occupied": "another vehicle is plugged in",
    "point-unavailable": "the point is out of service",
    "reservation-over": "the reservation has ended or was released",
    "session-over": "the session has ended",
    "owner-unreachable": "the node asked could not reach the owner",
    "forked": "the owner ran on an old copy of its database, and refused to serve",
    "owner-timeout": "the owner did not answer the node asked in time",
    "unreachable": "no connection to the node",
    "disconnected": "the connection broke before the answer",
    "timeout": "no answer in time",
    "no-point-fits": "nothing that seemed free was near a stop's place",
    "trip-aborted": "the trip was given up before all its points had promised their stops",
    "trip-pending": "the trip was not decided yet",
    "trip-over": "nothing of the trip could be given back",
    "unknown-trip": "there is no such trip",
    "not-decided": "it was under way; what became of it was told later",
    "reservation-pending": "the reservation's trip was not decided yet",
    "no-completion": "still open when the run ended",
    "point-busy": "too many requests waited for the point",
    "node-busy": "the node was overloaded",
    "draining": "the node was stopping",
    "deadline-passed": "its time had run out before the node began",
    "deadline-exceeded": "its time ran out while the node was at it",
}


def meaning_of(error: str) -> str:
    """Return what an error means, or nothing where its name has to do."""
    return _MEANINGS.get(error, "")
