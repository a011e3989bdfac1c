"""What ends a sweep or a comparison."""

from sim.errors import LaboratoryError


class ExperimentError(LaboratoryError):
    """It cannot go on; the text says why."""


class BadSweep(ExperimentError):
    """What is asked for cannot be meant."""
