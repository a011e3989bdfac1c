"""Every bound of a node in one place, each with its unit and the reason for its default."""

from dataclasses import dataclass
from enum import StrEnum


class Strategy(StrEnum):
    """How requests that want the same point are kept from undoing one another (``nodes.actors.strategies``)."""

    MAILBOX = "mailbox"
    """One after the other, decided in memory; the disk's time is shared. What nodes are for."""
    ROW_LOCK = "row_lock"
    """For study: a transaction per request, whose row lock others skip."""
    OPTIMISTIC = "optimistic"
    """For study: a transaction per request, begun anew when it was overtaken."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on queues, retries, batches and times. Over a bound the answer is 429 or 503 with ``Retry-After``."""

    mailbox_capacity: int = 256
    """Commands waiting for one point; then 429. At about 50 us each, the last one waits some 13 ms."""
    mailbox_burst: int = 32
    """Commands one mailbox handles before others get their turn; about 2 ms of work."""
    requests_max: int = 4_096
    """Commands accepted and not answered, over all points; then 503. About half a second of full load."""
    segment_records: int = 1_024
    """Records (events and kept answers) in one group commit. A disk that stalls holds two such groups, no more."""
    request_timeout_ms: int = 5_000
    """How long a caller waits unless the request says otherwise: drivers give up at about this."""
    request_timeout_ms_max: int = 60_000
    """The longest that a request may ask to wait."""
    body_bytes_max: int = 65_536
    """The largest request body. The largest legal one is under 2 kB."""
    head_bytes_max: int = 65_536
    """The largest head of a request, request line and headers together; browsers and proxies send a few thousand."""
    headers_max: int = 100
    """Headers of a request; browsers and proxies send some twenty."""
    pipelined_max: int = 16
    """Requests that one connection may have waiting for the answer to the one before; clients that do this at all (HTTP/1.1
    pipelining) have a few. Each is kept, 3 kB or so, before anybody knows who asks."""
    head_timeout_s: float = 10.0
    """How long the head of a request may take, from the connection or the last answer's next byte: 64 kB at 6 kB/s. As long
    a TLS handshake may take before it."""
    body_timeout_s: float = 30.0
    """How long a body may take: the largest at 2 kB/s, as a phone has at the edge of its network."""
    stalled_timeout_s: float = 30.0
    """How long a client may take nothing of an answer that waits for it: its memory is this node's."""
    connections_max: int = 4_096
    """Connections at one time; then 503. Each costs some 20 kB."""
    connections_per_address_max: int = 2_048
    """Of one source address: half of all, since a proxy may bring everybody, and no more, since one machine must not shut
    all others out."""

    answer_retention_s: int = 86_400
    """How long an idempotency key is remembered. A day outlives every client's retries."""
    answers_recent: int = 20_000
    """Answers kept in memory (about 1 kB each); older ones are read back from the store."""
    keys_known: int = 1_000_000
    """Keys whose hash is kept (about 70 bytes each), so that a new key need not be looked up; beyond, each is."""

    optimistic_tries: int = 16
    """How often a request of the strategy ``optimistic`` reads a point anew that others have changed; then 429."""

    alarms_burst: int = 256
    """Points woken by one timer callback; the rest follow in the next, so that requests get in between."""
    drain_s: float = 10.0
    """How long a stopping node waits for requests under way. Docker's stop grace is 10 s; the flush comes after."""

    gossip_flush_ms: int = 100
    """Cadence of gossip: cost follows points x time, and a driver does not see a tenth of a second."""
    digest_ms: int = 1_000
    """Least time between two digests."""
    gossip_items_max: int = 64
    """Things told of one point in one message; a message stays far below ``gossip_bytes_max``."""
    gossip_backlog_points: int = 20_000
    """Points with unsent news while the broker is away; as many as a node may own."""
    gossip_bytes_max: int = 65_536
    """The largest message read; larger ones are counted and dropped."""
    busy_windows_max: int = 32
    """Windows in force told with a point's availability; the next day or two of a busy point."""
    broker_retry_ms: tuple[int, int] = (200, 10_000)
    """First and longest pause between two attempts to reach the broker (doubling, with jitter)."""
    broker_timeout_s: float = 5.0
    """How long one exchange with the broker may take before the connection counts as hung."""
    clearing_timeout_s: float = 2.0
    """How long to listen for what the broker was told to retain no more: a hundred times a slow way there and back, and an
    operator waits for the answer."""
    anti_entropy_ms: int = 5_000
    """A round of anti-entropy: how long a view may be known to be behind before its owner is asked (a quarter more or
    less, by node, so that not all ask at once). What was only late has come by then."""
    anti_entropy_retry_ms_max: int = 60_000
    """Longest pause between two attempts to ask an owner that does not answer (doubling from a round)."""
    pull_items: int = 200
    """Events or points asked for at a time: 200 points are some 200 kB, which no link between nodes minds."""
    pull_pages_max: int = 1_000
    """Pages of one pull; with ``pull_items`` as many points as a view may hold."""
    pull_pause_ms: int = 20
    """Between two pages: 50 a second at the most, so that asking costs an owner some percent of its time."""
    pull_timeout_ms: int = 5_000
    """How long one page may take, as any request."""
    pull_events_max: int = 2_000
    """Further behind than that a view is read anew from a snapshot: a journal tells of the same points again and again."""
    attest_events: int = 64
    """How many events a node may be heard to have added before it is asked itself how far it has come: so many, or a new
    epoch, are what others can bear witness of when it comes back with an old backup. A question costs less than two
    events do as gossip."""
    fork_check_ms: int = 1_000
    """How long a node that starts waits for others to say how far it had come; then it serves: availability first."""
    fork_check_pause_ms: int = 30_000
    """Least time between two such questions while it serves: anybody may forge the gossip that leads to them."""
    view_points_max: int = 200_000
    """Points of other nodes in the view; beyond, new ones are counted and dropped."""
    probe_interval_ms: int = 10_000
    """Pause between two probes, of one peer each. memberlist takes 1 s in a data centre and 5 s between them; a last will
    makes us look sooner, and an idle network of four costs a quarter more than without probes at this, and half at 5 s."""
    probe_timeout_ms: int = 3_000
    """How long an answer to a probe may take, memberlist's between data centres: longer than any round trip on a bad day."""
    indirect_probes: int = 3
    """Peers asked to probe somebody who does not answer; with three, one bad link between two is no death."""
    probes_at_once: int = 8
    """Probes under way; more wait. A broker that restarts makes a node ask for everybody at once."""
    suspicion_mult: int = 3
    """How long a suspect has to refute, in probe intervals (``membership.suspicion``): the least of memberlist's profiles,
    half a minute, since a suspect is asked again at every interval."""
    suspicion_max_mult: int = 4
    """How many times as long while nobody else suspects it: two minutes; memberlist's 6 would be three."""
    news_max: int = 32
    """Claims about other nodes in one message, about 100 bytes each: most networks have no more nodes."""
    farewell_ms: int = 1_000
    """How long a node that leaves waits for its peers to take note; they would find out by themselves."""
    peers_max: int = 1_000
    """Nodes known; beyond, new ones are counted and dropped."""

    points_max: int = 20_000
    """Points a node may own."""
    peer_requests_max: int = 256
    """Forwarded requests under way to one peer; then 503."""
    breaker_failures: int = 5
    """Requests to one peer without an answer, one after the other, until it is left alone for a while: a network loses one
    or two in a row, and each of them costs a caller all of their patience."""
    breaker_patience_ms: int = 1_000
    """A wait shorter than this says nothing of a peer that did not answer: a busy machine or a slow disk takes as long."""
    breaker_pause_ms: int = 1_000
    """How long a peer is left alone at first; then one request tries it. A restart takes about a second."""
    breaker_pause_ms_max: int = 10_000
    """The longest pause between two trials (they double): a peer that is back is found within this, and one that is away
    for an hour costs one caller in ten seconds their patience."""

    trips_max: int = 1_000
    """Trips coordinated here that are not decided, or whose decision some owner does not know yet; then 503."""
    trip_decide_ms: int = 10_000
    """How long a trip may stay undecided; drivers have given up by then, and what is held for it is held from others."""
    trip_candidates_max: int = 10
    """Points tried for a stop that names a place and not a point."""
    trip_retry_ms: tuple[int, int] = (100, 10_000)
    """First and longest pause between two attempts to tell an owner a trip's decision (doubling, with jitter)."""
    in_doubt_after_ms: int = 2_000
    """How long a prepared stop waits for its trip's decision before its owner asks for it; a decision takes some 10 ms."""
    in_doubt_at_once: int = 16
    """Stops in doubt that are asked for at one time."""

    tokens_remembered_max: int = 20_000
    """Verified tokens remembered (about 1 kB each), so that a signature is looked at once; beyond, the oldest go."""
    rate_driver: tuple[float, int] = (20.0, 200)
    """Requests per second of one driver in the long run, and at once; then 429. A person with a map open makes a few."""
    rate_reader: tuple[float, int] = (20.0, 200)
    """The same of one reader, such as a display or a collector of metrics."""
    rate_operator: tuple[float, int] = (2_000.0, 4_000)
    """The same of one operator: scripts, and a laboratory that plays all drivers. As much as a node can serve."""
    rate_guest: tuple[float, int] = (50.0, 500)
    """The same of one source address whose requests nobody has signed: many may be behind it (a proxy, a company). And once more
    for forged tokens from there: to look at a signature costs some tenth of a millisecond, so half a percent of the node's time."""
    rate_names_max: int = 50_000
    """Who is counted (about 250 bytes each); beyond, who has not asked for longest is forgotten."""

    page_size: int = 100
    """Items on a page unless the request says otherwise."""
    page_size_max: int = 1_000
    """Items on a page at the most."""
    list_ms: int = 2_000
    """How long the other nodes may take to say what a driver has there. An answer takes some 10 ms; a person waits so long."""
    list_peers_at_once: int = 16
    """Nodes asked at one time for one list: each answers with up to ``page_size_max`` items of some 500 bytes."""
    lists_max: int = 32
    """Lists of all nodes under way; then 503. Each may ask every node, so that one request costs as many."""
    export_s: float = 600.0
    """How long one export of the database may take; a year's journal takes a minute or two."""
    streams_max: int = 256
    """Event streams open at one time; then 503."""
    streams_driver_max: int = 8
    """Of one driver; then 429. A phone and a laptop with a few pages each: one driver must not take all others' streams."""
    streams_caller_max: int = 64
    """Of one operator, reader or node; then 429. A wall of displays may share a token; a quarter of all, so that four are needed
    to shut others out."""
    stream_backlog: int = 1_000
    """Events waiting for one slow reader; then its stream ends and it resumes from the last event it saw."""

    def wait_ms(self, timeout_ms: int | None) -> int:
        """Return how long a caller waits who asks to wait for ``timeout_ms``; None: who does not say."""
        return min(self.request_timeout_ms if timeout_ms is None else timeout_ms, self.request_timeout_ms_max)


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """What one node is told at its start."""

    node_id: str
    cluster: str = "recarga"
    """Nodes gossip within a cluster; several may share one broker."""
    seed_window_s: int = 86_400
    """Length of a reservation made over the seed contract, which names no window: a day, as the seed systems do."""
    limits: Limits = Limits()
    strategy: Strategy = Strategy.MAILBOX
    hears_addresses: bool = True
    """Whether gossip may say where a node is that the operator gave no address for. Not where tokens are shown to other
    nodes: who forges a birth would have them shown. Then addresses come from operators, and from nodes that were met."""
