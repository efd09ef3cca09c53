"""Candidates that are far behind after a third of their folds are not fitted on the rest.

Like racing, O. Maron and A. Moore, Hoeffding Races, NIPS 1994, with a margin, and the error of the
paired difference in place of their bounds. Measured on the development seeds: no candidate that
became part of an ensemble was more than .15 behind, nearest neighbours and linear models on curved
data are .6 to .9 behind. A margin of .2 in place of .3: the same models on 40 splits of nine sets,
400 columns and dates with texts in a tenth to a seventh less of the candidates' time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bankml.backends.local.automl.candidates.candidate import FOLDS_OF_A_RACE
from bankml.backends.local.automl.training.limits import CandidateStoppedError
from bankml.backends.local.automl.training.scoring import loss_of_constant, losses_of_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from bankml.backends.local.automl.training.store import Fold, Store

_MARGIN = 0.2
# Standard errors of the difference: where there is little to win the margin is smaller than luck.
_BEYOND_DOUBT = 3.0


def check_race(
    store: Store, folds: Sequence[Fold], predicted: Sequence[NDArray[np.float32]],
    rivals: Sequence[Path],
) -> None:  # fmt: skip
    """Stop a candidate that is far behind the best of its rivals on the folds so far.

    Args:
        store: The data.
        folds: All folds.
        predicted: The candidate's predictions for the first of them.
        rivals: Files with other candidates' predictions for the held-out rows of all folds.

    Raises:
        CandidateStoppedError: It is far behind.
    """
    if not rivals or not predicted or len(predicted) != len(folds) // FOLDS_OF_A_RACE:
        return
    places = np.concatenate([fold.valid for fold in folds[: len(predicted)]])
    truth = store.label()[places]
    losses = losses_of_rows(np.concatenate(predicted), truth, store.classes)
    of_rivals = [
        losses_of_rows(np.load(path)[: len(places)], truth, store.classes) for path in rivals
    ]
    best = min(of_rivals, key=lambda each: float(each.mean()))
    if _is_far_behind(losses, best, loss_of_constant(truth, store.classes)):
        measure = "log loss" if store.classes else "mean squared error"
        raise CandidateStoppedError(
            f"left behind after {len(predicted)} of {len(folds)} folds: {measure} "
            f"{losses.mean():.4g}, where another candidate has {best.mean():.4g}"
        )


def _is_far_behind(
    losses: NDArray[np.floating], best: NDArray[np.floating], constant: float
) -> bool:
    """Tell whether a loss is worse by a share of what there is to win, and beyond doubt.

    Args:
        losses: The candidate's loss on each row.
        best: That of its best rival.
        constant: The mean loss of the best prediction that is the same for all rows.
    """
    behind = losses - best
    margin = _MARGIN * max(0.0, min(float(best.mean()), constant - float(best.mean())))
    doubt = _BEYOND_DOUBT * float(behind.std()) / math.sqrt(len(behind))
    return float(behind.mean()) > max(margin, doubt)
