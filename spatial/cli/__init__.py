"""The command line. `main` is its entry point."""

from spatial.cli.commands import app, main

__all__ = ["app", "main"]
