"""The error of one field, for checks that the types cannot make."""

from fastapi.exceptions import RequestValidationError


def invalid(place: str, field: str, message: str, value: object) -> RequestValidationError:
    """Return it. ``place``: ``body``, ``query``, ``path`` or ``header``."""
    return RequestValidationError([{"type": "value_error", "loc": (place, field), "msg": message, "input": value}])
