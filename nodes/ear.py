"""What comes from the broker, and who of the node is to hear of it."""

from nodes.actors.server import Server
from nodes.catalogue import Catalogue
from nodes.feed import Feed, Item
from nodes.gossip.gossiper import Gossiper
from nodes.gossip.topics import is_watched
from nodes.gossip.view import View
from nodes.membership.membership import Membership
from nodes.ports import Clock, Message


class Ear:
    """The node as a ``BusListener``."""

    def __init__(
        self,
        server: Server,
        view: View,
        membership: Membership,
        gossiper: Gossiper | None,
        catalogue: Catalogue,
        feed: Feed,
        clock: Clock,
    ) -> None:
        self._server = server
        self._view = view
        self._membership = membership
        self._gossiper = gossiper
        self._catalogue = catalogue
        self._feed = feed
        self._clock = clock

    def will(self) -> Message:
        """See ``BusListener.will``."""
        assert self._gossiper is not None
        return self._gossiper.will()

    def on_connected(self) -> None:
        """See ``BusListener.on_connected``."""
        assert self._gossiper is not None
        self._catalogue.connected = True
        self._gossiper.on_connected()

    def on_disconnected(self) -> None:
        """See ``BusListener.on_disconnected``."""
        assert self._gossiper is not None
        self._catalogue.connected = False
        self._gossiper.on_disconnected()

    def on_message(self, message: Message) -> None:
        """See ``BusListener.on_message``. What is for watchers only is not read while nobody watches."""
        if is_watched(message.topic) and not len(self._feed):
            return
        if not message.payload and self._gossiper is not None:
            self._gossiper.on_cleared(message.topic)
        heard = self._view.hear(message, (self._server.epoch, self._server.journal.ver), self._clock.now_ms())
        if heard is not None:
            topic, event = heard
            self._membership.hear(topic, event)
            self._feed.publish(
                lambda: Item(event.type.removeprefix("recarga."), event.node, topic.subject, message.payload)
            )
