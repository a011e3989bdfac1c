"""What can end a run in virtual time: each is a finding about the code that ran."""

from sim.engine.waiting import place_of
from sim.errors import LaboratoryError


class Deadlock(LaboratoryError):
    """Nothing will ever happen any more, and somebody still waits. The text says who waits where."""


class Livelock(LaboratoryError):
    """Time stands still: callbacks call callbacks without end."""


class RealIOError(LaboratoryError):
    """Code in virtual time tried to reach the real world. The text names the call."""


class CodeMistake(LaboratoryError):
    """Code that runs in virtual time raised what nobody expected. ``place`` says where: ``file:line in function``."""

    def __init__(self, text: str, place: str) -> None:
        super().__init__(text)
        self.place = place

    @classmethod
    def of(cls, text: str, error: BaseException | None) -> "CodeMistake":
        """Return what is made of an exception, or of what was said without one."""
        where = place_of(error)
        return cls(text if error is None else f"{text}: {type(error).__name__}: {error} ({where})", where)
