"""Which broker carries the gossip of a local network."""

from enum import StrEnum


class BrokerKind(StrEnum):
    """Brokers that a run on this machine can start."""

    EMBEDDED = "embedded"
    MOSQUITTO = "mosquitto"
