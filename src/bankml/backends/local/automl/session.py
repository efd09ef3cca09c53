"""The loop of a run: start candidates, take their results, know when to end."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from bankml.backends.local.automl.algorithms import selected_algorithms
from bankml.backends.local.automl.candidates.portfolio import GUIDE
from bankml.backends.local.automl.candidates.schedule import NoCandidate, Schedule
from bankml.backends.local.automl.carrying.memory import MemoryGuard
from bankml.backends.local.automl.carrying.steps import carry_out
from bankml.backends.local.automl.child_results import child_result, unfinished_child
from bankml.backends.local.automl.deadlines import Deadlines
from bankml.backends.local.automl.ending.kept_predictions import PREDICTIONS, child_folder
from bankml.backends.local.automl.events import (
    CANCELED,
    ChildFinished,
    ChildResult,
    ChildStarted,
    Event,
)
from bankml.backends.local.automl.hurrying import Hurry
from bankml.backends.local.automl.resuming import is_of, taken_over
from bankml.backends.local.automl.training.worker import Task
from bankml.errors import RunCanceledError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bankml.backends.local.automl.candidates.candidate import Candidate
    from bankml.backends.local.automl.carrying.slots import Ended, Slots
    from bankml.backends.local.automl.data.preparation import PreparedData
    from bankml.backends.local.automl.settings import AutoMLSettings

Result = TypeVar("Result")

_POLL_SECONDS = 0.1
# Enough for a new worker to start and load its libraries.
_GRACE_SECONDS = 5.0
TIME_IS_OVER = "the experiment's time-out was reached"


class Session:
    """The state of one run.

    Args:
        data: The prepared data.
        settings: What to do.
        slots: Where candidates run.
        on_event: Called for each event.
        should_stop: Whether the run was cancelled.
        began: When the run began, on the monotonic clock.
    """

    def __init__(
        self, data: PreparedData, settings: AutoMLSettings, slots: Slots,
        on_event: Callable[[Event], None], should_stop: Callable[[], bool], began: float,
    ) -> None:  # fmt: skip
        self.data = data
        self.settings = settings
        self.on_event = on_event
        self.children: dict[int, ChildResult] = {}
        self._slots = slots
        self._should_stop = should_stop
        self.candidates: dict[int, Candidate] = {}
        self.notes: list[str] = []
        values = data.held_out * max(data.store.classes, 1)
        self._deadlines = Deadlines.of_run(began, settings.experiment_timeout_seconds, values)
        self._started: dict[int, float] = {}
        self._killed_at: dict[int, float] = {}
        self._overdue: set[int] = set()
        self._next = 0
        self._retried: set[int] = set()
        self._again: list[Task] = []
        self._memory = MemoryGuard(on_event, self.notes)
        most_rows = None if settings.parallel_backend else self._memory.fit(slots, data.shape)
        names = selected_algorithms(settings.task, settings.allowed_models, settings.blocked_models)
        self._schedule = Schedule(
            data.shape, names, settings.primary_metric, settings.random_state,
            lag=settings.max_concurrent_iterations, most=settings.iterations,
            early_stopping=settings.enable_early_stopping, most_rows=most_rows,
            wanted=names if settings.allowed_models else (),
        )  # fmt: skip
        self._hurry = Hurry(self._schedule, self._deadlines, self.notes)
        if self._schedule.not_tried:
            self.notes.append(
                f"{', '.join(self._schedule.not_tried)}: not tried beside the others, as too much "
                "work for data of this size; name it alone in allowed_models to have it tried."
            )

    def run(self, finished: Sequence[ChildResult]) -> str:
        """Run candidates until there is a reason to stop.

        Args:
            finished: Children of an earlier attempt.

        Returns:
            The reason.

        Raises:
            RunCanceledError: The run was cancelled.
        """
        earlier = taken_over(finished, self.data.store.folder)
        while True:
            self._check_cancelled()
            if self._deadlines.are_over(under_way=bool(self._slots.under_way)):
                self._give_up()
                return TIME_IS_OVER
            if self._deadlines.are_near:
                self.make_ready_for_the_end()
            self._hurry.look(self._next, self.children)
            reason = self._start_candidates(earlier)
            if reason is not None and not self._slots.under_way and not self._again:
                return reason.value
            if reason is not None and self._slots.free:
                self.make_ready_for_the_end()
            for ended in self._slots.wait(_POLL_SECONDS):
                self._take(ended)
            self._kill_overdue()

    def run_to_the_end(self, tasks: Sequence[Task]) -> bool:
        """Run tasks that are no candidates, on the same workers and within the same time.

        Args:
            tasks: The tasks.

        Returns:
            Whether all of them ended well.

        Raises:
            RunCanceledError: The run was cancelled.
        """
        waiting, well = list(reversed(tasks)), True
        while well and (waiting or self._slots.under_way):
            self._check_cancelled()
            if self._deadlines.are_over(under_way=bool(self._slots.under_way)):
                break
            if self._deadlines.are_near:
                self.make_ready_for_the_end()
            while waiting and self._slots.free:
                self._slots.start(waiting.pop())
            for ended in self._slots.wait(_POLL_SECONDS):
                well = well and ended.outcome is not None and ended.outcome.error is None
        if not waiting and not self._slots.under_way:
            return well
        self._stop_workers()
        return False

    @property
    def seconds_left(self) -> float:
        """Seconds until candidates stop."""
        return self._deadlines.seconds_left

    @property
    def is_sampled(self) -> bool:
        """Whether candidates learnt from a part of the rows, as there are so many."""
        return any(candidate.rows is not None for candidate in self.candidates.values())

    def with_idle_worker(
        self, what: str, function: Callable[..., Result], *arguments: Any
    ) -> Result:
        """Have a step of the run carried out by a worker that is idle.

        Args:
            what: The step in words.
            function: A function of a module.
            arguments: What it is called with.

        Returns:
            The function's result.

        Raises:
            RunCanceledError: The run was cancelled.
            RunFailedError: The worker died.
        """
        slot = self._slots.idle_process()
        return carry_out(what, slot, self._check_cancelled, function, *arguments)

    def at_the_end(self, what: str, function: Callable[..., Result], *arguments: Any) -> Result:
        """Have the last step carried out, by the one process that is left for it.

        Like `with_idle_worker`; the workers end before, so that there is memory for it.
        """
        slot = self._slots.last_process()
        self._slots.stop()
        return carry_out(what, slot, self._check_cancelled, function, *arguments)

    def make_ready_for_the_end(self) -> None:
        """Have what the end of the run needs loaded while workers still fit candidates."""
        self._slots.make_ready_for_the_end(apart=self._deadlines.are_near)

    def child_folder(self, number: int) -> Path:
        """Return the folder of a child's models and predictions."""
        return child_folder(self.data.store.folder, number)

    def guide_of(self, candidate: Candidate) -> Path | None:
        """Return the folder of the child that tells a candidate's best columns, if it needs one."""
        return None if candidate.columns is None else self.child_folder(GUIDE)

    @property
    def next_number(self) -> int:
        """The number of the next child."""
        return self._next

    def _start_candidates(self, earlier: dict[int, ChildResult]) -> NoCandidate | None:
        """Start as many candidates as there is room for; return why there are no more."""
        while self._again and self._slots.free:
            self._hand_out(replace(self._again.pop(), seconds=self._seconds()))
        while self._slots.free and not self._must_wait():
            candidate = self._schedule.candidate(self._next)
            if isinstance(candidate, NoCandidate):
                return (
                    None if candidate is NoCandidate.WAIT and self._slots.under_way else candidate
                )
            number, self._next = self._next, self._next + 1
            self.candidates[number] = candidate
            if number in earlier and is_of(earlier[number], candidate):
                self._record(earlier[number])
            else:
                self._start(number, candidate)
        return None

    def _start(self, number: int, candidate: Candidate) -> None:
        self._hand_out(
            Task(
                number=number,
                candidate=candidate,
                store=self.data.store,
                folder=self.child_folder(number),
                seconds=self._seconds(),
                stop_file=self.data.stop_file,
                seed=self.settings.random_state + number,
                rivals=tuple(
                    self.child_folder(rival) / PREDICTIONS
                    for rival in self._schedule.rivals(number)
                ),
                guide=self.guide_of(candidate),
            )
        )
        self.on_event(
            ChildStarted(
                number, candidate.algorithm, candidate.described, candidate.described_preprocessor
            )
        )

    def _hand_out(self, task: Task) -> None:
        self._slots.start(task)
        self._started[task.number] = time.time()
        limit = self.settings.iteration_timeout_seconds
        if limit is not None:
            self._killed_at[task.number] = time.monotonic() + limit + _GRACE_SECONDS

    def _seconds(self) -> float:
        """Return the time for a candidate that starts now."""
        limit = self.settings.iteration_timeout_seconds
        return self.seconds_left if limit is None else min(self.seconds_left, limit)

    def _must_wait(self) -> bool:
        """Tell whether another candidate must wait.

        It would have no time, or take memory that those under way may need.
        """
        if not self.seconds_left:
            return True
        if self.settings.parallel_backend or not self._slots.under_way:
            return False
        return self._memory.is_short()

    def _is_tried_again(self, ended: Ended) -> bool:
        """Start a task once more whose worker was killed, alone, as memory may have been short."""
        number = ended.task.number
        if not ended.killed or number in self._retried or number in self._overdue:
            return False
        self._retried.add(number)
        if self._slots.narrow(1):
            self._memory.tell("after a worker was killed one candidate runs at a time")
        self._again.append(ended.task)
        return True

    def _take(self, ended: Ended) -> None:
        if self._is_tried_again(ended):
            return
        overdue = ended.task.number in self._overdue
        began = self._started[ended.task.number]
        result = child_result(ended, self.settings.primary_metric, began, overdue=overdue)
        self._record(result)
        self.on_event(ChildFinished(result))

    def _record(self, result: ChildResult) -> None:
        self.children[result.number] = result
        self._schedule.record(result.number, result.score)

    def _kill_overdue(self) -> None:
        """Kill workers that did not stop by themselves when a candidate's time was over."""
        for task in self._slots.under_way:
            if time.monotonic() > self._killed_at.get(task.number, math.inf):
                self._overdue.add(task.number)
                self._slots.kill_task(task.number)

    def _give_up(self) -> None:
        """Cancel what is under way, as the time is over."""
        under_way = [*self._slots.under_way, *self._again]
        self._stop_workers()
        for task in under_way:
            result = unfinished_child(task, CANCELED, self._started[task.number], TIME_IS_OVER)
            self._record(result)
            self.on_event(ChildFinished(result))

    def _check_cancelled(self) -> None:
        if self._should_stop():
            self._stop_workers()
            raise RunCanceledError("The run was cancelled.")

    def _stop_workers(self) -> None:
        stop = self.data.stop_file
        stop.touch()
        self._slots.stop()
        # A cluster's workers can't be killed: they end when they see the file.
        if not self.settings.parallel_backend:
            stop.unlink(missing_ok=True)
