"""Recarga's own format: ``{"points": [{"id", "name", "location", …}], "defaults": {…}}``."""

from nodes.documents import Document, Problem
from nodes.documents.wording import found, suggestion
from nodes.points_file.draft import DEFAULTS_KEY, Draft

POINTS_KEY = "points"


def read_native(document: Document, problems: list[Problem]) -> list[Draft]:
    """Return the drafts of the file's points; adds to the problems what is no point at all."""
    root = document.data
    assert isinstance(root, dict)
    for key in root:
        if key not in (POINTS_KEY, DEFAULTS_KEY):
            near = suggestion(key, (POINTS_KEY, DEFAULTS_KEY))
            message = f"unknown key {found(key)}{near or '; known keys: points, defaults'}"
            problems.append(document.problem((key,), message, on_key=True))
    entries = root[POINTS_KEY]
    if not isinstance(entries, list):
        problems.append(document.problem((POINTS_KEY,), f"expected a list of points, found {found(entries)}"))
        return []
    drafts = []
    for index, entry in enumerate(entries):
        at = (POINTS_KEY, index)
        if isinstance(entry, dict):
            drafts.append(Draft(document, at, dict(entry)))
        else:
            problems.append(document.problem(at, f"expected a point, found {found(entry)}"))
    return drafts
