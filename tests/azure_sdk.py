"""Whether the Azure ML SDK can be there, and where it keeps what it knows of the service."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

RUNS_HERE = sys.version_info < (3, 12)
"""A name, since a comparison in its place would have mypy call what follows unreachable."""
REASON = "the Azure ML SDK v1 needs Python 3.10 or 3.11"


def skip_without(module: str) -> None:
    """Skip the test unless a module of the SDK is installed."""
    if not RUNS_HERE:
        pytest.skip(REASON)
    pytest.importorskip(module, reason="the Azure ML SDK v1 is not installed")


def keep_discovery_in(home: str, patch: pytest.MonkeyPatch) -> None:
    """Have the SDK keep the service's addresses in a home of now.

    It looks for its home once, when it is imported: an emulator before this one may have had
    another, which is gone.
    """
    from azureml._base_sdk_common.service_discovery import CachedServiceDiscovery

    file = Path(home) / ".azureml" / ".discovery"
    patch.setattr(CachedServiceDiscovery.__init__, "__defaults__", (str(file),))
