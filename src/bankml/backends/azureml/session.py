"""An opened workspace: the SDK's objects that the parts of the backend share, each made once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar

from bankml.backends.azureml.refs import RunRef
from bankml.backends.azureml.service import ATTEMPTS, Service
from bankml.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bankml.backends.azureml.sdk import Sdk
    from bankml.config import WorkflowConfig

DATASTORE_SECONDS = 15 * 60.0
"""How long the default datastore's short-lived credential is used before it is asked for anew."""

_Result = TypeVar("_Result")


class Session:
    """A workspace, and everything that is looked up once for it.

    Args:
        config: The configuration.
        service: Makes the calls.

    Attributes:
        targets: The SDK's compute targets that were ready when last looked at, by name.
    """

    def __init__(self, config: WorkflowConfig, service: Service) -> None:
        self.config = config
        self.service = service
        self._lock = threading.RLock()
        self._workspace: Any = None
        self._pipelines: Any = None
        self.targets: dict[str, Any] = {}
        self._experiments: dict[str, Any] = {}
        self._datastores: dict[str | None, tuple[float, Any]] = {}

    @property
    def sdk(self) -> Sdk:
        """The SDK's names."""
        return self.service.sdk

    def call(
        self,
        what: str,
        operation: Callable[[], _Result],
        *,
        attempts: int = ATTEMPTS,
        may_repeat: bool = True,
    ) -> _Result:
        """Carry out an operation with the SDK; see :meth:`Service.call`."""
        return self.service.call(what, operation, attempts=attempts, may_repeat=may_repeat)

    def authorisation(self) -> Mapping[str, str]:
        """Return the HTTP headers of whoever is signed in, with a token that is fresh."""
        headers: dict[str, str] = self.call(
            "sign in", lambda: dict(self.service.authentication().get_authentication_header())
        )
        return headers

    def workspace(self) -> Any:
        """Return the SDK's workspace, looked up at the first call."""
        with self._lock:
            if self._workspace is None:
                # The SDK tries again here by itself, for ten seconds.
                self._workspace = self.call("open the workspace", self._open, attempts=1)
            return self._workspace

    def experiment(self, name: str) -> Any:
        """Return the SDK's experiment of this name, created if there is none."""
        with self._lock:
            if name not in self._experiments:
                workspace = self.workspace()
                self._experiments[name] = self.call(
                    f"get or create experiment {name!r}",
                    lambda: self.sdk.Experiment(workspace, name),
                )
            return self._experiments[name]

    def pipelines(self) -> Any:
        """Return the SDK's client of the pipeline service: one request for each method."""
        self.workspace()
        with self._lock:
            if self._pipelines is None:
                self._pipelines = self.call("find the pipeline service", self._connect)
            return self._pipelines

    def datasets(self) -> Any:
        """Return the SDK's client of the dataset service; it holds a token, so it is made anew."""
        client = self.sdk.dataset_client(self.workspace())
        _impatient(client)
        return client.dataset

    def history(self, experiment: str, run_id: str) -> Any:
        """Return the SDK's client of the run history, for one run."""
        context = self.workspace().service_context
        client = self.sdk.RunClient(context, experiment, run_id)
        client.retries = 0
        return client

    def artifacts(self) -> Any:
        """Return the SDK's client of the files that runs left."""
        client = self.sdk.ArtifactsClient(self.workspace().service_context)
        client.retries = 0
        return client

    def runs_of(self, experiment: str) -> Any:
        """Return the SDK's client of the run history, for one experiment."""
        client = self.sdk.ExperimentClient(self.workspace().service_context, experiment)
        client.retries = 0
        return client

    def datastore(self, name: str | None = None) -> Any:
        """Return a datastore of this name, or the default one, with a fresh credential."""
        now = self.service.clock.now()
        with self._lock:
            made, datastore = self._datastores.get(name, (float("-inf"), None))
            if now - made < DATASTORE_SECONDS:
                return datastore
        datastore = self.call("open the datastore", lambda: self._open_datastore(name))
        with self._lock:
            self._datastores[datastore.name] = (now, datastore)
            self._datastores[name] = (now, datastore)
        return datastore

    def ref(self, run_id: str, experiment: str) -> RunRef:
        """Return the ref of a run of this workspace."""
        return RunRef(*self._coordinates(), experiment, run_id)

    def holds(self, ref: RunRef) -> bool:
        """Whether a ref is that of a run of this workspace."""
        there = (ref.subscription_id, ref.resource_group, ref.workspace_name)
        return [part.casefold() for part in there] == [
            part.casefold() for part in self._coordinates()
        ]

    def arm_id(self) -> str:
        """Return the workspace's id in Azure Resource Manager."""
        subscription, group, workspace = self._coordinates()
        return (
            f"/subscriptions/{subscription}/resourceGroups/{group}/providers"
            f"/Microsoft.MachineLearningServices/workspaces/{workspace}"
        )

    def portal_url(self, run_id: str) -> str:
        """Return the address at which a person can look at a run."""
        subscription, group, workspace = self._coordinates()
        return (
            f"https://ml.azure.com/runs/{run_id}?wsid=/subscriptions/{subscription}"
            f"/resourcegroups/{group}/workspaces/{workspace}"
        )

    def _coordinates(self) -> tuple[str, str, str]:
        config = self.config.workspace
        return (
            config.subscription_id or "", config.resource_group or "", config.workspace_name or "",
        )  # fmt: skip

    def _open(self) -> Any:
        subscription, group, name = self._coordinates()
        workspace = self.sdk.Workspace.get(
            name, auth=self.service.authentication(), subscription_id=subscription,
            resource_group=group,
        )  # fmt: skip
        if getattr(workspace, "_workspace_autorest_object", None) is None:
            # The SDK goes on without a workspace when Azure could not be reached.
            raise ServiceUnavailableError(
                "Azure Resource Manager could not be reached. Look at the network and try again."
            )
        return workspace

    def _connect(self) -> Any:
        workspace = self.workspace()
        url = self.sdk.WorkflowProvider.get_endpoint_url(workspace, "placeholder")
        caller = self.sdk.PipelineClient(base_url=url, workspace=workspace)
        _impatient(caller._caller)  # noqa: SLF001 - the SDK offers no other way
        return caller

    def _open_datastore(self, name: str | None) -> Any:
        workspace = self.workspace()
        if name is None:
            return workspace.get_default_datastore()
        return self.sdk.Datastore.get(workspace, name)


def _impatient(client: Any) -> None:
    # The SDK's own retries sleep out of reach of any time-out, and lose the answer's status.
    policy = client.config.retry_policy.policy
    policy.total = policy.connect = policy.read = 0
    policy.raise_on_status = False
