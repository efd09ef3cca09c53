"""What a resumed run takes over from an earlier attempt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bankml.backends.local.automl.ending.kept_predictions import PREDICTIONS, child_folder
from bankml.backends.local.automl.events import FINISHED, ChildResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bankml.backends.local.automl.candidates.candidate import Candidate


def taken_over(children: Sequence[ChildResult], folder: Path) -> dict[int, ChildResult]:
    """Return the children that need not be run again, by number.

    Args:
        children: Those of the earlier attempt.
        folder: The run's folder, where they left their predictions.
    """
    return {
        child.number: child
        for child in children
        if child.status == FINISHED and (child_folder(folder, child.number) / PREDICTIONS).exists()
    }


def is_of(child: ChildResult, candidate: Candidate) -> bool:
    """Tell whether an earlier attempt's child was this candidate; not so where time was short."""
    what = (child.algorithm, child.preprocessor)
    same = what == (candidate.algorithm, candidate.described_preprocessor)
    return same and _as_kept(child.parameters) == _as_kept(candidate.described)


def _as_kept(parameters: Mapping[str, object]) -> str:
    """Return parameters as they read after they were stored: tuples have become lists."""
    return json.dumps(dict(parameters), sort_keys=True, default=str)
