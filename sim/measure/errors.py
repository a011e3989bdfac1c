"""What keeps a run from being measured."""


class MeasureError(Exception):
    """A file of the run cannot be read: which one, where, what is wrong; one line."""
