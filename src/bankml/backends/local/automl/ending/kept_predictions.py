"""Candidates' predictions for the held-out rows: read, averaged, and kept beside the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bankml.backends.local.automl.models.temperature import all_classes, at_temperature
from bankml.backends.local.automl.training.scoring import held_out_metrics
from bankml.backends.local.automl.training.store import Store, held_out

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PREDICTIONS = "predictions.npy"


def child_folder(folder: Path, number: int) -> Path:
    """Return the folder of a child's models and predictions in a run's folder."""
    return folder / "children" / str(number)


@dataclass(frozen=True)
class Average:
    """A weighted average of children; of one alone, as it is.

    Attributes:
        weights: Weights by child, which add up to 1.
        temperature: What the logarithms of the average's probabilities are divided by.
    """

    weights: dict[int, float]
    temperature: float = 1.0


@dataclass(frozen=True)
class KeptPredictions:
    """The predictions that finished candidates left in a run's folder.

    Attributes:
        store: The data, whose folder it is.
    """

    store: Store

    def of(self, number: int) -> NDArray[np.float32]:
        """Return a child's predictions for the held-out rows."""
        loaded: NDArray[np.float32] = np.load(child_folder(self.store.folder, number) / PREDICTIONS)
        return loaded

    def truth(self) -> NDArray[np.float64]:
        """Return the label of the held-out rows."""
        return self.store.label()[held_out(self.store)]

    def average(self, average: Average) -> NDArray[np.floating]:
        """Return the weighted average of children's predictions."""
        total: Any = sum(weight * self.of(number) for number, weight in average.weights.items())
        return at_temperature(total, average.temperature)

    def metrics(self, average: Average) -> dict[str, float]:
        """Return the metrics of that average."""
        store = self.store
        return held_out_metrics(
            store.label(), held_out(store), self.average(average), store.classes
        )

    def write(self, average: Average, classes: NDArray[Any] | None, path: Path) -> None:
        """Write the average as a Parquet file.

        The columns are ``row`` (its number among the training rows that have a label), ``truth``
        (the original label), and ``prediction``, or ``probability_<class>`` for each class in
        order.

        Args:
            average: The children and their weights.
            classes: The original labels, or None for regression.
            path: The file.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        values, truth = self.average(average), self.truth()
        if classes is None:
            columns = {"truth": truth, "prediction": values}
        else:
            chances = all_classes(values)
            named = {f"probability_{label}": chances[:, at] for at, label in enumerate(classes)}
            columns = {"truth": classes[truth.astype(int)], **named}
        pq.write_table(pa.table({"row": held_out(self.store), **columns}), path)
