"""What keeps an exploration from going on; a broken promise is none of it."""

from sim.errors import LaboratoryError


class ExploreError(LaboratoryError):
    """An exploration cannot go on."""


class BadSeeds(ExploreError):
    """A range of seeds that is none."""


class WorkerDied(ExploreError):
    """A worker process ended while it played. ``seed`` says which; the text holds its last words."""

    def __init__(self, seed: int, how: str) -> None:
        super().__init__(f"seed {seed}: its worker process {how}")
        self.seed = seed


class ReplayError(ExploreError):
    """A run folder cannot be replayed: which file, what is wrong."""
