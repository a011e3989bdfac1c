"""``python -m sim.audit RUN_DIR``: print every promise's verdict, and the story of every violation.

Exit code: 0 pass, 1 the evidence cannot be read, 3 it proves nothing, 99 a promise was broken.
"""

import sys
from pathlib import Path

from sim.audit import AuditError, Verdict, audit
from sim.audit.story import tell


def main(arguments: list[str]) -> int:
    """Audit a folder; return the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m sim.audit RUN_DIR\n")
        return 1
    try:
        result = audit(Path(arguments[0]))
    except AuditError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for promise in result.promises.values():
        note = f"  ({promise.note})" if promise.note else ""
        violations = f", {promise.violation_count} violations" if promise.violation_count else ""
        sys.stdout.write(f"{promise.promise:3} {promise.verdict:7} {promise.checked} checked{violations}{note}\n")
        for violation in promise.violations:
            sys.stdout.write("\n".join(tell(violation)) + "\n")
    return {Verdict.PASS: 0, Verdict.NO_DATA: 3, Verdict.FAIL: 99}[result.verdict]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
