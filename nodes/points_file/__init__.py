"""The points file of a node, in any of three formats (docs/points_files.md): read whole, or every error at its place.

=====================  ============================================================================
``reading``            a file to entries: ``read_points``, ``points_of``, ``PointEntry``
``draft``              a point as a file tells it, each field with its place
``native``             Recarga's own format
``geojson``            a GeoJSON FeatureCollection of Points
``ocpi``               OCPI 2.2 and 2.3 Locations
``ocpi_tariff``        OCPI Tariffs, as far as a point can express them
``entry_model``        what every format has to come to in the end
``connectors``         other people's names for connectors
``exact_units``        kilowatts to watts, and money to its minor unit, exactly or not at all
=====================  ============================================================================
"""

from nodes.points_file.reading import MAX_POINTS, PointEntry, points_of, read_points

__all__ = ["MAX_POINTS", "PointEntry", "points_of", "read_points"]
