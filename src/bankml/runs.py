"""A run's handle: like a future, and good in another process on another day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bankml import outputs
from bankml.backends.registry import BACKENDS, backend_class
from bankml.clock import SYSTEM_CLOCK, Clock
from bankml.config import WorkflowConfig
from bankml.errors import NotFoundError
from bankml.polling import Poller
from bankml.preloading import import_meanwhile
from bankml.progress import Progress, shown
from bankml.status import RunStatus
from bankml.workspace import open_backend

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd

    from bankml.backends.base import Backend, ChildRecord, RunRecord
    from bankml.evaluation import Evaluation
    from bankml.leaderboard import Leaderboard
    from bankml.models import BestModel


class Run:
    """A run of the pipeline.

    Args:
        backend: Where it is.
        record: What is known of it.
        clock: The time.
    """

    def __init__(self, backend: Backend, record: RunRecord, clock: Clock = SYSTEM_CLOCK) -> None:
        self._backend = backend
        self._record = record
        self._clock = clock

    @property
    def id(self) -> str:
        """The run's id."""
        return self._record.id

    @property
    def ref(self) -> str:
        """A string by which another process attaches to the run."""
        return self._record.ref

    @property
    def record(self) -> RunRecord:
        """What was last seen of the run; :meth:`refresh` looks again."""
        return self._record

    @property
    def experiment(self) -> str:
        """Name of the experiment it belongs to."""
        return self._record.experiment

    @property
    def reused_from(self) -> str | None:
        """Id of the run whose outputs were reused, or None."""
        return self._record.reused_from

    @property
    def portal_url(self) -> str | None:
        """Where a person can look at the run, or None."""
        return self._record.portal_url

    def refresh(self) -> RunRecord:
        """Look at the run, unless it was seen finished; one that failed may have been resumed.

        Returns:
            The run as it is now.
        """
        if self._record.status is not RunStatus.FINISHED:
            self._record = self._backend.get_run(self.id)
        return self._record

    def status(self) -> RunStatus:
        """Look at the run and return its state."""
        return self.refresh().status

    def done(self) -> bool:
        """Whether the run has ended, in whatever way."""
        return self.status().is_terminal

    def wait(
        self,
        timeout: float | None = None,
        on_update: Callable[[RunRecord], None] | None = None,
        *,
        progress: bool = True,
        raise_on_failure: bool = True,
        preload: bool = True,
    ) -> Run:
        """Wait until the run has ended. Ctrl-C stops watching, not the run.

        Args:
            timeout: Seconds to wait at the most, or None for as long as the run takes.
            on_update: Called with the run's record at every look.
            progress: Whether to show a live display (log lines where there is no terminal).
            raise_on_failure: Whether a failed or canceled run raises its error here.
            preload: Whether to import meanwhile, in a thread, what :meth:`best_model` needs, which
                takes a second and 100 MB; False for a process that only waits.

        Returns:
            This run.

        Raises:
            WaitTimeoutError: The time is over; the run goes on.
            RunFailedError: The run failed; the message has step, cause and last log lines. It is a
                RunDataError where the data is the cause.
            RunCanceledError: The run was canceled.
        """
        if preload:
            import_meanwhile(self._backend.model_modules)
        poller = Poller(self._backend, self.id, self._clock)
        with shown(self._backend, progress) as display:
            try:
                self._record = poller.wait(timeout, _both(display, on_update))
            except KeyboardInterrupt:
                self._say_how_to_attach()
                raise
        error = outputs.end_error(self._record)
        if error is not None and raise_on_failure:
            raise error
        return self

    def result(self, timeout: float | None = None) -> Leaderboard:
        """Wait for the run and return what it found.

        Args:
            timeout: Seconds to wait at the most, or None.

        Returns:
            The leaderboard.

        Raises:
            WaitTimeoutError: The time is over; the run goes on.
            RunError: The run failed or was canceled.
        """
        return self.wait(timeout, progress=False, preload=False).leaderboard()

    def cancel(self) -> None:
        """Ask the run to stop. Harmless on one that has ended."""
        self._backend.cancel(self.id)

    def children(self) -> Sequence[ChildRecord]:
        """Return the child runs so far, in the order of their numbers."""
        return self._backend.children(self.id)

    def log(self) -> str:
        """Return the run's log so far."""
        return self._backend.log(self.id)

    def leaderboard(self) -> Leaderboard:
        """Return the candidates, best first, with all their metrics."""
        return outputs.leaderboard(self._backend, self.refresh())

    def metrics(self) -> pd.DataFrame:
        """Return a frame with one row per metric and one column per child run."""
        return outputs.metrics(self._backend, self.refresh())

    def best_model(self, *, trust: bool = False, check_versions: bool = True) -> BestModel:
        """Return the best model.

        Args:
            trust: Whether a pickled model (from Azure ML) may be loaded: that runs code from it.
            check_versions: Whether differing package versions are an error.

        Returns:
            The model: raw rows in, original labels out.

        Raises:
            RunError: The run is not finished, or failed.
            ModelError: The model can't be loaded.
        """
        return outputs.best_model(
            self._backend, self.refresh(), trust=trust, check_versions=check_versions
        )

    def evaluate(
        self,
        data: pd.DataFrame,
        *,
        trust: bool = False,
        check_versions: bool = True,
        **options: Any,
    ) -> Evaluation:
        """Evaluate the best model on rows that were not used in training.

        Args:
            data: Rows with the label column.
            trust: Whether a pickled model (from Azure ML) may be loaded: that runs code from it.
            check_versions: Whether differing package versions are an error.
            **options: As for :func:`bankml.evaluate`: ``positive_class``, ``resamples``, ….

        Returns:
            Metrics with intervals, thresholds, tables and plots.

        Raises:
            RunError: The run is not finished, or failed.
            ModelError: The model can't be loaded.
            DataError: The rows can't be used.
        """
        from bankml.evaluation import evaluate

        model = self.best_model(trust=trust, check_versions=check_versions)
        return evaluate(model, data, label=model.manifest.label_column_name, **options)

    def report(
        self, path: str | Path, data: pd.DataFrame | None = None, *, trust: bool = False
    ) -> Path:
        """Write a report: one HTML file that needs nothing else.

        Args:
            path: The HTML file; an older one is replaced.
            data: Rows with the label that were not used in training, to evaluate on. Without them
                the run's own validation predictions are shown.
            trust: Whether a pickled model (from Azure ML) may be loaded.

        Returns:
            The path.

        Raises:
            MissingDependencyError: Jinja2 or matplotlib is not installed.
            RunError: An output of the run can't be read.
            DataError: The rows can't be used.
        """
        from bankml.report.build import build

        return build(self._backend, self.refresh(), path, data, trust=trust)

    def log_to_mlflow(
        self,
        tracking_uri: str | None = None,
        *,
        experiment: str | None = None,
        registered_model_name: str | None = None,
        trust: bool = False,
    ) -> str:
        """Log the run to MLflow: parent and child runs, metrics, parameters, artifacts, model.

        Args:
            tracking_uri: MLflow's store, for example ``sqlite:///mlflow.db`` or a server's URL;
                what MLflow is set to where None.
            experiment: MLflow experiment, or None for the name of the run's own.
            registered_model_name: Name to register the model under, or None not to register it.
            trust: Whether a pickled model (from Azure ML) may be loaded.

        Returns:
            The MLflow run id of the parent run; the same when the run is logged again.

        Raises:
            MissingDependencyError: mlflow is not installed.
            RunError: The run is not finished, or failed.
            ServiceError: MLflow's store can't be used.
        """
        from bankml.tracking.mlflow_run import log_run

        return log_run(
            self._backend,
            self.refresh(),
            tracking_uri=tracking_uri,
            experiment=experiment,
            registered_model_name=registered_model_name,
            trust=trust,
        )

    def output_path(self, kind: str) -> Path:
        """Return a local file or folder with an output.

        Args:
            kind: ``Metrics`` or ``Model``.

        Returns:
            The metrics file, or the model's folder.

        Raises:
            NotFoundError: There is no such kind.
            RunError: The run is not finished, or failed.
        """
        outputs.check_finished(self.refresh())
        return self._backend.fetch_output(self.id, kind)

    def fetched_output(self, kind: str) -> Path | None:
        """Return where an output is on this machine already; nothing is fetched.

        Args:
            kind: ``Metrics`` or ``Model``.

        Returns:
            A local file or folder, or None where the output is not here (any more).
        """
        return self._backend.fetched_output(self.id, kind)

    def _say_how_to_attach(self) -> None:
        from rich.console import Console

        Console(stderr=True).print(
            f"\nNo longer watching; the run goes on. Attach again with "
            f"bankml.attach({self.ref!r}) or: bankml status {self.id}",
            markup=False,
            emoji=False,
            highlight=False,
            soft_wrap=True,
        )

    def __repr__(self) -> str:
        """Return id, experiment and the state that was last seen."""
        reused = f", reused from {self.reused_from}" if self.reused_from else ""
        return f"Run({self.id}, {self.experiment!r}, {self._record.status}{reused})"

    def _repr_html_(self) -> str:
        from html import escape

        rows: dict[str, Any] = {
            "Run": self.id,
            "Experiment": self.experiment,
            "Status": self._record.status,
            "Reused from": self.reused_from,
            "Portal": self.portal_url,
        }
        cells = (f"<tr><th>{name}</th><td>{escape(str(value))}</td></tr>"
                 for name, value in rows.items() if value)  # fmt: skip
        return f"<table>{''.join(cells)}</table>"


