"""From a frame to the encoded store that the workers share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bankml.backends.local.automl.candidates.candidate import DataShape
from bankml.backends.local.automl.checks import check_training_rows, feature_columns
from bankml.backends.local.automl.features.columns import HIGH_CARDINALITY
from bankml.backends.local.automl.features.encoding import FrameEncoding, fit_encoding
from bankml.backends.local.automl.rows import Rows, open_rows
from bankml.backends.local.automl.training.store import Store, held_out
from bankml.backends.local.automl.validation import Validation, choose_validation
from bankml.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from bankml.backends.local.automl.settings import AutoMLSettings


@dataclass(frozen=True)
class PreparedData:
    """The data of a run, ready for the candidates.

    Attributes:
        store: The encoded data on disk.
        encoding: How the raw columns became the matrix.
        classes: The original labels in the order of their codes, or None for regression.
        label: Class codes or numbers of all rows.
        held_out: Rows that the predictions are for, in their order.
        validation: How candidates are validated.
        folder: The run's working files.
        notes: What the user should know.
    """

    store: Store
    encoding: FrameEncoding
    classes: NDArray[Any] | None
    label: NDArray[np.float64]
    held_out: NDArray[np.int32]
    validation: Validation
    folder: Path
    notes: list[str] = field(default_factory=list)

    @property
    def stop_file(self) -> Path:
        """The file that makes workers stop as soon as it exists."""
        return self.folder / "stop"

    @property
    def shape(self) -> DataShape:
        """What the choice of candidates depends on."""
        return DataShape(
            task=self.store.task,
            rows=len(self.label),
            folds=len(self.store.folds),
            columns=len(self.encoding.names),
            classes=self.store.classes,
            categorical=len(self.store.categorical),
            high_cardinality=sum(size > HIGH_CARDINALITY for size in self.store.cardinality),
        )


def prepare(source: Path | pd.DataFrame, settings: AutoMLSettings, folder: Path) -> PreparedData:
    """Check, encode and store the data.

    Args:
        source: A Parquet file or a frame.
        settings: The label, the task, the columns to leave out.
        folder: Where the store goes.

    Returns:
        The prepared data.

    Raises:
        DataError: The data can't be trained on.
    """
    rows = open_rows(source)
    check_training_rows(rows, settings)
    label, classes = _label(rows[settings.label_column_name], settings.task)
    encoding = _encoding(rows, settings)
    validation = choose_validation(settings, label)
    cardinality = encoding.cardinality()
    store = Store(
        folder=folder,
        task=settings.task,
        classes=0 if classes is None else len(classes),
        folds=validation.folds,
        categorical=tuple(cardinality),
        cardinality=tuple(cardinality.values()),
    )
    folder.mkdir(parents=True, exist_ok=True)
    encoding.encode(rows, store.new_matrix(len(rows), len(encoding.names)))
    store.write_rows(label, validation.fold)
    dropped = ", ".join(map(str, encoding.dropped))
    notes = [f"Columns that hold nothing to learn from were left out: {dropped}."]
    return PreparedData(
        store, encoding, classes, label, held_out(store), validation, folder,
        notes if encoding.dropped else [],
    )  # fmt: skip


def _encoding(rows: Rows, settings: AutoMLSettings) -> FrameEncoding:
    encoding = fit_encoding(
        rows, feature_columns(rows, settings), derive=settings.featurization == "auto"
    )
    if not encoding.encoders:
        raise DataError(
            f"No column holds anything to learn from: {list(encoding.dropped)} are constant, or "
            f"different in every row. Add other columns."
        )
    return encoding


def _label(series: pd.Series, task: str) -> tuple[NDArray[np.float64], NDArray[Any] | None]:
    """Return the label as numbers, and the classes they stand for."""
    if task == "regression":
        return series.to_numpy(np.float64), None
    distinct = list(series.unique())
    try:
        distinct.sort()
    except TypeError:
        distinct.sort(key=str)
    codes = series.map({value: code for code, value in enumerate(distinct)})
    return codes.to_numpy(np.float64), np.asarray(distinct)
