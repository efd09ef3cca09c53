"""The parallel backends of joblib, of which a candidate takes one place."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bankml.errors import RunFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# With one job joblib would run it in this process.
_FEWEST_JOBS = 2
_ANSWER_SECONDS = 10.0


@contextmanager
def one_place(parameters: Mapping[str, object]) -> Iterator[Any]:
    """Connect to a backend, for calls that run one after the other.

    Args:
        parameters: Of ``joblib.parallel_config``; for Ray also ``address``, as ``ray.init`` takes
            it: without it the cluster that ``RAY_ADDRESS`` tells, or that runs on this machine.

    Yields:
        A ``joblib.Parallel`` that keeps its connection.

    Raises:
        Exception: Whatever the backend raises if it can't be reached.
    """
    import joblib

    with (
        joblib.parallel_config(**_of_joblib(parameters)),
        joblib.Parallel(n_jobs=_FEWEST_JOBS, batch_size=1) as parallel,
    ):
        yield parallel


def number_of_places(parameters: Mapping[str, object]) -> int:
    """Return how many candidates a backend has room for at once.

    A run asks this before its slots connect, each in a thread of its own: a process connects to Ray
    once only, which is done then.

    Args:
        parameters: As those of `one_place`.

    Raises:
        RunFailedError: The backend can't be reached.
    """
    import joblib

    try:
        with joblib.parallel_config(**_of_joblib(parameters)):
            return int(joblib.effective_n_jobs(-1))
    except Exception as error:
        raise RunFailedError(
            f"The parallel backend {parameters.get('backend')!r} can't be used: {error}. Check "
            "compute.parallel_backend, and that the cluster runs."
        ) from error


def _of_joblib(parameters: Mapping[str, object]) -> Mapping[str, object]:
    return _of_ray(**parameters) if parameters.get("backend") == "ray" else parameters


def _of_ray(address: object = "auto", **parameters: object) -> dict[str, object]:
    """Connect to a Ray cluster, and make its backend known to joblib, as nothing else does.

    It starts a process for each job, of which only one works: each takes a share of one core.
    """
    import ray
    from ray.util.joblib import register_ray

    _check_that_it_answers(str(address))
    if not ray.is_initialized():
        ray.init(address=address)
    register_ray()
    return {"ray_remote_args": {"num_cpus": 1 / _FEWEST_JOBS}, **parameters}


def _check_that_it_answers(address: str) -> None:
    """Refuse an address where nobody listens: Ray tries for longer than ten minutes."""
    parts = urlsplit(address if "://" in address else f"//{address}")
    if parts.hostname is None or parts.port is None:
        return
    try:
        socket.create_connection((parts.hostname, parts.port), _ANSWER_SECONDS).close()
    except OSError as error:
        raise ConnectionError(f"no Ray cluster answers at {address}: {error}") from error
