"""The outputs of a step, put into the default datastore when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bankml.backends.base import METRICS_FILE_KIND
from bankml.emulator import graphs
from bankml.emulator.answers import ServiceProblemError, not_found
from bankml.emulator.blobs import DATASTORE_CONTAINER
from bankml.emulator.service import DATASTORE, STORAGE_ACCOUNT
from bankml.status import RunStatus

if TYPE_CHECKING:
    from bankml.emulator.pipeline_runs import PipelineRuns
    from bankml.emulator.service import Service
    from bankml.emulator.store import Document


class Outputs:
    """Finds the outputs of pipeline runs.

    Args:
        service: What all routers share.
        runs: The pipeline runs.
    """

    def __init__(self, service: Service, runs: PipelineRuns) -> None:
        self._service = service
        self._runs = runs

    def of_pipeline(self, run: Document, name: str) -> Document:
        """Return where a pipeline's output is, by the name it has in the graph."""
        named = graphs.pipeline_outputs(self._runs.graph(run["graph_id"])["graph"])
        if name not in named:
            listed = ", ".join(sorted(named)) or "none"
            raise not_found(f"Pipeline output {name!r} (there are: {listed})")
        node_id, output = named[name]
        return self.of_node(run, node_id)[output]

    def of_node(self, run: Document, node_id: str) -> dict[str, Document]:
        """Return where the outputs of a step are, by their names."""
        steps = {step["node_id"]: step for step in self._runs.steps(run)}
        if node_id not in steps:
            raise not_found(f"Step {node_id!r}")
        step = steps[node_id]
        if self._runs.step_status(step) is not RunStatus.FINISHED:
            raise ServiceProblemError(
                400, "UserError", f"Step {step['name']!r} has no outputs yet."
            )
        return {name: self._place(step, name, kind) for name, kind in step["outputs"].items()}

    def _place(self, step: Document, name: str, kind: str) -> dict[str, Any]:
        path = f"azureml/{step['id']}/{name}"
        if not self._service.blobs.path(DATASTORE_CONTAINER, path).is_file():
            training = self._service.training
            read = training.metrics if kind == METRICS_FILE_KIND else training.model
            self._service.blobs.write(DATASTORE_CONTAINER, path, read(step["id"]))
        reference = {
            "Container": DATASTORE_CONTAINER,
            "Account": STORAGE_ACCOUNT,
            "RelativePath": path,
            "AmlDataStoreName": DATASTORE,
        }
        return {
            "DataTypeId": "AnyFile",
            "LogicalSizeInBytes": 0,
            "PhysicalSizeInBytes": 0,
            "DataLocation": {
                "StorageType": "DataStore",
                "DataReference": {"Type": "AzureBlob", "AzureBlobReference": reference},
            },
        }
