"""The application for a terminal (Textual, an extra)."""
