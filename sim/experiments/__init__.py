"""Experiments: the same scenario many times under different settings, and what can be concluded from it.

================  ===========================================================================
``errors``        what ends a sweep or a comparison
``grid``          settings that vary, and the cells they make
``measures``      the figures of one replication: names, units, which way is better
``records``       one replication's vehicles and requests, from its folder
``measuring``     from records to figures, without the warm-up
``task``          what a worker is given
``playing``       one replication: played, audited, measured
``worker``        the same as a program, for engines whose processes cannot be fenced
``result``        what a replication came to
``results``       results on disk: written at once, never computed twice
``schedule``      which replication is next, and when there are enough
``engines``       where replications are played: processes here, or a Dask cluster
``running``       the sweep: engine and schedule put together; who dies is replaced
``model``         what a sweep came to, as ``sweep.json`` holds it
``summary``       from results to that: intervals, pooled percentiles, differences
``files``         ``sweep.json``, ``sweep.csv``, ``sweep.html``
``page``          the page; ``figures`` its curves
``comparison``    two runs, or two sweeps: what became worse
================  ===========================================================================
"""
