"""What worker processes load before their work, and what they leave out to stay small."""

from __future__ import annotations

import sys

import numpy as np

from bankml.backends.local.automl.training.lean_lightgbm import lean_lightgbm
from bankml.backends.local.automl.training.lean_skops import lean_skops
from bankml.backends.local.automl.training.left_out import LeftOut, left_out
from bankml.backends.local.automl.training.put_off import PutOff

# Measured: a worker that fits a linear model has 137 MB without pandas and pyarrow, which
# scikit-learn loads, and 203 MB with them. skops loads pytest by way of scikit-learn's helpers for
# tests, in 0.25 s.
_NEEDLESS = ("dask", "matplotlib", "pandas", "pyarrow", "pytest", "rich")
# SciPy and scikit-learn import functions of theirs that no candidate uses. Measured: the latter's
# estimators load in .38 s of CPU time and 57 MB without SciPy's, in .72 s and 80 MB with them;
# LightGBM loads in .26 s without NumPy's, in .33 s with them.
_RARELY_USED = (
    "numpy.f2py", "numpy.testing", "scipy.integrate", "scipy.interpolate",
    "scipy.optimize._linprog", "scipy.optimize._shgo", "scipy.spatial.transform", "scipy.stats",
)  # fmt: skip


def load_for_candidates() -> None:
    """Load what every candidate needs, and see to it that the process loads no more."""
    sys.meta_path.insert(0, LeftOut(*_NEEDLESS))
    _put_off_what_is_rarely_used()
    lean_lightgbm()


def load_for_preparation() -> None:
    """Load what reads the rows; scikit-learn is only needed where there are texts."""
    _put_off_what_is_rarely_used()
    import pandas as pd  # noqa: F401
    import pyarrow.parquet as pq  # noqa: F401


def load_for_the_end() -> None:
    """Load what the final model needs; from then on nothing is left out any more."""
    _put_off_what_is_rarely_used()
    with left_out(*_NEEDLESS):
        lean_skops()

        from bankml.backends.local.automl.models import encoder, voting  # noqa: F401

    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, LeftOut)]
    _load_pyarrow_alone()


def _put_off_what_is_rarely_used() -> None:
    if not any(isinstance(finder, PutOff) for finder in sys.meta_path):
        sys.meta_path.insert(0, PutOff(*_RARELY_USED))


def _load_pyarrow_alone() -> None:
    """Load pyarrow, which looks for pandas when it makes its first array, and only then.

    Measured: loading pandas took 0.27 s of the 0.4 s in which a model is written.
    """
    with left_out("pandas"):
        import pyarrow as pa
        import pyarrow.parquet as pq  # noqa: F401

        pa.array(np.zeros(1))
