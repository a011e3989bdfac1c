"""A Recarga node: a server that owns charging points, takes reservations and sessions over HTTP and gossips over MQTT.

Dependencies point one way: ``api -> node -> actors -> domain``; ``domain`` imports only the standard library.
Nothing in this package imports ``sim``.
"""
