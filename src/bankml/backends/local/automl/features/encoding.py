"""The encoding of a whole frame: one encoder per column that is of use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bankml.backends.local.automl.features.columns import ColumnEncoder, NumberEncoder, fit_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from bankml.backends.local.automl.data.rows import Rows

# Rows that are encoded at a time: texts and codes of all rows would be many times the matrix.
_CHUNK = 200_000


@dataclass(frozen=True)
class FrameEncoding:
    """Encoders by column, in the order of the matrix they make.

    Attributes:
        encoders: One per column of the raw frame that is used.
        dropped: Columns that hold nothing to learn from: constants and identifiers.
    """

    encoders: tuple[ColumnEncoder, ...]
    dropped: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """Names of the matrix's columns."""
        return [name for encoder in self.encoders for name in encoder.names]

    @property
    def categorical(self) -> list[int]:
        """Positions of the category codes in the matrix."""
        return [first for first, encoder in self.placed() if encoder.categorical]

    def placed(self) -> Iterator[tuple[int, ColumnEncoder]]:
        """Yield each encoder behind the position of its first column in the matrix."""
        first = 0
        for encoder in self.encoders:
            yield first, encoder
            first += len(encoder.names)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a file keeps: the encoders of numbers in one text, the others as they are.

        A model's file describes each attribute of each object. Measured on 400 columns of numbers:
        4,000 descriptions of the 9,700 in the file.
        """
        numbers = [
            (place, each.column, each.offset, each.exponent, each.expects)
            for place, each in enumerate(self.encoders)
            if isinstance(each, NumberEncoder)
        ]
        others = tuple(each for each in self.encoders if not isinstance(each, NumberEncoder))
        return {"encoders": others, "dropped": self.dropped, "numbers": json.dumps(numbers)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what a file keeps; an older one has all encoders as they are."""
        encoders = list(state["encoders"])
        for place, *described in json.loads(state.get("numbers", "[]")):
            encoders.insert(place, NumberEncoder(*described))
        vars(self).update(encoders=tuple(encoders), dropped=tuple(state["dropped"]))

    def cardinality(self) -> dict[int, int]:
        """Return the number of categories by position of the category codes."""
        sizes = [len(encoder.categories) for encoder in self.encoders if encoder.categorical]  # type: ignore[attr-defined]  # only CategoryEncoder is categorical
        return dict(zip(self.categorical, sizes, strict=True))

    def encode(self, rows: Rows) -> NDArray[np.float32]:
        """Encode rows.

        Args:
            rows: The raw columns, in any order; further columns do no harm.

        Returns:
            The matrix, of shape ``(rows, columns)``, in column order.
        """
        matrix = np.empty((len(rows), len(self.names)), dtype=np.float32, order="F")
        first = 0
        for block in self.encode_one_by_one(rows):
            last = first + block.shape[1]
            matrix[:, first:last] = block
            first = last
        return matrix

    def encode_one_by_one(self, rows: Rows) -> Iterator[NDArray[np.float32]]:
        """Encode one raw column after the other, for a matrix that is more than fits in memory.

        Args:
            rows: The raw columns, in any order; further columns do no harm.

        Yields:
            The next columns of the matrix, in column order.
        """
        for encoder in self.encoders:
            series = rows[encoder.column]
            encoded = np.empty((len(series), len(encoder.names)), dtype=np.float32, order="F")
            for start in range(0, len(series), _CHUNK):
                part = slice(start, start + _CHUNK)
                encoded[part] = encoder.encode(series.iloc[part])
            yield encoded


def fit_encoding(
    rows: Rows, columns: Sequence[str], *, derive: bool, day_first: Mapping[str, bool]
) -> FrameEncoding:
    """Fit the encoding of a frame's columns.

    Args:
        rows: The training rows.
        columns: The columns to use.
        derive: Whether dates and texts may be taken apart (featurization ``auto``).
        day_first: How dates were written where they came from, by column, where that is known.

    Returns:
        The encoding.
    """
    fitted = {
        column: fit_column(column, rows[column], derive=derive, day_first=day_first.get(column))
        for column in columns
    }
    return FrameEncoding(
        encoders=tuple(encoder for encoder in fitted.values() if encoder is not None),
        dropped=tuple(column for column, encoder in fitted.items() if encoder is None),
    )
