"""Candidates that a cluster carries, through a parallel backend of joblib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from tests.automl.conftest import Train

# joblib's own backend for Dask still has the older name of a method that joblib warns of.
pytestmark = pytest.mark.filterwarnings("ignore:`apply_async` is deprecated:DeprecationWarning")
distributed = pytest.importorskip("distributed", reason="distributed is not installed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A cluster of two worker processes on this machine."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        yield cluster


def test_a_dask_cluster_gives_the_same_result_as_this_machine(
    mixed_frame: pd.DataFrame, run_engine: Train, tmp_path: Path, cluster: Any
) -> None:
    frame = mixed_frame[["number", "colour", "label"]]
    settings = {"iterations": 5, "max_concurrent_iterations": 2}
    backend = {"backend": "dask", "scheduler_host": cluster.scheduler_address}

    here = run_engine(frame, scratch=tmp_path / "here", **settings)
    there = run_engine(frame, scratch=tmp_path / "there", parallel_backend=backend, **settings)

    assert [child.error for child in there.children] == [None] * 6
    assert [dict(child.parameters) for child in there.children] == [
        dict(child.parameters) for child in here.children
    ]
    assert [child.score for child in there.children] == pytest.approx(
        [child.score for child in here.children], abs=1e-9
    )
    assert there.model.predict_proba(frame) == pytest.approx(here.model.predict_proba(frame))


def test_the_candidates_run_on_the_cluster(
    mixed_frame: pd.DataFrame, run_engine: Train, cluster: Any
) -> None:
    backend = {"backend": "dask", "scheduler_host": cluster.scheduler_address}

    run_engine(mixed_frame[["number", "label"]], parallel_backend=backend)

    with distributed.Client(cluster) as client:
        loaded = client.run(_has_loaded_lightgbm)
    assert any(loaded.values())


def test_a_backend_that_cannot_be_reached_fails_the_run_with_its_cause(
    mixed_frame: pd.DataFrame, run_engine: Train
) -> None:
    from bankml.errors import RunFailedError

    with pytest.raises(RunFailedError, match="no_such_backend"):
        run_engine(mixed_frame, parallel_backend={"backend": "no_such_backend"})


def _has_loaded_lightgbm() -> bool:
    import sys

    return "lightgbm" in sys.modules
