"""Machines by name: a node's first is called as the node is, the next ones have a number behind it."""

_BEFORE_NUMBER = "~"
"""In no node's id."""


def machine_name(node_id: str, number: int) -> str:
    """Return the name on the network of a node's machine; they count from 1."""
    return node_id if number == 1 else f"{node_id}{_BEFORE_NUMBER}{number}"


def node_on(machine: str) -> str:
    """Return the node whose machine that is, or was; the broker and the vehicles are their own."""
    return machine.partition(_BEFORE_NUMBER)[0]


def number_of(machine: str) -> int:
    """Return which of its node's machines that is."""
    return int(machine.partition(_BEFORE_NUMBER)[2] or 1)


def url_of(machine: str) -> str:
    """Return the address at which a process on that machine is reached."""
    return f"http://{machine}.test:9000"
