"""A points file, in whatever format it is, to entries that a node can load."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

import orjson

from nodes.documents import Document, DocumentError, Plain, Problem, check, read_document
from nodes.documents.findings import split_field, value_at
from nodes.documents.wording import found, suggestion
from nodes.domain.point import PointSpec
from nodes.points_file.draft import Draft, defaults_of
from nodes.points_file.entry_model import EntryModel
from nodes.points_file.geojson import FEATURES_KEY, read_geojson
from nodes.points_file.native import POINTS_KEY, read_native
from nodes.points_file.ocpi import read_ocpi
from nodes.points_file.ocpi_places import LOCATION_KEYS

MAX_POINTS = 20_000  # twice what a node was measured with
DIGEST_CHARS = 16  # 64 bits: among 20,000 entries, one mistaken match in 10^11 files


@dataclass(frozen=True, slots=True)
class PointEntry:
    """A point of a points file."""

    slug: str
    """What stands behind the dot of the point's id."""
    spec: PointSpec
    """With ``file_digest`` set."""
    digest: str
    """Changes when what the entry says changes, however it is written: in which format, order or unit."""


def read_points(path: str | os.PathLike[str]) -> list[PointEntry]:
    """Return the points of a file, in its order; at most 20,000.

    The format is told by what the file holds: ``points`` (ours), ``features`` (GeoJSON), or OCPI Locations. Raises
    ``DocumentError`` with every problem of the file.
    """
    return points_of(read_document(path))


def points_of(document: Document) -> list[PointEntry]:
    """Return the points of a file that has been read."""
    problems: list[Problem] = []
    defaults = defaults_of(document, problems)
    drafts = _drafts(document, defaults, problems)
    if len(drafts) > MAX_POINTS:
        raise document.error((), f"expected at most {MAX_POINTS:,} points, found {len(drafts):,}")
    entries = [_entry(draft, defaults, problems) for draft in drafts]
    problems += _duplicates(drafts)
    if problems:
        raise DocumentError(problems)
    return [entry for entry in entries if entry is not None]


def digest_of(slug: str, spec: PointSpec) -> str:
    """Return a short hash of what an entry says. A field that is None does not count, so a new optional one may come."""
    content = {name: value for name, value in asdict(spec).items() if value is not None and name != "file_digest"}
    text = orjson.dumps([slug, content], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:DIGEST_CHARS]


def _drafts(document: Document, defaults: dict[str, Plain], problems: list[Problem]) -> list[Draft]:
    root = document.data
    if isinstance(root, list):
        first = root[0] if root else None
        if isinstance(first, dict) and "evses" not in first and {"connector", "max_power_w"} & first.keys():
            raise document.error((), "expected a mapping with the key 'points', found a list of points")
        return read_ocpi(document, defaults, problems)
    if not isinstance(root, dict):
        raise document.error((), f"expected a mapping with the key 'points', found {found(root)}")
    if POINTS_KEY in root:
        return read_native(document, problems)
    if FEATURES_KEY in root or root.get("type") == "FeatureCollection":
        return read_geojson(document, defaults, problems)
    if any(key in root for key in LOCATION_KEYS):
        return read_ocpi(document, defaults, problems)
    near = next((near for key in root if (near := suggestion(key, (POINTS_KEY, FEATURES_KEY, *LOCATION_KEYS)))), "")
    message = f"expected 'points', or the 'features' of GeoJSON, or the 'locations' or 'data' of OCPI{near}"
    raise document.error((), message)


def _entry(draft: Draft, defaults: dict[str, Plain], problems: list[Problem]) -> PointEntry | None:
    draft.fill(defaults)
    problems += draft.problems
    result = check(EntryModel, draft.fields)
    if isinstance(result, list):
        for finding in result:
            if not draft.faulty.intersection(finding.path[:1]):
                origin = draft.origin(finding.path)
                problems.append(draft.document.problem(origin, finding.message, on_key=finding.on_key))
        return None
    try:
        spec = result.spec()
    except ValueError as error:
        field, message = split_field(str(error))
        problems.append(draft.document.problem(draft.origin(field), message))
        return None
    digest = digest_of(result.id, spec)
    return PointEntry(result.id, replace(spec, file_digest=digest), digest)


def _duplicates(drafts: Iterable[Draft]) -> Iterable[Problem]:
    """Yield a problem for each id that an earlier point has too."""
    first: dict[str, Draft] = {}
    for draft in drafts:
        slug = draft.fields.get("id")
        if not isinstance(slug, str) or first.setdefault(slug, draft) is draft:
            continue
        origin, other = draft.origin(("id",)), first[slug].origin(("id",))
        _, mark = draft.document.locate(other)
        given = value_at(draft.document.data, origin)
        known_as = "" if given == slug else f", which {found(given)} becomes"
        yield draft.document.problem(origin, f"duplicate id {found(slug)}{known_as}, also at line {mark.line}")
