"""The web client: its files, the routes that serve them, and a server that puts it in front of nodes."""
