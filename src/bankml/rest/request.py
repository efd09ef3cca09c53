"""What a trigger sends, and where its run is looked up."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bankml.errors import TriggerError
from bankml.plan import DATASET_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Mapping

TRIGGER_TAG = "bankml.trigger_id"
IDEMPOTENCY_HEADER = "Idempotency-Key"
HONOURS_HEADER = "x-bankml-honours"
"""By this header a service says that it honours the one above, in each of its answers."""

_ENDPOINT = re.compile(
    r"(?P<base>https?://[^?#]+?)/pipelines/v1\.0(?P<workspace>/.+)/PipelineRuns/PipelineSubmit/[^/]+"
)
"""There may be a proxy's path in front."""
_TRIGGER_ID = re.compile(r"[!#-&*-~]{1,255}")
"""What a header and a filter take as it is."""


@dataclass(frozen=True)
class TriggerRequest:
    """One trigger: what is sent, and the tag that makes it unique.

    Attributes:
        endpoint: URL of the published pipeline.
        experiment_name: Experiment that the run belongs to.
        trigger_id: Unique id of this trigger; the same id never starts a second run.
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
        return TriggeredRun(run_id, self.experiment_name, self.trigger_id, document)

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
        TriggerError: The endpoint is not an http(s) URL, or a name can't be looked up later.
    """
    _check_names(endpoint, experiment_name, trigger_id)
    identity = trigger_id or uuid.uuid4().hex
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


def _check_names(endpoint: str, experiment_name: str, trigger_id: str | None) -> None:
    """Refuse what would get lost on the way: a run that can't be looked up could start twice."""
    if not re.match(r"https?://[^/]", endpoint):
        raise TriggerError(f"The endpoint must be an http(s) URL, not {endpoint[:200]!r}.")
    if experiment_name in ("", ".", "..") or not experiment_name.isprintable():
        raise TriggerError(
            f"{experiment_name[:200]!r} can't be the name of an experiment: a name is not empty, "
            "not '.' or '..', and has no control characters."
        )
    if trigger_id and not _TRIGGER_ID.fullmatch(trigger_id):
        raise TriggerError(
            "A trigger_id has 1 to 255 ASCII characters without spaces, quotes and parentheses, "
            f"not {trigger_id[:200]!r}. Pass a hash of your own id, for example its SHA-256."
        )


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
