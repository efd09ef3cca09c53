"""The winner's predictions for the rows it was validated on, to be kept beside its model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from bankml.backends.local.automl.preparation import PreparedData


def kept_predictions(data: PreparedData, values: NDArray[np.floating]) -> pd.DataFrame:
    """Return the winner's validation predictions as a table.

    Args:
        data: The run's data.
        values: Its predictions for the held-out rows: numbers or, for two classes, probabilities
            of the second one, shape ``(rows,)``; else probabilities of shape ``(rows, classes)``.

    Returns:
        Columns ``row`` (its number in the training frame), ``truth`` (the original label), and
        ``prediction``, or ``probability_<class>`` for each class in order.
    """
    import numpy as np
    import pandas as pd

    truth = data.label[data.held_out]
    if data.classes is None:
        return pd.DataFrame({"row": data.held_out, "truth": truth, "prediction": values})
    if values.ndim == 1:
        values = np.column_stack([1 - values, values])
    named = {f"probability_{label}": values[:, at] for at, label in enumerate(data.classes)}
    labels = data.classes[truth.astype(int)]
    return pd.DataFrame({"row": data.held_out, "truth": labels, **named})
