"""The command line: each command is a thin call of the library."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from bankml.cli.app import run_app

    run_app()
