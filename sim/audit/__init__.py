"""The audit: proves from a run's history and databases alone that no promise was broken.

It shares no code with the nodes. ``docs/audit.md`` says what each check sees and what it cannot see.
"""

from sim.audit.audit import AuditResult, audit
from sim.audit.errors import AuditError
from sim.audit.verdicts import PromiseResult, Verdict, Violation

__all__ = ["AuditError", "AuditResult", "PromiseResult", "Verdict", "Violation", "audit"]
