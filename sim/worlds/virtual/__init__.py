"""A simulated network: the nodes' own code on virtual adapters of all five ports, in one process, in virtual time."""
