"""Starting a run of a published pipeline over REST, exactly once.

Only ``requests`` is needed here, and no backend is known: another service can trigger without
pandas, scikit-learn or an SDK. The protocol is that of Azure ML's published pipelines: a POST to
the endpoint with ``ExperimentName`` and, if wanted, ``ParameterAssignments``, answered with the
run's ``Id``. Every trigger carries a unique tag: after an answer that leaves open whether a run was
started, the run with that tag is looked for. Azure ML has no idempotency key, so there the trigger
is not sent again then; the local endpoint has one, and says so in its answers.
"""

from __future__ import annotations

from bankml.rest.checks import is_experiment_name
from bankml.rest.client import trigger
from bankml.rest.connection import Auth
from bankml.rest.request import (
    HONOURS_HEADER,
    IDEMPOTENCY_HEADER,
    TriggeredRun,
    TriggerRequest,
    build_request,
    runs_query_url,
)
from bankml.tags import TRIGGER_TAG

__all__ = [
    "HONOURS_HEADER",
    "IDEMPOTENCY_HEADER",
    "TRIGGER_TAG",
    "Auth",
    "TriggerRequest",
    "TriggeredRun",
    "build_request",
    "is_experiment_name",
    "runs_query_url",
    "trigger",
]
