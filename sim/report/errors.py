"""What keeps a report from being made or read."""


class ReportError(Exception):
    """A run cannot be reported: which file, where, what is wrong; one line."""
