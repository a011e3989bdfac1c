"""How tokens are signed."""

from enum import StrEnum


class Algorithm(StrEnum):
    """A key says which one it is for; what a token says of itself must agree."""

    HS256 = "HS256"
    """A secret that all nodes share (``oct``): who can verify can sign."""
    EDDSA = "EdDSA"
    """Ed25519 (``OKP``, RFC 8037): the public half verifies only."""
