"""What keeps a report from being made or read."""

from sim.errors import LaboratoryError


class ReportError(LaboratoryError):
    """A run cannot be reported: which file, where, what is wrong; one line."""
