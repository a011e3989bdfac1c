"""What can go wrong with a simulated network that no scenario asked for."""

from sim.errors import LaboratoryError


class NotSettledError(LaboratoryError):
    """The nodes did not come to know each other, or did not come back."""
