"""Why a node is believed to be what it is: a code for programs, and the same in English for logs."""

from dataclasses import dataclass
from enum import StrEnum


class ReasonCode(StrEnum):
    """Stable: clients have words for each in their users' language. Newer nodes may know more."""

    SELF = "SELF"
    """It is the node that answers."""
    NEVER_MET = "NEVER_MET"
    MET = "MET"
    """It asked or answered itself."""
    TOLD = "TOLD"
    """Another node says so."""
    FAREWELL = "FAREWELL"
    """It has said that it leaves."""
    UNANSWERED = "UNANSWERED"
    """It did not answer, nor was it reached through others."""
    UNREACHED = "UNREACHED"
    """Others did not reach it."""
    BROKER_LOST = "BROKER_LOST"
    """Its connection to the broker ended."""
    REMOVED = "REMOVED"
    """An operator removed it."""
    OLD_HISTORY = "OLD_HISTORY"
    """It has less of its history than it told others of."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code, and what belongs to it. As text it is a sentence in English."""

    code: ReasonCode
    by: str | None = None
    """Who said so."""
    probes: int | None = None
    """How often it was asked in vain."""
    indirect: int | None = None
    """How often others were, on this node's behalf."""
    detail: str = ""
    """What was found, for an operator, where no other field says it."""

    def __str__(self) -> str:
        match self.code:
            case ReasonCode.SELF:
                return "it is this node"
            case ReasonCode.NEVER_MET:
                return "it was never met"
            case ReasonCode.MET:
                return "it was met"
            case ReasonCode.TOLD:
                return f"{self.by} says so"
            case ReasonCode.FAREWELL:
                return "it says farewell"
            case ReasonCode.UNANSWERED:
                probes = "a probe" if self.probes == 1 else f"{self.probes} probes"
                return f"no answer to {probes}, {self.indirect} indirect"
            case ReasonCode.UNREACHED:
                return "others did not reach it"
            case ReasonCode.BROKER_LOST:
                return "the broker lost it"
            case ReasonCode.REMOVED:
                return "an operator removed it"
            case ReasonCode.OLD_HISTORY:
                return self.detail

    def told(self) -> dict[str, str | dict[str, str | int | None]]:
        """Return it as the API tells it."""
        values = {"by": self.by, "probes": self.probes, "indirect": self.indirect}
        return {"reason": str(self), "reason_code": self.code, "reason_values": values}
