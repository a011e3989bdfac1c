"""What keeps a run from being measured."""

from sim.errors import LaboratoryError


class MeasureError(LaboratoryError):
    """A file of the run cannot be read: which one, where, what is wrong; one line."""
