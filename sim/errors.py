"""The laboratory's errors: what can go wrong that is no mistake of ours. Their text is for people, one line or a few.

::

    LaboratoryError
    ├── AuditError      evidence cannot be read                         sim.audit
    ├── ChildError      a process did not start, or ended by itself     sim.worlds
    ├── CommandError    a command cannot go on                          sim.cli
    ├── ExperimentError a sweep or a comparison cannot go on            sim.experiments
    ├── ExploreError    an exploration cannot go on                     sim.explore
    ├── HistoryError    a history cannot be read                        sim.history
    ├── MeasureError    a run cannot be measured                        sim.measure
    ├── PlantingError   a bug cannot be planted                         sim.audit.planted_bugs
    └── ReportError     a run cannot be reported                        sim.report

A scenario that is wrong is a ``nodes.documents.DocumentError``, like any document.
"""


class LaboratoryError(Exception):
    """The root of the laboratory's errors."""
