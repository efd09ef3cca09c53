"""The rows that boosting learns from, binned as LightGBM wants them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from bankml.backends.local.automl.binning import bins, sampled_rows
from bankml.backends.local.automl.training.freed_memory import give_back
from bankml.backends.local.automl.training.lean_lightgbm import lean_lightgbm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from bankml.backends.local.automl.training.store import Fold, Store

# Of each thread its own: a cluster's worker may carry several candidates at once.
_last_used = threading.local()


def rows_of_fold(store: Store, fold: Fold, *, native: bool) -> tuple[Any, Any]:
    """Return the rows of a fold that are learnt from, and those that are held out.

    Args:
        store: The data, and which of its columns to learn from.
        fold: The split.
        native: Whether LightGBM is told which columns are category codes.
    """
    if store.columns is None and not fold.sampled:
        whole = all_rows(store, native=native)
        return whole.subset(fold.train), whole.subset(fold.valid)
    places, cut = np.concatenate([fold.train, fold.valid]), len(fold.train)
    both = (
        _kept(
            (str(store.folder), native, cut, fold.number),
            lambda: _binned(store, store.rows(places), store.label()[places], native),
        )
        if store.columns is None
        else _of_few_columns(store, store.columns, places, native)
    )
    return both.subset(range(cut)), both.subset(range(cut, len(places)))


def all_rows(store: Store, *, native: bool) -> Any:
    """Return all rows; those of all columns are binned once for all candidates and folds.

    Args:
        store: The data, and which of its columns to learn from.
        native: Whether LightGBM is told which columns are category codes.
    """
    if store.columns is not None:
        return _of_few_columns(store, store.columns, slice(None), native)
    return _kept(
        (str(store.folder), native),
        lambda: _binned(store, store.matrix(), store.label(), native),
    )


def of_matrix(matrix: NDArray[np.float32], label: NDArray[np.float64]) -> Any:
    """Return a matrix that only one candidate uses as a data set without categories."""
    binning = _binning(*matrix.shape, many_categories=False)
    return lean_lightgbm().Dataset(matrix, label, params=binning)


def _kept(key: tuple[object, ...], construct: Callable[[], Any]) -> Any:
    """Return what the last candidate of this worker used, if it is the same; one is kept."""
    if getattr(_last_used, "key", None) != key:
        _last_used.data = None
        _last_used.data = construct()
        give_back()
        _last_used.key = key
    return _last_used.data


def _of_few_columns(
    store: Store, columns: Sequence[int], places: NDArray[np.int32] | slice, native: bool
) -> Any:
    """Return rows in which only some columns have values, so that the others cost nothing.

    All columns keep their positions: what learns from these rows predicts from whole ones.
    """
    from scipy.sparse import csc_matrix

    label, width = store.label()[places], store.matrix().shape[1]
    values = np.concatenate([column[places] for column in store.read_columns(columns)])
    rows = np.tile(np.arange(len(label), dtype=np.int32), len(columns))
    ends = np.zeros(width + 1, dtype=np.int64)
    ends[np.array(columns) + 1] = len(label)
    sparse = csc_matrix((values, rows, np.cumsum(ends)), (len(label), width))
    return _binned(store, sparse, label, native)


def _binned(store: Store, matrix: Any, label: NDArray[np.float64], native: bool) -> Any:
    binning = _binning(len(label), store.width, many_categories=bool(store.of_many_categories))
    categorical = list(store.categorical) if native else []
    rows = lean_lightgbm().Dataset(matrix, label, categorical_feature=categorical, params=binning)
    return rows.construct()


def _binning(rows: int, columns: int, *, many_categories: bool) -> dict[str, object]:
    return {
        "verbosity": -1,
        "feature_pre_filter": False,
        "num_threads": 1,
        "max_bin": bins(rows, columns, many_categories=many_categories),
        "bin_construct_sample_cnt": sampled_rows(columns),
    }
