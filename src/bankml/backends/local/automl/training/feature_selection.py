"""Which columns a candidate of few columns learns from: those that a guide gained most by.

Like selection from a model, I. Guyon and A. Elisseeff, An Introduction to Variable and Feature
Selection, JMLR 3, 2003, inside each fold: the held-out rows have no say in what is chosen for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bankml.backends.local.automl.training.lean_lightgbm import lean_lightgbm

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def best_columns(guide: Path, most: int, fold: int | None = None) -> tuple[int, ...]:
    """Return the columns that boosted trees gained most by.

    Args:
        guide: Folder of a boosting candidate, with a model for each fold.
        most: How many columns at the most.
        fold: The fold to choose for, or None to choose for all rows.

    Returns:
        Positions, ascending; fewer than ``most`` where the trees use fewer, all where they use
        none.
    """
    paths = sorted(guide.glob("model*.txt")) if fold is None else [guide / f"model{fold}.txt"]
    gains = np.sum([_gains(path) for path in paths], axis=0)
    if not gains.any():
        return tuple(range(len(gains)))
    best = np.argsort(-gains, kind="stable")[: min(most, int(np.count_nonzero(gains)))]
    return tuple(int(place) for place in np.sort(best))


def _gains(model: Path) -> NDArray[np.float64]:
    booster = lean_lightgbm().Booster(model_file=str(model))
    gains: NDArray[np.float64] = booster.feature_importance("gain")
    return gains
