"""SVG and HTML elements, safely escaped: whatever is no ``Markup`` is text."""

from collections.abc import Iterable

from markupsafe import Markup, escape

Value = str | float | int | None


def element(tag: str, /, *children: str, **attributes: Value) -> Markup:
    """Return an element. ``class_`` is the class; ``stroke_width`` is ``stroke-width``; None is left out."""
    named = Markup("").join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), _written(value))
        for name, value in attributes.items()
        if value is not None
    )
    inside = joined(children)
    tag = Markup(tag)  # noqa: S704 - tags are ours
    return Markup("<{0}{1}>{2}</{0}>").format(tag, named, inside) if inside else Markup("<{}{}/>").format(tag, named)


def joined(parts: Iterable[str]) -> Markup:
    """Return the parts one after another, escaped where they are no ``Markup``."""
    return Markup("").join(escape(part) for part in parts)


def number(value: float) -> str:
    """Return a coordinate, as short as a tenth of a unit allows."""
    return f"{value:.1f}".removesuffix(".0")


def _written(value: str | float) -> str:
    return number(value) if isinstance(value, float) else str(value)
