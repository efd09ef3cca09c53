"""One temperature for the probabilities of an average, which are too timid.

Method: C. Guo et al., On Calibration of Modern Neural Networks, ICML 2017. Measured on the
development seeds (log loss on unseen rows): ten classes -4 % and -17 %, seven classes -.4 % and
-.7 %, missing values -.3 % and -.6 %, others within .2 %. Fitted on 455 rows it did harm (+38 %),
so few rows get none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEWEST_ROWS = 1_000
_STEPS = 20
_ENOUGH = 1e-4
_SHARPEST, _FLATTEST = 0.5, 2.0
_LEAST = 1e-15


def fitted_temperature(values: NDArray[np.floating], truth: NDArray[np.float64]) -> float:
    """Return the temperature with the least log loss, by Newton's method.

    Args:
        values: Probabilities of all classes, shape ``(rows, classes)``, or of the second of two,
            shape ``(rows,)``.
        truth: The class codes, shape ``(rows,)``.

    Returns:
        The temperature; 1 where the rows are too few.
    """
    if len(truth) < _FEWEST_ROWS:
        return 1.0
    logs = np.log(np.maximum(all_classes(values), _LEAST))
    of_truth = logs[np.arange(len(truth)), truth.astype(int)]
    inverse = 1.0
    for _ in range(_STEPS):
        chances = _normalised(inverse * logs)
        mean = (chances * logs).sum(axis=1)
        variance = float(((chances * logs**2).sum(axis=1) - mean**2).mean())
        if variance <= 0.0:
            break
        step = float((of_truth - mean).mean()) / variance
        inverse = min(max(inverse + step, 1 / _FLATTEST), 1 / _SHARPEST)
        if abs(step) < _ENOUGH:
            break
    return round(1 / inverse, 4)


def at_temperature(values: NDArray[np.floating], temperature: float) -> NDArray[np.floating]:
    """Return probabilities whose logarithms are divided by a temperature.

    Args:
        values: Probabilities of all classes, shape ``(rows, classes)``, or of the second of two,
            shape ``(rows,)``.
        temperature: Below 1 they become bolder, above it more timid, at 1 they stay.

    Returns:
        Probabilities of the same shape.
    """
    if temperature == 1.0:
        return values
    logs = np.log(np.maximum(all_classes(values), _LEAST))
    chances = _normalised(logs / temperature)
    return chances if values.ndim == 2 else chances[:, 1]


def all_classes(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the probability of each class, also where there is only that of the second of two."""
    return values if values.ndim == 2 else np.column_stack([1 - values, values])


def _normalised(logs: NDArray[np.floating]) -> NDArray[np.floating]:
    raised: NDArray[np.floating] = np.exp(logs - logs.max(axis=1, keepdims=True))
    normalised: NDArray[np.floating] = raised / raised.sum(axis=1, keepdims=True)
    return normalised
