"""The report's figures: static SVG, each drawn for a wide page and for a phone.

====================  =====================================================
``canvas``            what figures share: sizes, axes, marks of faults
``demand_figure``     reservations asked for over time
``latency_figure``    percentile curves
``heatmap_figure``    latency over time
``lorenz_figure``     how unevenly points are asked for
``staleness_figure``  how far views were behind
``waiting_figure``    how many requests waited in mailboxes
``occupancy_figure``  points over time
====================  =====================================================
"""
