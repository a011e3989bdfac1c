"""Trips: stops on several nodes, all or none, by two-phase commit with presumed abort.

``coordinator`` makes the one decision, ``preparation`` asks the owners for promises, ``delivery`` tells them what was
decided, ``waits`` adds up where the time goes; ``in_doubt`` is the owners' side: who holds a promise and hears nothing asks.
"""
