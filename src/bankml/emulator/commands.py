"""The commands ``bankml emulator start`` and ``bankml emulator run``."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bankml.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bankml.emulator.emulator import Emulator

app = typer.Typer(
    name="emulator",
    help="An Azure ML v1 service on this machine, for notebooks written for the SDK v1.",
    no_args_is_help=True,
)

CONFIG_FILES = (".azureml/config.json", "aml_config/config.json", "config.json")
"""Where the SDK looks for the workspace's names, in the current folder and those above it."""
NOT_FOUND = 127

Maps = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        help="URL=PATH: answer a public URL from a file or folder. May be given more than once.",
    ),
]
Folder = Annotated[
    Path, typer.Option("--workspace", "-w", help="Folder of the local workspace that it uses.")
]
DEFAULT_FOLDER = Path(".bankml")


@app.command("start")
def start(maps: Maps = None, workspace: Folder = DEFAULT_FOLDER) -> None:
    """Start the emulator, print the environment variables that lead to it, and wait."""
    with _emulator(maps, workspace) as emulator:
        for name, value in emulator.environ.items():
            typer.echo(f"export {name}={shlex.quote(value)}")
        typer.echo(f"# config.json: {json.dumps(emulator.config_dict)}")
        sys.stdout.flush()
        typer.echo("The emulator is running; end it with Ctrl-C.", err=True)
        _wait_for_the_end()
        typer.echo("The emulator has ended.", err=True)


@app.command("run")
def run(
    program: Annotated[list[str], typer.Argument(help="The program, after --.")],
    maps: Maps = None,
    workspace: Folder = DEFAULT_FOLDER,
) -> None:
    """Run a program whose Azure ML SDK talks to the emulator; its exit code is ours."""
    with _emulator(maps, workspace) as emulator, _workspace_file(emulator):
        raise typer.Exit(_run(program, {**os.environ, **emulator.environ}))


def parse_maps(maps: list[str] | None) -> dict[str, Path]:
    """Return files and folders by URL.

    Args:
        maps: Texts of the form ``URL=PATH``; a URL may contain ``=`` itself.

    Raises:
        ConfigError: A text has another form.
    """
    found = {}
    for text in maps or []:
        url, _, path = text.rpartition("=")
        if not url.startswith(("http://", "https://")) or not path:
            raise ConfigError(
                f"--map {text!r} is not understood. Write --map https://host/path=./folder"
            )
        found[url] = Path(path)
    return found


def _wait_for_the_end() -> None:
    """Wait for Ctrl-C or a request to stop, also where a shell's job has Ctrl-C turned off."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()


def _emulator(maps: list[str] | None, workspace: Path) -> Emulator:
    from bankml.emulator.emulator import Emulator

    return Emulator(workspace, maps=parse_maps(maps), any_workspace=True)


def _run(program: list[str], variables: dict[str, str]) -> int:
    try:
        process = subprocess.Popen(program, env=variables)  # noqa: S603 - the user's own program
    except FileNotFoundError:
        typer.echo(f"There is no program {program[0]!r}. Check its name.", err=True)
        return NOT_FOUND
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the program was interrupted too and decides when it ends
            continue


@contextmanager
def _workspace_file(emulator: Emulator) -> Iterator[None]:
    """Provide the file that ``Workspace.from_config()`` reads, where the user has none."""
    here = Path.cwd()
    if any((folder / name).is_file() for folder in (here, *here.parents) for name in CONFIG_FILES):
        yield
        return
    path = here / CONFIG_FILES[0]
    is_new_folder = not path.parent.exists()
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(emulator.config_dict))
    typer.echo(f"There is no config.json: {path} is there for as long as this runs.", err=True)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        if is_new_folder and not any(path.parent.iterdir()):
            path.parent.rmdir()
