import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent
_OURS = ("test", "dev")
"""Extras that only we install; the others are for users, who may leave them out."""


def imported(package: str) -> set[str]:
    """Return the top-level modules that a package's files import."""
    found: set[str] = set()
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def test_whatever_is_imported_is_a_declared_dependency():
    """What another package happens to bring in here may be missing on a user's machine."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [text for name, texts in project["optional-dependencies"].items() if name not in _OURS for text in texts]
    texts = [*project["dependencies"], *extras]
    declared = {re.split(r"[\s<>=!~\[;]", text, maxsplit=1)[0].lower() for text in texts}
    modules = (imported("nodes") | imported("sim")) - {"nodes", "sim"} - sys.stdlib_module_names
    known = packages_distributions()
    missing = {
        name for name in modules if not declared & {one.lower().replace("_", "-") for one in known.get(name, (name,))}
    }
    assert not missing
