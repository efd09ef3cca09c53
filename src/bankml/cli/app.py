"""The Typer application: its commands, and what an error becomes."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from bankml import __version__
from bankml.cli import predicting, publishing, reporting, running, service
from bankml.cli.exit_codes import INTERRUPTED, exit_code
from bankml.cli.screen import err, error_document, is_json_wanted, print_json, say
from bankml.errors import BankmlError

app = typer.Typer(
    name="bankml",
    help="Run an AutoML training pipeline: on this machine, or on Azure ML.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for commands in (running, predicting, reporting, publishing, service):
    commands.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"bankml {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is done.")] = False,
) -> None:
    """Run an AutoML training pipeline: on this machine, or on Azure ML."""
    del version
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    logging.getLogger("bankml.progress").setLevel(logging.INFO)


def run_app() -> None:
    """Run the command line; errors of ours become a message and an exit code."""
    try:
        app()
    except BankmlError as error:
        if is_json_wanted(sys.argv[1:]):
            print_json(error_document(error))
        err.print("[bold red]Error[/]: ", end="")
        say(str(error), err)
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
