"""``python -m sim``: the same as ``recarga``."""

from sim.cli import main

if __name__ == "__main__":
    main()
