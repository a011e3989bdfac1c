"""The laboratory: scenarios put thousands of vehicles on a network of nodes, and every run is audited and reported.

Data flows one way: scenario -> world -> fleet -> history -> audit and measure -> report.
"""
