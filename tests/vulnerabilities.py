"""``python -m tests.vulnerabilities``: whether a vulnerability is known of anything that is installed here, or that the image
installs (pip-audit).

Exit code 0: none is known, or nobody could be asked, which is said. 1: one is known. A machine without a network can
check everything else all the same.
"""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_PATIENCE_S = 300
_LOCK = Path(__file__).parents[1] / "docker" / "requirements.lock"
_ASKED = {
    "here": ("--skip-editable",),
    "in the image": ("--disable-pip", "--require-hashes", "-r", str(_LOCK)),
}
"""Where packages are, and how pip-audit is told which. What is installed here is newer or older than what is deployed."""


def main() -> int:
    """Ask, and say what came of it."""
    if importlib.util.find_spec("pip_audit") is None:
        print("vulnerabilities: not asked for (pip-audit is not installed)")
        return 0
    return max([ask(where, options) for where, options in _ASKED.items()])


def ask(where: str, options: Sequence[str]) -> int:
    """Ask about the packages in one place."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", *options]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        print(f"vulnerabilities {where}: nobody answered within {_PATIENCE_S} s")
        return 0
    try:
        packages = json.loads(asked.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError, TypeError):
        reason = (asked.stderr.strip().splitlines() or ["no answer"])[-1]
        print(f"vulnerabilities {where}: could not be asked for: {reason[:200]}")
        return 0
    return report(packages, where)


def report(packages: list[dict[str, object]], where: str) -> int:
    """Print what is known of these packages, as pip-audit tells it, and return the exit code."""
    found = 0
    for package in packages:
        for each in package.get("vulns", ()):  # type: ignore[attr-defined] # JSON
            found += 1
            fixed = ", ".join(each["fix_versions"]) or "no version yet"
            print(f"{package['name']} {package['version']} {where}: {each['id']}, mended in {fixed}", file=sys.stderr)
    unknown = sum(1 for package in packages if "skip_reason" in package)
    if unknown == len(packages):
        print(f"vulnerabilities {where}: nobody could be asked about any of {unknown} packages")
        return 0
    asked = len(packages) - unknown
    print(f"vulnerabilities {where}: {found} known of {asked} packages ({unknown} could not be looked up)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
