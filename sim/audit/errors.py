"""What keeps a run from being audited."""

from sim.errors import LaboratoryError


class AuditError(LaboratoryError):
    """The evidence cannot be read: which file, which line or row, what is wrong. It says nothing about the promises."""
