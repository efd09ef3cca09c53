"""Commands about runs: run, plan, status, leaderboard, runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bankml.backends.base import METRICS_FILE_KIND, MODEL_FILE_KIND
from bankml.cli.found_runs import find_run
from bankml.cli.options import (
    Config,
    Data,
    Encoding,
    Json,
    Separator,
    WorkspaceFolder,
    configuration,
)
from bankml.cli.run_table import run_table
from bankml.cli.screen import err, out, print_json, print_pairs, say

if TYPE_CHECKING:
    from bankml.datasets import Dataset
    from bankml.runs import Run
    from bankml.workflow import Workflow

Label = Annotated[str | None, typer.Option("--label", help="Column to predict.")]
Task = Annotated[str | None, typer.Option("--task", help="classification or regression.")]
Metric = Annotated[str | None, typer.Option("--metric", help="Primary metric.")]
Minutes = Annotated[float | None, typer.Option("--minutes", help="Minutes for the whole search.")]
OUTPUT_KINDS = (METRICS_FILE_KIND, MODEL_FILE_KIND)
RunId = Annotated[str, typer.Argument(help="The run's id, its beginning, or its ref.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("run")(run)
    app.command("plan")(plan)
    app.command("status")(status)
    app.command("leaderboard")(leaderboard)
    app.command("runs")(runs)
    app.command("cancel")(cancel)


def run(
    config: Config = None,
    data: Data = None,
    separator: Separator = None,
    encoding: Encoding = None,
    label: Label = None,
    task: Task = None,
    metric: Metric = None,
    minutes: Minutes = None,
    iterations: Annotated[int | None, typer.Option(help="Candidates at the most.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all random choices.")] = None,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds to wait; the run goes on afterwards.")
    ] = None,
    wait: Annotated[bool, typer.Option(help="Wait for the run.")] = True,
    resume: Annotated[str | None, typer.Option(help="Id of a broken run to go on with.")] = None,
    workspace: WorkspaceFolder = None,
    json: Json = False,
) -> None:
    """Train: workspace, compute, data, AutoML pipeline, results.

    Without a configuration and without --data it trains on synthetic sample rows.
    """
    settings = configuration(
        config, workspace, data, separator=separator, encoding=encoding,
        label_column_name=label, task=task, primary_metric=metric,
        experiment_timeout_minutes=minutes, iterations=iterations, random_state=seed,
    )  # fmt: skip
    workflow = _workflow(settings)
    if resume:
        started = workflow.resume(find_run(workflow, resume).id)
        _finish(started, wait, timeout, json, None)
        return
    if not json:
        say(str(workflow.plan()))
    started = workflow.train(wait=False)
    dataset = _dataset_of(started, workflow)
    if dataset.synthetic:
        err.print("[yellow]The data is synthetic[/]: generated rows, good for trying out only.")
    _finish(started, wait, timeout, json, dataset)


def plan(
    config: Config = None,
    data: Data = None,
    separator: Separator = None,
    encoding: Encoding = None,
    label: Label = None,
    task: Task = None,
    metric: Metric = None,
    minutes: Minutes = None,
    workspace: WorkspaceFolder = None,
    json: Json = False,
) -> None:
    """Show everything that 'run' would do. Nothing is created."""
    from bankml import pipeline

    settings = configuration(
        config, workspace, data, separator=separator, encoding=encoding,
        label_column_name=label, task=task, primary_metric=metric,
        experiment_timeout_minutes=minutes,
    )  # fmt: skip
    planned = pipeline.plan(settings)
    if not json:
        say(str(planned))
        return
    notices = [{"path": notice.path, "message": notice.message} for notice in planned.notices]
    print_json({"config": settings.model_dump(mode="json"), "notices": notices})


def status(
    run_id: RunId, config: Config = None, workspace: WorkspaceFolder = None, json: Json = False
) -> None:
    """Show the state of a run, and why it failed if it did."""
    attached = find_run(_workflow(configuration(config, workspace)), run_id)
    if json:
        print_json(attached.refresh())
    else:
        _print_run(attached)


def leaderboard(
    run_id: RunId,
    config: Config = None,
    top: Annotated[int, typer.Option(help="Rows to show; 0 for all.")] = 10,
    workspace: WorkspaceFolder = None,
    json: Json = False,
) -> None:
    """Show the candidates of a run, best first."""
    board = find_run(_workflow(configuration(config, workspace)), run_id).leaderboard()
    if json:
        print_json([{"rank": row.rank, **vars(row.child)} for row in board])
    else:
        out.print(board.table(top or None, out.width))


def runs(
    config: Config = None,
    experiment: Annotated[str | None, typer.Option(help="Only this experiment's.")] = None,
    limit: Annotated[int, typer.Option(help="Runs at the most.")] = 20,
    workspace: WorkspaceFolder = None,
    json: Json = False,
) -> None:
    """List runs, newest first."""
    found = _workflow(configuration(config, workspace)).runs(experiment, limit)
    if json:
        print_json([each.record for each in found])
        return
    if not found:
        say("There are no runs yet; start one with: bankml run")
        return
    out.print(run_table([each.record for each in found], out.width))


def cancel(run_id: RunId, config: Config = None, workspace: WorkspaceFolder = None) -> None:
    """Stop a run."""
    attached = find_run(_workflow(configuration(config, workspace)), run_id)
    attached.cancel()
    attached.wait(60, progress=False, raise_on_failure=False, preload=False)
    out.print(f"Run {attached.id} is {attached.status()}.")


def _workflow(settings: Any) -> Workflow:
    from bankml.workflow import Workflow

    return Workflow(settings)


def _dataset_of(started: Run, workflow: Workflow) -> Dataset:
    """Look up what the run trains on, so that the source is read only once."""
    from bankml import datasets

    name = started.record.dataset or workflow.config.dataset.name
    return datasets.get(workflow.workspace.backend, name, started.record.dataset_version)


def _finish(
    started: Run, wait: bool, timeout: float | None, json: bool, dataset: Dataset | None
) -> None:
    if wait:
        started.wait(timeout, progress=not json, preload=False)
    if json:
        _print_result_json(started, wait)
        return
    if wait:
        out.print(started.leaderboard())
        for kind in OUTPUT_KINDS:
            started.output_path(kind)
    _print_run(started, dataset)


def _print_result_json(started: Run, waited: bool) -> None:
    document: dict[str, Any] = {"run": started.record}
    if waited:
        board = started.leaderboard()
        document["leaderboard"] = [{"rank": row.rank, **vars(row.child)} for row in board]
    print_json(document)


def _print_run(attached: Run, dataset: Dataset | None = None) -> None:
    from bankml import outputs

    record = attached.refresh()
    print_pairs(
        {
            "Run": record.id,
            "Status": record.status,
            "Experiment": record.experiment,
            "Dataset": dataset or f"{record.dataset} version {record.dataset_version}",
            "Reused from": record.reused_from,
            **{kind: attached.fetched_output(kind) for kind in OUTPUT_KINDS},
            "Attach with": f"bankml.attach({record.ref!r})",
            "Portal": record.portal_url,
        }
    )
    for warning in record.warnings:
        say(f"Note: {warning}")
    error = outputs.end_error(record)
    if error is not None:
        say(str(error), err)
