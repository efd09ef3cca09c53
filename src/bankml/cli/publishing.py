"""Commands about published pipelines: publish, published, disable, enable, trigger."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from bankml.cli.found_runs import find_run
from bankml.cli.options import Config, Json, WorkspaceFolder, configuration
from bankml.cli.screen import print_json, print_pairs, say
from bankml.errors import AuthenticationError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bankml.datasets import Dataset
    from bankml.publish import PublishedPipeline
    from bankml.rest import TriggerRequest
    from bankml.workflow import Workflow

TOKEN_VARIABLE = "BANKML_TOKEN"  # noqa: S105 - the variable's name, not a token

PublishedId = Annotated[str, typer.Argument(help="Id of the published pipeline.")]


class _Options(TypedDict):
    experiment_name: str
    parameters: Mapping[str, str]
    trigger_id: str | None


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("publish")(publish)
    app.command("published")(published)
    app.command("disable")(disable)
    app.command("enable")(enable)
    app.command("trigger")(trigger)


def publish(
    run_id: Annotated[str, typer.Argument(help="Id of the run whose pipeline is published.")],
    config: Config = None,
    name: Annotated[str | None, typer.Option(help="Name of the published pipeline.")] = None,
    version: Annotated[str | None, typer.Option(help="Its version.")] = None,
    workspace: WorkspaceFolder = None,
    json: Json = False,
) -> None:
    """Publish the pipeline of a run, so that a POST starts it again."""
    settings = configuration(config, workspace)
    changes = {"name": name, "version": version}
    given = {key: value for key, value in changes.items() if value is not None}
    workflow = _workflow(settings.replace(publish=given))
    _print_published(workflow.publish(find_run(workflow, run_id)), json)


def published(config: Config = None, workspace: WorkspaceFolder = None, json: Json = False) -> None:
    """List the published pipelines, newest first."""
    found = _workflow(configuration(config, workspace)).published()
    if json:
        print_json([each.record for each in found])
        return
    for each in found:
        say(f"{each.id}  {each}")


def disable(published_id: PublishedId, config: Config = None, workspace: WorkspaceFolder = None,
            json: Json = False) -> None:  # fmt: skip
    """Refuse triggers of a published pipeline from now on."""
    _print_published(_get(published_id, config, workspace).disable(), json)


def enable(published_id: PublishedId, config: Config = None, workspace: WorkspaceFolder = None,
           json: Json = False) -> None:  # fmt: skip
    """Accept triggers of a published pipeline again."""
    _print_published(_get(published_id, config, workspace).enable(), json)


def trigger(
    target: Annotated[str, typer.Argument(help="Id of a published pipeline, or its endpoint.")],
    config: Config = None,
    experiment: Annotated[str | None, typer.Option(help="Experiment of the run.")] = None,
    parameter: Annotated[
        list[str] | None, typer.Option(help="name=value; may be given several times.")
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(help="NAME[:VERSION] of a registered dataset to train on; else as published."),
    ] = None,
    trigger_id: Annotated[
        str | None,
        typer.Option(
            help="A unique id of your own: the same id, the same run. On Azure ML only in the same "
            "experiment, and not twice at the same moment."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Show the request, send nothing.")] = False,
    wait: Annotated[bool, typer.Option(help="Wait for the run.")] = False,
    workspace: WorkspaceFolder = None,
    json: Json = False,
) -> None:
    """Start a run of a published pipeline over REST, exactly once.

    With an endpoint's URL no workspace is needed; the token is read from the variable BANKML_TOKEN.
    Exit code 25 says that it is not known whether a run was started; with --json the trigger_id to
    try again with is in the JSON on standard output.
    """
    if wait:
        _check_can_wait(target, dry_run)
    settings = configuration(config, workspace)
    options: _Options = {
        "experiment_name": settings.publish.experiment_name if experiment is None else experiment,
        "parameters": _assignments(parameter or []),
        "trigger_id": trigger_id,
    }
    if _is_url(target):
        _refuse_dataset(dataset)
        _trigger_endpoint(target, options, dry_run, json)
        return
    workflow = _workflow(settings)
    bound = None if dataset is None else _dataset(workflow, dataset)
    if dry_run:
        _print_request(workflow.trigger(target, dataset=bound, dry_run=True, **options), json)
        return
    run = workflow.trigger(target, dataset=bound, **options)
    if wait:
        run.wait(progress=not json, preload=False)
    if json:
        print_json(run.refresh())
    else:
        record = run.refresh()
        print_pairs(
            {
                "Run": record.id,
                "Status": record.status,
                "Experiment": record.experiment,
                "Reused from": record.reused_from,
            }
        )


def _is_url(target: str) -> bool:
    return "://" in target


def _check_can_wait(target: str, dry_run: bool) -> None:
    if dry_run:
        raise ConfigError("--dry-run starts no run to wait for: leave out --wait.")
    if _is_url(target):
        raise ConfigError(
            "The run of an endpoint's URL can't be waited for, as its workspace is not known here. "
            "Leave out --wait and look with 'bankml status' in its workspace, or give the id of "
            "the published pipeline in place of the URL."
        )


def _trigger_endpoint(endpoint: str, options: _Options, dry_run: bool, json: bool) -> None:
    from bankml import rest

    if dry_run:
        _print_request(rest.trigger(endpoint, auth=_token, dry_run=True, **options), json)
        return
    triggered = rest.trigger(endpoint, auth=_token(), **options)
    if json:
        print_json(
            {
                "id": triggered.id,
                "status": triggered.status,
                "experiment_name": triggered.experiment_name,
                "trigger_id": triggered.trigger_id,
            }
        )
    else:
        print_pairs(
            {
                "Run": triggered.id,
                "Status": triggered.status,
                "Experiment": triggered.experiment_name,
                "Trigger": triggered.trigger_id,
            }
        )


def _refuse_dataset(dataset: str | None) -> None:
    if dataset is not None:
        raise ConfigError(
            "--dataset is looked up in the workspace, and an endpoint's URL names none. Give the "
            "published pipeline's id in place of the URL."
        )


def _dataset(workflow: Workflow, text: str) -> Dataset:
    from bankml import datasets

    name, colon, version = text.rpartition(":")
    if colon and version.isascii() and version.isdigit():
        return datasets.get(workflow.workspace.backend, name, int(version))
    return datasets.get(workflow.workspace.backend, text)


def _print_request(request: TriggerRequest, json: bool) -> None:
    if json:
        print_json(request)
    else:
        say(str(request))


def _token() -> str:
    token = os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        raise AuthenticationError(
            f"Set {TOKEN_VARIABLE} to the bearer token of the endpoint. For 'bankml serve' it is "
            "in the file that it names at its start; for Azure ML: az account get-access-token."
        )
    return token


def _assignments(pairs: list[str]) -> dict[str, str]:
    parameters = dict(pair.partition("=")[::2] for pair in pairs if "=" in pair)
    if len(parameters) < len(pairs):
        raise ConfigError("Give every --parameter once, as name=value.")
    return parameters


def _workflow(settings: object) -> Workflow:
    from bankml.workflow import Workflow

    return Workflow(settings)  # type: ignore[arg-type]


def _get(published_id: str, config: Path | None, workspace: Path | None) -> PublishedPipeline:
    from bankml import publish as stage

    workflow = _workflow(configuration(config, workspace))
    return stage.get(workflow.backend, published_id)


def _print_published(pipeline: PublishedPipeline, json: bool) -> None:
    if json:
        print_json(pipeline.record)
        return
    print_pairs(
        {
            "Name": pipeline.name,
            "Version": pipeline.version,
            "Id": pipeline.id,
            "Status": pipeline.status,
            "Endpoint": pipeline.endpoint,
        }
    )
