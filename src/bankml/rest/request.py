"""What a trigger sends, and where its run is looked up."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bankml.plan import DATASET_PARAMETER
from bankml.rest import checks
from bankml.tags import TRIGGER_TAG

IDEMPOTENCY_HEADER = "Idempotency-Key"
HONOURS_HEADER = "x-bankml-honours"
"""By this header a service says that it honours the one above, in each of its answers."""

_ENDPOINT = re.compile(
    r"(?P<base>https?://[^?#]+?)/pipelines/v1\.0(?P<workspace>/.+)/PipelineRuns/PipelineSubmit/[^/]+"
)
"""There may be a proxy's path in front."""


@dataclass(frozen=True)
class TriggerRequest:
    """One trigger: what is sent, and the tag that makes it unique.

    Attributes:
        endpoint: URL of the published pipeline.
        experiment_name: Experiment that the run belongs to.
        trigger_id: Unique id of this trigger. For the local endpoint the same id never starts a
            second run; on Azure ML not within one experiment and one after the other.
        body: The JSON document that is sent.
    """

    endpoint: str
    experiment_name: str
    trigger_id: str
    body: Mapping[str, Any]

    def started(self, run_id: str, document: Mapping[str, Any]) -> TriggeredRun:
        """Return the run that this trigger has started.

        Args:
            run_id: The run's id.
            document: What the service tells of it.
        """
        told = document.get("RunHistoryExperimentName")
        experiment_name = told if isinstance(told, str) and told else self.experiment_name
        return TriggeredRun(run_id, experiment_name, self.trigger_id, document)

    def __str__(self) -> str:
        """Return the request without any credential."""
        return f"POST {self.endpoint}\n{dict(self.body)}"


@dataclass(frozen=True)
class TriggeredRun:
    """A run that a trigger started.

    Attributes:
        id: The run's id.
        experiment_name: Experiment that it belongs to.
        trigger_id: Id of the trigger that started it.
        document: The service's whole answer.
    """

    id: str
    experiment_name: str
    trigger_id: str
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def status(self) -> str | None:
        """The run's status when the service answered, or None where it did not say.

        A trigger that is repeated gives its run whatever became of it: a failed one too.
        """
        told = self.document.get("status") or self.document.get("Status")
        status = told.get("StatusCode") if isinstance(told, Mapping) else told
        return status if isinstance(status, str) else None


def build_request(
    endpoint: str,
    *,
    experiment_name: str,
    parameters: Mapping[str, str | int | float] | None = None,
    dataset_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    description: str | None = None,
    trigger_id: str | None = None,
) -> TriggerRequest:
    """Return the request that :func:`trigger` would send, without sending it.

    The arguments are those of :func:`trigger`.

    Raises:
        TriggerError: An argument can't be sent, or its run could not be looked up later.
    """
    checks.check_endpoint(endpoint)
    checks.check_experiment(experiment_name)
    checks.check_parameters(parameters)
    checks.check_tags(tags)
    checks.check_text("dataset_id", dataset_id)
    checks.check_text("description", description)
    identity = uuid.uuid4().hex if trigger_id is None else trigger_id
    checks.check_trigger_id(identity)
    body: dict[str, Any] = {
        "ExperimentName": experiment_name,
        "tags": {**(tags or {}), TRIGGER_TAG: identity},
    }
    if description:
        body["Description"] = description
    if parameters:
        body["ParameterAssignments"] = {name: str(value) for name, value in parameters.items()}
    if dataset_id:
        reference = {"SavedDataSetReference": {"Id": dataset_id}}
        body["DataSetDefinitionValueAssignments"] = {DATASET_PARAMETER: reference}
    return TriggerRequest(endpoint, experiment_name, identity, body)


def runs_query_url(endpoint: str, experiment_name: str) -> str | None:
    """Return the URL at which runs of the endpoint's workspace are looked up, or None.

    Args:
        endpoint: URL of a published pipeline.
        experiment_name: Experiment to look in.
    """
    match = _ENDPOINT.fullmatch(endpoint)
    if match is None:
        return None
    experiment = quote(experiment_name, safe="")
    return f"{match['base']}/history/v1.0{match['workspace']}/experiments/{experiment}/runs:query"
