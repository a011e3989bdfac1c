"""Benchmarks of Recarga: every figure is a ratio of two things measured in turns on the same machine.

A *contestant* is a server in a process of its own together with the requests it is asked; a *benchmark* is a module
``compare_<name>.py`` whose ``run(options)`` puts contestants against each other. ``python -m bench`` runs them.
"""
