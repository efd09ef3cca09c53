"""The function that triggers a published pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

import requests

from bankml.clock import SYSTEM_CLOCK, Clock
from bankml.rest.checks import check_seconds
from bankml.rest.connection import Auth, Connection
from bankml.rest.request import TriggeredRun, TriggerRequest, build_request
from bankml.rest.sending import Sender

if TYPE_CHECKING:
    from collections.abc import Mapping


@overload
def trigger(
    endpoint: str,
    *,
    experiment_name: str,
    auth: Auth,
    parameters: Mapping[str, str | int | float] | None = None,
    dataset_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    description: str | None = None,
    trigger_id: str | None = None,
    dry_run: Literal[False] = False,
    timeout: float = 30.0,
    total_timeout: float = 300.0,
    verify: bool | str = True,
    clock: Clock = SYSTEM_CLOCK,
) -> TriggeredRun: ...


@overload
def trigger(
    endpoint: str,
    *,
    experiment_name: str,
    auth: Auth,
    parameters: Mapping[str, str | int | float] | None = None,
    dataset_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    description: str | None = None,
    trigger_id: str | None = None,
    dry_run: Literal[True],
    timeout: float = 30.0,
    total_timeout: float = 300.0,
    verify: bool | str = True,
    clock: Clock = SYSTEM_CLOCK,
) -> TriggerRequest: ...


def trigger(
    endpoint: str,
    *,
    experiment_name: str,
    auth: Auth,
    parameters: Mapping[str, str | int | float] | None = None,
    dataset_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    description: str | None = None,
    trigger_id: str | None = None,
    dry_run: bool = False,
    timeout: float = 30.0,
    total_timeout: float = 300.0,
    verify: bool | str = True,
    clock: Clock = SYSTEM_CLOCK,
) -> TriggeredRun | TriggerRequest:
    """Start a run of a published pipeline, exactly once.

    The local endpoint honours the trigger's id as an idempotency key: it never starts a second run
    for it. Azure ML knows no such key. There a request whose answer was lost is not sent again,
    since it may still be under way; its run is looked for by its tag, several times over half a
    minute, and if none appears a :class:`TriggerUncertainError` says so.

    Args:
        endpoint: URL of the published pipeline.
        experiment_name: Experiment that the run belongs to.
        auth: A bearer token, the headers, or a function that returns either. A function is called
            again when the service says that the token has expired.
        parameters: Values for the parameters that the pipeline declares.
        dataset_id: Id of the dataset version to train on, or None for the published one.
        tags: Tags for the run.
        description: Description for the run.
        trigger_id: A unique id of your own, for example that of the message that caused the
            trigger: triggering again with it returns the same run, whatever became of it. On
            Azure ML that needs the same ``experiment_name``, and one trigger at a time: two with
            the same id at the same moment are two runs there. None makes a new one.
        dry_run: Whether to return the request without sending anything; ``auth`` is not asked then.
        timeout: Seconds to wait for a connection, and for the next part of an answer.
        total_timeout: Seconds after which no further try or look-up begins.
        verify: Whether TLS certificates are checked, or a file with those to trust.
        clock: The time.

    Returns:
        The run that was started; the request where ``dry_run`` is true.

    Raises:
        AuthenticationError: The credential is missing or expired (401).
        PermissionDeniedError: It lacks the right to start a run (403).
        PublishError: The pipeline is unknown or disabled.
        TriggerError: The endpoint refused, or was never reached; no run was started.
        TriggerUncertainError: It can't be found out whether a run was started; also where one of
            the errors above, or one of ``auth``, came after a lost answer.
    """
    request = build_request(
        endpoint,
        experiment_name=experiment_name,
        parameters=parameters,
        dataset_id=dataset_id,
        tags=tags,
        description=description,
        trigger_id=trigger_id,
    )
    check_seconds("timeout", timeout)
    check_seconds("total_timeout", total_timeout)
    if dry_run:
        return request
    with requests.Session() as session:
        session.verify = verify
        session.auth = _as_it_is
        deadline = clock.now() + total_timeout
        sender = Sender(request, Connection(session, auth, timeout, clock, deadline))
        return sender.send(may_exist=trigger_id is not None)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep the token, in whose place requests would send what a ``.netrc`` has for the host."""
    return request
