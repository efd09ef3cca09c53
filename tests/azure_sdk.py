"""Whether the Azure ML SDK can be there."""

from __future__ import annotations

import sys

import pytest

RUNS_HERE = sys.version_info < (3, 12)
"""A name, since a comparison in its place would have mypy call what follows unreachable."""
REASON = "the Azure ML SDK v1 needs Python 3.10 or 3.11"


def skip_without(module: str) -> None:
    """Skip the test unless a module of the SDK is installed."""
    if not RUNS_HERE:
        pytest.skip(REASON)
    pytest.importorskip(module, reason="the Azure ML SDK v1 is not installed")
