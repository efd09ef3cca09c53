"""Commands that keep something running, or look after it: serve, doctor, emulator."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bankml.cli.options import Config, Json, WorkspaceFolder, configuration
from bankml.cli.screen import print_json, say
from bankml.emulator.commands import app as emulator_commands


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve")(serve)
    app.command("doctor")(doctor)
    app.add_typer(emulator_commands, name="emulator")


def serve(
    config: Config = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8765,
    public: Annotated[
        bool, typer.Option("--public", help="Allow an address that other machines reach.")
    ] = False,
    certificate: Annotated[Path | None, typer.Option(help="TLS certificate (PEM).")] = None,
    key: Annotated[Path | None, typer.Option(help="TLS key (PEM).")] = None,
    rotate_token: Annotated[
        bool, typer.Option("--rotate-token", help="Make a new token; the old one is good no more.")
    ] = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Serve the endpoints of the published pipelines of a local workspace."""
    from bankml.server import serve as serve_workspace

    settings = configuration(config, workspace)
    serve_workspace(
        settings,
        host=host,
        port=port,
        public=public,
        certificate=certificate,
        key=key,
        rotate_token=rotate_token,
    )


def doctor(
    config: Config = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend the workspace; damaged files are set aside.")
    ] = False,
    workspace: WorkspaceFolder = None,
    json: Json = False,
) -> None:
    """Check the installation and the workspace; exit code 1 if something is wrong."""
    from bankml.doctor import examine

    findings = examine(configuration(config, workspace), repair=repair)
    if json:
        print_json(findings)
    else:
        for finding in findings:
            mark = "ok   " if finding.healthy else "WRONG"
            say(f"{mark}  {finding.subject:<16}  {finding.message}")
    if not all(finding.healthy for finding in findings):
        raise typer.Exit(1)
