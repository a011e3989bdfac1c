"""A pydantic error in words: what was expected, what was found."""

import re
from typing import TypeAlias

from pydantic_core import ErrorDetails

from nodes.documents.positions import Plain
from nodes.documents.wording import found, quoted, suggestion

Limits: TypeAlias = dict[str, object]

_TYPES = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of at most 64 bits",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "none_required": "nothing (null)",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "iterable_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
}
_LIMITS = {
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "multiple_of": "a multiple of {multiple_of}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "text that matches {pattern}",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
    "union_tag_invalid": "one of {expected_tags}",
    "literal_error": "{expected}",
    "enum": "{expected}",
}
_NUMBER_WITH_UNIT = re.compile(r"[-+]?[0-9][0-9.,_]*\s*[^\W\d_].*", re.DOTALL)
_NUMBER_IN_QUOTES = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")


def is_mismatch(kind: str) -> bool:
    """Whether an error of that kind says that the value is not of the type at all, rather than out of its range."""
    return kind in _TYPES or kind in ("literal_error", "enum", "is_instance_of")


def expected(error: ErrorDetails) -> str | None:
    """Return what was expected, such as ``a whole number``; None when the error is of another kind."""
    if error["type"] in _TYPES:
        return _TYPES[error["type"]]
    template = _LIMITS.get(error["type"])
    if template is None:
        return None
    limits = {name: _number(limit) for name, limit in error.get("ctx", {}).items()}
    text = template.format_map(limits)
    is_choice = error["type"] in ("literal_error", "enum") and " or " in text
    return f"one of {text}" if is_choice else text


def mismatch(expectations: list[str], value: Plain) -> str:
    """Return the message that one of these was expected, and this value found."""
    wanted = list(dict.fromkeys(expectations))
    return f"expected {' or '.join(wanted)}, found {found(value)}{_advice(wanted, value)}"


def message_of(error: ErrorDetails, value: Plain, known_keys: tuple[str, ...]) -> str:
    """Return the message for an error at that value; the known keys are those of the mapping around an unknown key."""
    kind, details = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "required, but missing"
    if kind == "extra_forbidden":
        key = error["loc"][-1]
        near = suggestion(key, known_keys)
        return f"unknown key {quoted(str(key))}{near or '; known keys: ' + ', '.join(known_keys)}"
    if kind == "union_tag_not_found":
        return f"the key {details['discriminator']} is required, but missing"
    if kind in ("value_error", "assertion_error"):
        return str(details["error"]) or error["msg"]
    wanted = expected(error)
    if wanted is not None:
        return mismatch([wanted], value)
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}, found {found(value)}"


def _advice(wanted: list[str], value: Plain) -> str:
    """Return what a reader may have meant."""
    if not isinstance(value, str):
        return "; put it in quotes" if wanted == ["text"] and isinstance(value, (bool, int, float)) else ""
    if any("number" in each for each in wanted):
        if _NUMBER_IN_QUOTES.fullmatch(value):
            return "; write it without quotes"
        if _NUMBER_WITH_UNIT.fullmatch(value):
            return "; write the number alone, in the unit that the key names"
    return suggestion(value, [choice for each in wanted for choice in re.findall(r"'([^']*)'", each)])


def _number(limit: object) -> object:
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit
