"""The facade: the whole workflow as a handful of verbs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, overload

from bankml import compute, datasets, pipeline, publish
from bankml.backends.base import SupportsResume
from bankml.config import WorkflowConfig, load_config
from bankml.errors import ConfigError, UnsupportedError
from bankml.runs import Run
from bankml.workspace import Workspace, open_backend

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from bankml.backends.base import Backend
    from bankml.compute import Compute
    from bankml.datasets import Dataset
    from bankml.plan import Plan
    from bankml.publish import PublishedPipeline, TriggerRequest


class Workflow:
    """Configuration → compute → data → AutoML pipeline → results → publish → trigger.

    Nothing happens until a verb is called. Every verb is also a function of the module that it
    belongs to, so the stages can be used one by one.

    Args:
        config: What to do and where; the defaults where None.
        workspace: An opened workspace to use in place of the configured one, for example one with
            a credential object.

    Raises:
        ConfigError: The configuration is something else, such as a dict or a path.
    """

    def __init__(
        self, config: WorkflowConfig | None = None, *, workspace: Workspace | None = None
    ) -> None:
        if config is not None and not isinstance(config, WorkflowConfig):
            raise ConfigError(
                f"A workflow's configuration is a WorkflowConfig, not {type(config).__name__}. "
                "Make one with WorkflowConfig(...), or read a file: Workflow.from_config(path)."
            )
        self.config = config or WorkflowConfig()
        self._given = workspace

    @classmethod
    def from_config(cls, path: str | Path | None = None) -> Workflow:
        """Read the configuration from a file.

        Args:
            path: The file, a folder to begin the search in, or None for the current folder.

        Returns:
            The workflow.

        Raises:
            ConfigError: There is no file, or something in it is not valid.
        """
        return cls(load_config(path))

    @cached_property
    def backend(self) -> Backend:
        """What carries out the work; asking for it opens and creates nothing."""
        return self._given.backend if self._given else open_backend(self.config)

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace, opened when first needed, and created where the backend can.

        Verbs that look for something use the backend alone, so that they create none.
        """
        return self._given or Workspace(self.backend, self.backend.workspace())

    def plan(self, data: pd.DataFrame | None = None) -> Plan:
        """Return everything that :meth:`train` would do. No network, nothing created.

        Args:
            data: Rows to train on in place of the configured source.

        Raises:
            DataError: The rows can't be trained on as it is configured.
        """
        return pipeline.plan(self.config, data)

    def compute(self) -> Compute:
        """Get or create the compute target and wait until it is ready."""
        return compute.get_or_create(self.workspace.backend, self.config.compute)

    def dataset(self, data: pd.DataFrame | None = None) -> Dataset:
        """Get or register the dataset.

        Args:
            data: Rows to register in place of the configured source.
        """
        return datasets.get_or_register(self.workspace.backend, self.config.dataset, data)

    def train(
        self, data: pd.DataFrame | None = None, *, wait: bool = True, timeout: float | None = None
    ) -> Run:
        """Get or create all that is needed, and run the pipeline.

        Args:
            data: Rows to train on in place of the configured source.
            wait: Whether to wait for the run, with a live display.
            timeout: Seconds to wait at the most, or None.

        Returns:
            The run; finished, if waited for.

        Raises:
            BankmlError: A stage failed; the class tells which.
        """
        planned = self.plan(data)
        self.workspace.experiment(self.config.experiment_name)
        dataset = self.dataset(data)
        pipeline.check_dataset(planned, dataset)  # before nodes are started for it
        self.compute()
        run = pipeline.submit(self.workspace.backend, planned, dataset)
        return run.wait(timeout) if wait else run

    def attach(self, ref: str) -> Run:
        """Return the handle of a run by its ref or id.

        Args:
            ref: The run's ``ref``, or its id.

        Raises:
            NotFoundError: There is no such run in this workspace, or no workspace.
        """
        backend = self.backend
        return Run(backend, backend.get_run(ref))

    def resume(self, run: str) -> Run:
        """Go on with a run whose process died, from the child runs that had finished.

        Args:
            run: The run's id or ref.

        Raises:
            UnsupportedError: The backend can't resume runs.
        """
        backend = self.backend
        if not isinstance(backend, SupportsResume):
            raise UnsupportedError(
                f"Backend {self.config.backend!r} can't resume a run; start a new one with train()."
            )
        return Run(backend, backend.resume(run))

    def runs(self, experiment: str | None = None, limit: int = 50) -> Sequence[Run]:
        """Return runs, newest first.

        Args:
            experiment: Only this experiment's, or None for all; on Azure ML, all but archived ones.
            limit: Number of runs at the most.

        Raises:
            NotFoundError: There is no workspace.
        """
        backend = self.backend
        return [Run(backend, record) for record in backend.list_runs(experiment, limit)]

    def publish(self, run: Run | str) -> PublishedPipeline:
        """Publish the pipeline of a run, as the configuration names it.

        Args:
            run: The run, or its id.
        """
        return publish.publish(self.backend, run, self.config.publish)

    def published(self) -> Sequence[PublishedPipeline]:
        """Return the published pipelines, newest first.

        Raises:
            NotFoundError: There is no workspace.
        """
        return publish.list_published(self.backend)

    @overload
    def trigger(
        self,
        published: PublishedPipeline | str,
        *,
        experiment_name: str | None = None,
        dataset: Dataset | None = None,
        parameters: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        trigger_id: str | None = None,
        dry_run: Literal[False] = False,
    ) -> Run: ...

    @overload
    def trigger(
        self,
        published: PublishedPipeline | str,
        *,
        experiment_name: str | None = None,
        dataset: Dataset | None = None,
        parameters: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        trigger_id: str | None = None,
        dry_run: Literal[True],
    ) -> TriggerRequest: ...

    def trigger(
        self,
        published: PublishedPipeline | str,
        *,
        experiment_name: str | None = None,
        dataset: Dataset | None = None,
        parameters: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        trigger_id: str | None = None,
        dry_run: bool = False,
    ) -> Run | TriggerRequest:
        """Start a run of a published pipeline over REST, exactly once.

        Args:
            published: The published pipeline, or its id.
            experiment_name: Experiment of the run, or None for the configured one.
            dataset: Dataset version to train on, or None for the published one.
            parameters: Values for the parameters that the pipeline declares.
            tags: Tags for the run.
            trigger_id: A unique id of your own; triggering again with it gives the same run,
                whatever became of it. On Azure ML that needs the same experiment, and one trigger
                at a time.
            dry_run: Whether to return the request without sending it.

        Returns:
            The run, not waited for; the request where ``dry_run`` is true.
        """
        pipeline = self._published(published)
        configured = self.config.publish.experiment_name
        experiment = configured if experiment_name is None else experiment_name
        if dry_run:
            return publish.preview(
                pipeline,
                experiment,
                dataset=dataset,
                parameters=parameters,
                tags=tags,
                trigger_id=trigger_id,
            )
        return publish.start(
            self.backend,
            pipeline,
            experiment,
            dataset=dataset,
            parameters=parameters,
            tags=tags,
            trigger_id=trigger_id,
        )

    def _published(self, published: PublishedPipeline | str) -> PublishedPipeline:
        if isinstance(published, str):
            return publish.get(self.backend, published)
        return published
