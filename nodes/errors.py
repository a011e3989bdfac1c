"""Every error a node raises.

::

    RecargaError
      DocumentError                a file a human wrote is wrong (nodes.documents)
      ConfigError                  the command line or the environment is wrong
      RequestError                 a request cannot be taken now; each is one problem type of the API
        PointBusy                  one point's mailbox is full (429)
        NodeBusy                   the store is behind, or too much is under way (503)
        TooManyRequests            the caller asks more often than they may (429)
        Unauthenticated            nobody knows who asks, and that must be known (401)
        UntrustedNode              it says that it is a node's request, and no node's token does (401)
        Forbidden                  who asks may not do that (403)
        Draining                   the node is stopping (503)
        NotServing                 the node must not serve any more (503)
          Superseded               another process serves as this node, at a higher epoch
        StaleEpoch                 the node that asks was started anew since: this is its past asking (409)
        DeadlineExceeded           the caller's time ran out (503 before it was begun, 504 when it may have taken effect)
        Forked                     the owner runs on an old copy of its database, and nothing may be built on it (503)
        PeerUnreachable            the owner cannot be reached; nothing was done (503)
        PeerTimeout                the owner did not answer in time; the outcome is unknown (504)
      StoreError                   the store cannot be used
        StoreHeld StoreCorrupt StoreReadOnly StoreTooNew StoreForeign StoreFurther StoreFull StoreFailed
      NoWord                       a peer that was asked what it knows did not say it
      BusError                     the broker did not take a message

What a charging point refuses is no error but a value: ``nodes.domain.refusals``.
"""


class RecargaError(Exception):
    """Root of all errors of a node."""


class ConfigError(RecargaError):
    """The command line or the environment is wrong."""


class RequestError(RecargaError):
    """A request cannot be taken now. ``retry_after_s`` says when to try again."""

    def __init__(self, detail: str, retry_after_s: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class PointBusy(RequestError):
    """Too many commands wait for one point."""


class NodeBusy(RequestError):
    """Too many commands are under way, because the store is behind or the node is overloaded."""


class TooManyRequests(RequestError):
    """The caller asks more often than they may."""


class Unauthenticated(RequestError):
    """Nobody knows who asks, and that must be known: no token came, or one that does not count."""


class UntrustedNode(RequestError):
    """A request says that it is a node's, and no node's token says so."""


class Forbidden(RequestError):
    """Who asks may not do that."""


class Draining(RequestError):
    """The node is stopping and takes no new requests."""


class NotServing(RequestError):
    """The node must not serve until somebody has looked at it: what it holds is not the truth, or not the whole of it."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, retry_after_s=30)


class Superseded(NotServing):
    """Another process serves as this node: started later, from its database, at ``epoch``."""

    def __init__(self, node_id: str, own_epoch: int, epoch: int) -> None:
        super().__init__(f"{node_id} runs elsewhere at epoch {epoch}, and this is its epoch {own_epoch}")
        self.epoch = epoch


class StaleEpoch(RequestError):
    """The node that asks was started anew since it asked, or runs elsewhere by now. ``epoch`` is the newest one met.

    ``vouched``: it was met at the address that the operator gave.
    """

    def __init__(self, node_id: str, told_epoch: int, epoch: int, *, vouched: bool) -> None:
        super().__init__(f"{node_id} asks at epoch {told_epoch} and was met at epoch {epoch} already")
        self.epoch = epoch
        self.vouched = vouched


class DeadlineExceeded(RequestError):
    """The caller's time ran out. With ``started`` the command may still take effect; without, it never will."""

    def __init__(self, detail: str, *, started: bool) -> None:
        super().__init__(detail)
        self.started = started


class Forked(RequestError):
    """A node has told of more than its journal holds now: an old backup. Serving from it would make a second history."""

    def __init__(self, node_id: str, detail: str) -> None:
        super().__init__(f"{node_id} runs on an old copy of its history: {detail}", retry_after_s=60)
        self.node_id = node_id


class PeerUnreachable(RequestError):
    """The node that owns the point cannot be reached; nothing was done."""

    def __init__(self, node_id: str, detail: str, retry_after_s: int = 1) -> None:
        super().__init__(f"{node_id} owns this and cannot be reached: {detail}", retry_after_s)
        self.node_id = node_id


class PeerTimeout(RequestError):
    """The node that owns the point did not answer in time; whether it acted is unknown."""

    def __init__(self, node_id: str, detail: str) -> None:
        super().__init__(f"{node_id} owns this and did not answer in time: {detail}")
        self.node_id = node_id


class StoreError(RecargaError):
    """The store cannot be used. ``path`` says which."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path


class StoreHeld(StoreError):
    """Another process uses the store. ``holder`` is what that process said of itself (its pid first)."""

    def __init__(self, path: str, holder: str) -> None:
        super().__init__(path, f"another process holds this database: {holder}")
        self.holder = holder


class StoreCorrupt(StoreError):
    """The file is damaged or no database."""


class StoreReadOnly(StoreError):
    """The file or its folder cannot be written."""


class StoreTooNew(StoreError):
    """A newer Recarga wrote the database."""


class StoreForeign(StoreError):
    """The database belongs to another node."""


class StoreFurther(StoreError):
    """The database there has come further (``ver``) than the copy that is to take its place (``copy_ver``)."""

    def __init__(self, path: str, ver: int, copy_ver: int) -> None:
        super().__init__(
            path, f"it goes up to ver {ver}, the copy to {copy_ver}; --discard-newer gives up what is beyond"
        )
        self.ver = ver
        self.copy_ver = copy_ver


class StoreFull(StoreError):
    """The disk is full."""


class StoreFailed(StoreError):
    """Reading or writing failed."""


class NoWord(RecargaError):
    """A peer that was asked what it knows answered something else."""


class BusError(RecargaError):
    """The broker did not take a message, or did not say that it had."""
