"""Seeded schedules of faults for one trigger over the emulator, and what came of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from bankml import PermissionDeniedError, TriggerError, TriggerUncertainError, rest
from bankml.emulator import FaultKind
from bankml.errors import AuthenticationError, BankmlError

if TYPE_CHECKING:
    from bankml.emulator import Emulator

    from .doorway import Doorway

ON_TRIGGER = (
    FaultKind.THROTTLED,
    FaultKind.UNAVAILABLE_BEFORE,
    FaultKind.UNAVAILABLE_AFTER,
    FaultKind.DROPPED_BEFORE,
    FaultKind.DROPPED_AFTER,
    FaultKind.SILENT_BEFORE,
    FaultKind.SILENT_AFTER,
    FaultKind.TRUNCATED,
    FaultKind.EXPIRED_TOKEN,
)
ON_LOOK_UP = (
    FaultKind.THROTTLED,
    FaultKind.UNAVAILABLE_BEFORE,
    FaultKind.DROPPED_BEFORE,
    FaultKind.SILENT_BEFORE,
    FaultKind.TRUNCATED,
    FaultKind.EXPIRED_TOKEN,
)
READ_SECONDS = 0.15
"""The only real wait: how long a request that is never answered is waited for."""
MOST_DELIVERIES = 12


@dataclass(frozen=True)
class Schedule:
    """What goes wrong with one trigger.

    Attributes:
        on_trigger: What happens to its POSTs, in turn.
        on_look_up: What happens to its look-ups, in turn.
        outages: Between which waits nobody listens: the numbers of the waits before.
        own_id: Whether the caller gives an id of its own.
    """

    on_trigger: tuple[FaultKind, ...]
    on_look_up: tuple[FaultKind, ...]
    outages: frozenset[int]
    own_id: bool


def schedule(seed: int) -> Schedule:
    """Return the schedule of a seed."""
    dice = random.Random(seed)
    on_trigger = tuple(dice.choices(ON_TRIGGER, k=dice.randint(1, 4)))
    if dice.random() < 0.1:
        on_trigger += (FaultKind.THROTTLED,) * dice.randint(4, 20)  # a storm
    if dice.random() < 0.05:
        on_trigger = (*on_trigger[: dice.randint(0, 2)], FaultKind.FORBIDDEN)
    on_look_up = tuple(dice.choices(ON_LOOK_UP, k=dice.choice((0, 0, 1, 2, 3))))
    first = dice.choice((None, None, 0, 1, 2))
    outages = () if first is None else range(first, first + dice.randint(1, 3))
    return Schedule(on_trigger, on_look_up, frozenset(outages), own_id=dice.random() < 0.5)


@dataclass
class Outcome:
    """What came of a schedule.

    Attributes:
        returned: Id of the run that the trigger returned, or None.
        started: Ids of the runs that were really started.
        errors: The errors that the caller saw, each with the number of runs at that moment.
    """

    returned: str | None = None
    started: list[str] = field(default_factory=list)
    errors: list[tuple[BankmlError, int]] = field(default_factory=list)

    @property
    def is_forbidden(self) -> bool:
        """Whether the last answer was 403: then there must be no run."""
        return bool(self.errors) and isinstance(self.errors[-1][0], PermissionDeniedError)

    def problems(self) -> list[str]:
        """Return what is not as it must be: one run, or none and a true reason."""
        found = [_lie(error, count) for error, count in self.errors]
        if len(self.started) > 1:
            found.append(f"{len(self.started)} runs were started")
        if self.returned is not None and self.started != [self.returned]:
            found.append(f"{self.returned} was returned, {self.started} were started")
        if self.returned is None and not self.is_forbidden:
            found.append("no run, although triggering again was tried")
        return [problem for problem in found if problem]


def _lie(error: BankmlError, count: int) -> str:
    if isinstance(error, TriggerUncertainError):
        return ""
    if isinstance(error, PermissionDeniedError) and "AzureML Data Scientist" not in str(error):
        return "the missing role is not named"
    if isinstance(error, TriggerError | AuthenticationError):
        return f"{error!r} says that nothing was started, but {count} were" if count else ""
    return f"an error that is not documented: {error!r}"


class Clock:
    """Time that passes only by sleeping, during which the doorway is opened and shut."""

    def __init__(self, doorway: Doorway, outages: frozenset[int]) -> None:
        self._doorway = doorway
        self._outages = outages
        self._waits = 0
        self.seconds = 0.0
        self._turn()

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self._waits += 1
        self._turn()

    def _turn(self) -> None:
        if self._waits in self._outages:
            self._doorway.shut()
        else:
            self._doorway.open()


def carry_out(emulator: Emulator, doorway: Doorway, seed: int) -> Outcome:
    """Trigger a new pipeline while the schedule of a seed happens, and again after each error."""
    plan = schedule(seed)
    pipeline = Pipeline(emulator, f"seed-{seed}")
    for kind in plan.on_trigger:
        emulator.fail(kind, "published.trigger")
    for kind in plan.on_look_up:
        emulator.fail(kind, "history.query_runs")
    clock = Clock(doorway, plan.outages)
    outcome = Outcome()
    trigger_id = f"message-{seed}" if plan.own_id else None
    for _ in range(MOST_DELIVERIES):
        try:
            outcome.returned = rest.trigger(
                pipeline.endpoint.replace(emulator.url, doorway.url),
                experiment_name=f"seed-{seed}",
                auth=emulator.token,
                trigger_id=trigger_id,
                timeout=READ_SECONDS,
                clock=clock,
            ).id
            break
        except PermissionDeniedError as error:
            outcome.errors.append((error, len(pipeline.runs())))
            break
        except BankmlError as error:
            outcome.errors.append((error, len(pipeline.runs())))
            if isinstance(error, TriggerUncertainError):
                trigger_id = error.trigger_id
    emulator.heal()
    outcome.started = pipeline.runs()
    return outcome


class Pipeline:
    """A published pipeline without steps: triggering it costs nothing."""

    def __init__(self, emulator: Emulator, name: str) -> None:
        self._emulator = emulator
        names = emulator.config_dict
        self._base = (
            f"{emulator.url}/pipelines/v1.0/subscriptions/{names['subscription_id']}/resourceGroups"
            f"/{names['resource_group']}/providers/Microsoft.MachineLearningServices/workspaces"
            f"/{names['workspace_name']}"
        )
        body = {"Name": name, "Version": "1", "Graph": {}}
        document = self._ask("POST", f"{self._base}/Pipelines/Create", body)
        self._id, self.endpoint = str(document["Id"]), str(document["Url"])

    def runs(self) -> list[str]:
        """Return the ids of the runs that were really started."""
        url = f"{self._base}/PipelineRuns/Pipeline/{self._id}"
        return [str(run["Id"]) for run in self._ask("GET", url)]

    def _ask(self, method: str, url: str, body: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self._emulator.token()}"}
        answer = requests.request(method, url, json=body, headers=headers, timeout=60)
        answer.raise_for_status()
        return answer.json()
