"""Requests handed on to the node that owns the point: HTTP behind the ``Peers`` port."""
