"""The report's figures: static SVG, each drawn for a wide page and for a phone.

====================  =====================================================
``canvas``            what figures share: sizes, axes, marks of faults
``demand_figure``     reservations asked for over time
``latency_figure``    percentile curves
``occupancy_figure``  points over time
====================  =====================================================
"""
