"""``python -m nodes node …`` and ``python -m nodes broker …``, without the laboratory."""

from nodes.cli import app

if __name__ == "__main__":
    app(prog_name="recarga")
