"""The load report: one model, told to a terminal, to other programs (``report.json``) and to people (``report.html``).

================  ==================================================================
``model``         the report: everything that any of them says
``build``         from a run's folder to a report
``files``         ``report.json`` and ``report.html``: written, and read again
``promises``      what is promised, in words; what the audit found
``verdict``       PASS, FAIL or INVALID, and why, in one sentence
``stories``       a violation as people read it
``terminal``      the summary after a run
``html``          the page: ``assets/`` holds templates, style and script
``figures``       the page's figures, in SVG
``drawings``      the page's figures, drawn
``page_facts``    what its tables tell beside the report itself
``chart_data``    the time series for the page's script
``tables``        the tables in full, as CSV and Parquet
``limit_marks``   limits that can be drawn
``rates``         counts as rates
``json_schema``   the JSON Schema of ``report.json``
``captions``      what there is to see in each figure, in one sentence
``wording``       numbers, times and money as people write them
``svg``           elements, safely escaped
``scale``         from values to places in a figure; ticks
================  ==================================================================
"""

from sim.report.build import build_report
from sim.report.errors import ReportError
from sim.report.files import read_report, write_report
from sim.report.model import Report
from sim.report.terminal import print_report

__all__ = ["Report", "ReportError", "build_report", "print_report", "read_report", "write_report"]
