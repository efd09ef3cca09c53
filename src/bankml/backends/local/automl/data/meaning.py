"""What the numbers in the store mean: needed again when the final model is put together."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from bankml.backends.local.automl.features.encoding import FrameEncoding

_FILE = "meaning.pickle"


@dataclass(frozen=True)
class Meaning:
    """How the raw rows became numbers.

    Attributes:
        encoding: How the raw columns became the matrix.
        classes: The original labels in the order of their codes, or None for regression.
    """

    encoding: FrameEncoding
    classes: NDArray[Any] | None

    def write(self, folder: Path) -> None:
        """Write it into the run's folder."""
        (folder / _FILE).write_bytes(pickle.dumps(self))

    @classmethod
    def read(cls, folder: Path) -> Meaning:
        """Read what the run's own preparation wrote into the run's own folder."""
        meaning: Meaning = pickle.loads((folder / _FILE).read_bytes())  # noqa: S301
        return meaning