def attach(ref: str) -> Run:
    """Return the handle of a run by its ref, which says where the run is.

    No configuration is needed: the way to sign in to Azure ML and the outputs' names are the
    defaults. For others, or for a run's id alone, use :meth:`bankml.Workflow.attach`.

    Args:
        ref: The run's ``ref``, as every run prints it.

    Returns:
        The run's handle. Nothing is created, also where there is no such workspace.

    Raises:
        NotFoundError: It is not a run's ref, or there is no such run.
        MissingDependencyError: A package that the run's backend needs is not installed.
    """
    backend = _backend_of(ref)
    return Run(backend, backend.get_run(ref))


def _backend_of(ref: str) -> Backend:
    name = next((name for name in BACKENDS if ref.startswith(f"{name}://")), None)
    if name is None:
        raise NotFoundError(
            f"{ref!r} is not a run's ref, such as 'local:///home/me/.bankml#1f0c...'. "
            "Attach to a run by its id in its workspace: Workflow.from_config(path).attach(id)."
        )
    workspace = backend_class(name).workspace_of(ref)
    return open_backend(WorkflowConfig(backend=name, workspace=workspace))


def _both(
    display: Progress | None, on_update: Callable[[RunRecord], None] | None
) -> Callable[[RunRecord], None]:
    callbacks = [callback for callback in (display, on_update) if callback is not None]

    def update(record: RunRecord) -> None:
        for callback in callbacks:
            callback(record)

    return update
