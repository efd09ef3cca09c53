"""The encoded data on disk, as the workers map it into their memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Store:
    """Where the data is and what it is; small enough to send with every task.

    Attributes:
        folder: The folder with ``matrix.npy``, ``label.npy`` and ``fold.npy``.
        task: ``classification`` or ``regression``.
        classes: Number of classes; 0 for regression.
        folds: Numbers of the folds that are held out in turn.
        categorical: Positions of category codes in the matrix.
        cardinality: Number of categories of each of those.
    """

    folder: Path
    task: str
    classes: int
    folds: tuple[int, ...]
    categorical: tuple[int, ...]
    cardinality: tuple[int, ...]

    def matrix(self) -> NDArray[np.float32]:
        """Return the encoded columns, ``(rows, columns)``, mapped and read-only."""
        mapped: NDArray[np.float32] = np.load(self.folder / "matrix.npy", mmap_mode="r")
        return mapped

    def label(self) -> NDArray[np.float64]:
        """Return the label: class codes or numbers, one per row."""
        label: NDArray[np.float64] = np.load(self.folder / "label.npy")
        return label

    def fold_of_row(self) -> NDArray[np.int16]:
        """Return the fold of each row; -1 for rows that are never held out."""
        fold: NDArray[np.int16] = np.load(self.folder / "fold.npy")
        return fold

    def write(
        self, matrix: NDArray[np.float32], label: NDArray[np.float64], fold: NDArray[np.int16]
    ) -> None:
        """Write the arrays, once, before any worker starts."""
        np.save(self.folder / "matrix.npy", matrix)
        np.save(self.folder / "label.npy", label)
        np.save(self.folder / "fold.npy", fold)


@dataclass(frozen=True)
class Fold:
    """One split: which rows are learnt from and which are held out."""

    train: NDArray[np.int32]
    valid: NDArray[np.int32]


def split(store: Store) -> list[Fold]:
    """Return the splits of a store, in the order of its folds."""
    fold = store.fold_of_row()
    return [
        Fold(
            train=np.flatnonzero(fold != number).astype(np.int32),
            valid=np.flatnonzero(fold == number).astype(np.int32),
        )
        for number in store.folds
    ]


def held_out(store: Store) -> NDArray[np.int32]:
    """Return the rows that are held out in some fold, in the order of the predictions."""
    return np.concatenate([fold.valid for fold in split(store)])
