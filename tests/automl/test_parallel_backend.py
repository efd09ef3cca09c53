"""Candidates that a cluster carries, through a parallel backend of joblib."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from tests.automl.conftest import Train

# joblib's own backend for Dask still has the older name of a method that joblib warns of.
pytestmark = pytest.mark.filterwarnings("ignore:`apply_async` is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def dask_cluster() -> Iterator[Any]:
    """A cluster of two worker processes on this machine."""
    distributed = pytest.importorskip("distributed", reason="distributed is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def dask(dask_cluster: Any) -> dict[str, object]:
    """The setting that has the Dask cluster carry candidates."""
    return {"backend": "dask", "scheduler_host": dask_cluster.scheduler_address}


@pytest.fixture(scope="module")
def ray() -> Iterator[dict[str, object]]:
    """The setting that has a Ray cluster of two cores carry candidates."""
    library = pytest.importorskip("ray", reason="ray is not installed")
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 2, "include_dashboard": False}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        cluster = Cluster(initialize_head=True, head_node_args=head)
        yield {"backend": "ray", "address": cluster.address}
        library.shutdown()
        cluster.shutdown()


@pytest.mark.parametrize("cluster", ["dask", "ray"])
def test_a_cluster_gives_the_same_result_as_this_machine(
    mixed_frame: pd.DataFrame, run_engine: Train, tmp_path: Path, cluster: str,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    backend: dict[str, object] = request.getfixturevalue(cluster)
    frame = mixed_frame[["number", "colour", "label"]]
    settings = {"iterations": 5, "max_concurrent_iterations": 2}

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
    mixed_frame: pd.DataFrame, run_engine: Train, dask: dict[str, object], dask_cluster: Any
) -> None:
    run_engine(mixed_frame[["number", "label"]], parallel_backend=dask)

    with dask_cluster.get_client() as client:
        loaded = client.run(_has_loaded_lightgbm)
    assert any(loaded.values())


def test_a_cluster_with_less_room_than_is_asked_for_is_told_of(
    mixed_frame: pd.DataFrame, run_engine: Train, dask: dict[str, object]
) -> None:
    frame = mixed_frame[["number", "label"]]

    enough = run_engine(frame, parallel_backend=dask, iterations=1, max_concurrent_iterations=2)
    less = run_engine(frame, parallel_backend=dask, iterations=1, max_concurrent_iterations=3)

    assert not [note for note in enough.notes if "room" in note]
    assert [note for note in less.notes if "room for 2 of the 3 candidates" in note]


def test_a_backend_that_cannot_be_reached_fails_the_run_with_its_cause(
    mixed_frame: pd.DataFrame, run_engine: Train
) -> None:
    from bankml.errors import RunFailedError

    with pytest.raises(RunFailedError, match="no_such_backend"):
        run_engine(mixed_frame, parallel_backend={"backend": "no_such_backend"})


def test_a_ray_cluster_that_does_not_answer_fails_the_run_soon(
    mixed_frame: pd.DataFrame, run_engine: Train
) -> None:
    from bankml.errors import RunFailedError

    pytest.importorskip("ray", reason="ray is not installed")
    with socket.socket() as bound:
        # Nobody listens there, and nobody else can.
        bound.bind(("127.0.0.1", 0))
        backend = {"backend": "ray", "address": f"127.0.0.1:{bound.getsockname()[1]}"}

        with pytest.raises(RunFailedError, match="no Ray cluster answers"):
            run_engine(mixed_frame, parallel_backend=backend)


def _has_loaded_lightgbm() -> bool:
    import sys

    return "lightgbm" in sys.modules
