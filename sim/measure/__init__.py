"""From what a run left behind to figures: the history read once into columns, the databases, and what follows from them.

==================  ==========================================================================
``recording``       the history in columns: ``read_recording``
``operations``      the columns: one row per request
``outcomes``        accepted, refused, unavailable, unknown; and counts of them
``course``          what the run says of itself: its ``begin`` and ``end``
``timeline``        reservations and trips asked for per second, by what became of them
``stops``           which points the stops of trips asked for
``operation_table`` per kind of request: outcomes and errors
``latency``         percentiles from the intended and from the send time
``demand``          what was asked of every point
``contention``      how uneven demand is, and how evenly chargers come to classes
``views``           how far behind views were, and refusals by what was seen
``ways``            where the time of requests went; the slowest of them
``queues``          time in mailboxes, by node
``heatmap``         latency over time
``limits``          limits of the scenario against all this
``gauges``          how full bounded things came to be, what processes used
``fates``           what became of the vehicles
``faults``          what was broken, when, and what was refused meanwhile
``generator``       whether the load was what the scenario says
``databases``       points, reservations and sessions as the nodes kept them
``use``             when points were reserved and charging
``occupancy``       the same of the busiest points, on a grid
``points``          points in figures: demand, use, energy, revenue
``nodes``           nodes in figures
``percentiles``     exact percentiles, by nearest rank
``intervals``       half-open intervals: union, overlaps, length
==================  ==========================================================================
"""
