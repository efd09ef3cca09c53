"""The command line, for ``python -m bankml``."""

from __future__ import annotations

from bankml.cli import main

if __name__ == "__main__":
    main()
