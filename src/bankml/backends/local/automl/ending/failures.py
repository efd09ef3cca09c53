"""What a run says of candidates that failed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bankml.backends.local.automl.events import FAILED

if TYPE_CHECKING:
    from collections.abc import Collection

    from bankml.backends.local.automl.events import ChildResult

_MOST_CAUSES = 10


def nothing_finished(children: Collection[ChildResult], metric: str, stopped_because: str) -> str:
    """Return why a run has no model, and what to do.

    Args:
        children: Its candidates.
        metric: The primary metric.
        stopped_because: Why there are no more of them.
    """
    causes = [
        f"  {child.algorithm}: {child.error or f'its {metric} can not be computed'}"
        for child in children
    ]
    return "\n".join(
        [
            f"No candidate finished ({stopped_because}).",
            *causes[:_MOST_CAUSES],
            "Allow more time (experiment_timeout_minutes) or more algorithms (allowed_models).",
        ]
    )


def failed_algorithms(children: Collection[ChildResult]) -> list[str]:
    """Return a note on each algorithm that failed whenever it was tried.

    The run may end well without it, and be much worse than it could be: that is no accident of one
    candidate's parameters, but of the installation or of the data.

    Args:
        children: The run's candidates.
    """
    by_algorithm: dict[str, list[ChildResult]] = defaultdict(list)
    for child in children:
        by_algorithm[child.algorithm].append(child)
    return [
        f"{algorithm} failed each time ({len(tried)} of {len(tried)} candidates): "
        f"{str(tried[0].error).rstrip('.')}. The model is made without it."
        for algorithm, tried in by_algorithm.items()
        if all(child.status == FAILED for child in tried)
    ]
