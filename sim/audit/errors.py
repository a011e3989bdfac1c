"""What keeps a run from being audited."""


class AuditError(Exception):
    """The evidence cannot be read: which file, which line or row, what is wrong. It says nothing about the promises."""
