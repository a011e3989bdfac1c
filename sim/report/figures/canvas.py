"""What figures share: sizes, lines and words, marks of faults."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sim.measure.faults import Fault
from sim.report.scale import Scale
from sim.report.svg import element, joined

_FLAG_LETTER_WIDTH = 7.6
_FLAG_GAP = 6


@dataclass(frozen=True, slots=True)
class Size:
    """Where a figure is to be read."""

    name: str
    width: int
    """In CSS pixels, at which words have their natural size."""
    wide: bool


WIDE = Size("wide", 1000, wide=True)
NARROW = Size("narrow", 360, wide=False)


def figure_svg(size: Size, height: float, label: str, parts: Sequence[str], **attributes: str | float) -> Markup:
    """Return a whole figure; ``label`` says what it shows to who cannot see it."""
    return element(
        "svg",
        *parts,
        viewBox=f"0 0 {size.width} {round(height)}",
        class_=f"figure-{size.name}",
        role="img",
        aria_label=label,
        **attributes,
    )


def text(words: str, x: float, y: float, class_: str = "", anchor: str = "start") -> Markup:
    """Return text; ``anchor`` is ``start``, ``middle`` or ``end``."""
    anchored = None if anchor == "start" else anchor
    return element("text", words, x=float(x), y=float(y), class_=class_ or None, text_anchor=anchored)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """Return a straight line."""
    return element("path", d=f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}", class_=class_)


def fault_bands(faults: Sequence[Fault], x: Scale, top: float, bottom: float) -> Markup:
    """Return a shaded band for every fault; one that was never mended lasts to the end. ``x`` maps the history's time."""
    parts: list[str] = []
    for number, fault in enumerate(faults, 1):
        left, right = fault_edges(fault, x)
        words = element("title", f"F{number}: {fault.words}")
        parts.append(element("rect", words, x=left, y=top, width=right - left, height=bottom - top, class_="fault"))
    return joined(parts)


def fault_flags(faults: Sequence[Fault], x: Scale, y: float) -> Markup:
    """Return the faults' numbers above their bands, with what broke where there is room up to the next one.

    A number that would cover the one before it is left out.
    """
    lefts = [fault_edges(fault, x)[0] for fault in faults]
    parts: list[str] = []
    free_from = 0.0
    for number, (fault, left, end) in enumerate(zip(faults, lefts, [*lefts, x.at_high][1:], strict=True), 1):
        if left >= free_from:
            name, words = f"F{number}", f"F{number} {fault.words}"
            shown = words if flag_width(words) <= end - left else name
            parts.append(text(shown, left, y, "flag"))
            free_from = left + flag_width(shown)
    return joined(parts)


def flag_width(words: str) -> float:
    """Return the room that a flag takes, in pixels."""
    return len(words) * _FLAG_LETTER_WIDTH + _FLAG_GAP


def fault_edges(fault: Fault, x: Scale) -> tuple[float, float]:
    """Return where a fault's band begins and ends: wide enough to be seen, and within the scale."""
    begin_s = min(fault.broken.at_s, x.high)
    end_s = x.high if fault.mended is None else min(fault.mended.at_s, x.high)
    left = min(x(begin_s), x.at_high - 2)
    return left, max(x(end_s), left + 2)
