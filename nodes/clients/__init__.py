"""People's way in: a client of a node's HTTP API, commands for scripts, and an application for a terminal."""
