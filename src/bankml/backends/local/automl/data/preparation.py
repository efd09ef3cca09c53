"""From a frame to the encoded store that the workers share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bankml.backends.local.automl.candidates.candidate import DataShape
from bankml.backends.local.automl.data.checks import check_training_rows, feature_columns
from bankml.backends.local.automl.data.meaning import Meaning
from bankml.backends.local.automl.data.rows import (
    Rows,
    labelled_rows,
    open_rows,
    written_orders,
)
from bankml.backends.local.automl.data.validation import choose_validation, rare_share
from bankml.backends.local.automl.features.encoding import FrameEncoding, fit_encoding
from bankml.backends.local.automl.training.store import Store, held_out
from bankml.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from bankml.backends.local.automl.settings import AutoMLSettings


@dataclass(frozen=True)
class PreparedData:
    """What a run knows of its data, which is ready for the candidates; small and plain.

    Attributes:
        store: The encoded data on disk.
        shape: What the choice of candidates depends on.
        held_out: How many rows the predictions are for.
        validation: How candidates are validated, in words.
        notes: What the user should know.
    """

    store: Store
    shape: DataShape
    held_out: int
    validation: str
    notes: tuple[str, ...] = ()

    @property
    def stop_file(self) -> Path:
        """The file that makes workers stop as soon as it exists."""
        return self.store.folder / "stop"


def prepare(source: Path | pd.DataFrame, settings: AutoMLSettings, folder: Path) -> PreparedData:
    """Check, encode and store the data.

    Args:
        source: A Parquet file or a frame.
        settings: The label, the task, the columns to leave out.
        folder: Where the store and the encoding go.

    Returns:
        What there is to know of the prepared data.

    Raises:
        DataError: The data can't be trained on.
    """
    rows, dropped_rows = labelled_rows(open_rows(source), settings)
    check_training_rows(rows, settings)
    label, classes = _label(rows[settings.label_column_name], settings.task)
    encoding = _encoding(rows, settings, written_orders(source))
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
    blocks = encoding.encode_one_by_one(rows)
    store.write_matrix(len(rows), len(encoding.names), blocks)
    store.write_rows(label, validation.fold)
    Meaning(encoding, classes).write(folder)
    judged = len(held_out(store))
    return PreparedData(
        store, _shape(store, encoding, label, judged), judged, validation.description,
        (*_notes(encoding, dropped_rows),),
    )  # fmt: skip


def _shape(
    store: Store, encoding: FrameEncoding, label: NDArray[np.float64], judged: int
) -> DataShape:
    return DataShape(
        task=store.task,
        rows=len(label),
        folds=len(store.folds),
        columns=len(encoding.names),
        classes=store.classes,
        categorical=len(store.categorical),
        high_cardinality=len(store.of_many_categories),
        held_out_share=judged / len(label),
        rare_share=rare_share(label) if store.classes else 1.0,
    )


def _notes(encoding: FrameEncoding, dropped_rows: int) -> Iterator[str]:
    if dropped_rows:
        yield f"{dropped_rows:,} rows without a label were dropped."
    if encoding.dropped:
        dropped = ", ".join(map(str, encoding.dropped))
        yield f"Columns that hold nothing to learn from were left out: {dropped}."


def _encoding(rows: Rows, settings: AutoMLSettings, day_first: Mapping[str, bool]) -> FrameEncoding:
    encoding = fit_encoding(
        rows,
        feature_columns(rows, settings),
        derive=settings.featurization == "auto",
        day_first=day_first,
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
