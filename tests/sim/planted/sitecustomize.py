"""Plants a bug in every node process that is started with this folder on ``PYTHONPATH``.

Python imports a module of this name at every start. ``RECARGA_PLANTED`` names the bug; other processes than nodes, the
laboratory among them, are left alone.
"""

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType, ModuleType

from planted_bugs import BUGS, Bug


class _Planter(SourceFileLoader):
    """Compiles the module with the bug in it, past the byte-code cache."""

    bug: Bug

    def get_code(self, fullname: str) -> CodeType:
        source = self.get_source(fullname)
        assert source is not None
        for right, wrong in self.bug.edits:
            if (found := source.count(right)) != 1:
                raise ImportError(f"cannot plant a bug: {right!r} stands in {fullname} {found} times")
            source = source.replace(right, wrong)
        return self.source_to_code(source.encode(), self.path)


class _Finder(MetaPathFinder):
    """Finds the module that the bug is in, for the planter."""

    def __init__(self, bug: Bug) -> None:
        self._bug = bug

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._bug.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None:
            return None
        planter = _Planter(fullname, spec.origin)
        planter.bug = self._bug
        return spec_from_file_location(fullname, spec.origin, loader=planter)


_planted = os.environ.get("RECARGA_PLANTED")
if _planted and sys.orig_argv[1:4] == ["-m", "nodes", "node"]:
    sys.meta_path.insert(0, _Finder(BUGS[_planted]))
