"""Planting a bug: this process reads the nodes' source with some lines changed. The files stay as they are.

Only in processes that exist for it: workers of an exploration, or nodes started by a test. Nothing is ever taken out
again; the next process is sound.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

from sim.audit.planted_bugs.bug import Edit, PlantedBug
from sim.audit.planted_bugs.errors import EditMissed, TooLate


def plant(bug: PlantedBug) -> None:
    """Let this process have the bug, from the first import of its modules on.

    Raises ``TooLate`` when one of them was imported before, ``EditMissed`` when a line to be changed is not there; then
    nothing is planted. Imports none of them itself.
    """
    for module in bug.modules:
        if module in sys.modules:
            raise TooLate(f"{bug.name} cannot be planted: this process has imported {module} already")
    sys.meta_path.insert(0, _Finder(edited_sources(bug)))


def edited_sources(bug: PlantedBug) -> dict[str, str]:
    """Return the source of every module that the bug is in, with the bug in it. Raises ``EditMissed``."""
    return {
        module: edited(source_path(module).read_text("utf-8"), [edit for edit in bug.edits if edit.module == module])
        for module in bug.modules
    }


def edited(source: str, edits: Sequence[Edit]) -> str:
    """Return the source after the edits, made one after the other. Raises ``EditMissed``."""
    for edit in edits:
        if (times := source.count(edit.old)) != 1:
            raise EditMissed(edit.module, edit.old, times)
        source = source.replace(edit.old, edit.new)
    return source


def source_path(module: str) -> Path:
    """Return the file of a module, found without importing anything."""
    package, *inside = module.split(".")
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None, f"{package} is not installed"
    path = Path(spec.origin).parent.joinpath(*inside)
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


class _Planter(SourceFileLoader):
    """Compiles the source it is given, past the byte-code cache."""

    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        del fullname
        return self.source_to_code(self._source.encode(), self.path)


class _Finder(MetaPathFinder):
    """Finds the modules that the bug is in, for the planter."""

    def __init__(self, sources: dict[str, str]) -> None:
        self._sources = sources

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        source = self._sources.get(fullname)
        found = None if source is None else PathFinder.find_spec(fullname, path, target)
        if source is None or found is None or found.origin is None:
            return None
        planter = _Planter(fullname, found.origin, source)
        return spec_from_file_location(fullname, found.origin, loader=planter)
