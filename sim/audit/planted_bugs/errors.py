"""What keeps a bug from being planted."""

from sim.errors import LaboratoryError


class PlantingError(LaboratoryError):
    """The root of what is said here."""


class UnknownBug(PlantingError):
    """No bug of the catalogue has that name."""


class TooLate(PlantingError):
    """A module that the bug is in was imported already: what runs would be the right code, or half of each."""


class EditMissed(PlantingError):
    """A line that a bug changes does not stand exactly once in its module: somebody has rewritten it.

    ``module`` says where, ``times`` how often it stands there.
    """

    def __init__(self, module: str, old: str, times: int) -> None:
        shown = old.strip().partition("\n")[0]
        super().__init__(f"{module}: {shown!r} stands there {times} times, expected once; write the planted bug anew")
        self.module = module
        self.times = times
