"""What worker processes do without, until it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import TargetEncoder

from bankml.backends.local.automl.algorithms import ALGORITHMS
from bankml.backends.local.automl.carrying.processes import WorkerProcess
from bankml.backends.local.automl.persistence import save_model
from bankml.backends.local.automl.training.estimators import new_estimator
from bankml.backends.local.automl.training.libraries import load_for_candidates, load_for_the_end
from bankml.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 60.0


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    process = WorkerProcess({})
    process.call(load_for_candidates)
    yield process
    process.kill()


def pipeline(*estimators: object) -> Pipeline:
    return Pipeline([(str(place), each) for place, each in enumerate(estimators)])


def loaded(worker: WorkerProcess) -> set[str]:
    return set(worker.call(eval, "list(__import__('sys').modules)").result(SECONDS))


def value_of(worker: WorkerProcess, module: str, expression: str) -> Any:
    code = f"(lambda module: {expression})(__import__({module!r}, fromlist=['x']))"
    return worker.call(eval, code).result(SECONDS)


def test_scikit_learn_loads_without_what_it_rarely_uses(worker: WorkerProcess) -> None:
    worker.call(exec, "import sklearn.svm, sklearn.preprocessing").result(SECONDS)

    assert "sklearn.svm" in loaded(worker)
    assert not {"scipy.stats._stats_py", "scipy.integrate._quadpack", "pandas"} & loaded(worker)


def test_a_function_that_is_put_off_works_once_it_is_called(worker: WorkerProcess) -> None:
    worker.call(exec, "import sys; from scipy.stats import rankdata; sys.rank = rankdata")

    assert value_of(worker, "sys", "module.rank([30, 10, 20]).tolist()") == [3.0, 1.0, 2.0]
    assert "scipy.stats._stats_py" in loaded(worker)


def test_an_object_that_is_put_off_works_once_it_is_used(worker: WorkerProcess) -> None:
    assert value_of(worker, "scipy.stats", "float(module.uniform.ppf(1.0))") == 1.0


def test_a_module_of_a_package_that_is_put_off_can_be_loaded(worker: WorkerProcess) -> None:
    parabola = "module.quad(lambda x: x**2, 0.0, 3.0)[0]"

    assert value_of(worker, "scipy.integrate._quadpack_py", parabola) == pytest.approx(9.0)


def test_looking_at_what_is_put_off_does_not_load_it(worker: WorkerProcess) -> None:
    assert not value_of(worker, "scipy.interpolate", "hasattr(module, '__wrapped__')")
    assert "scipy.interpolate._interpolate" not in loaded(worker)


def test_what_writes_models_does_not_load_all_of_scikit_learn(worker: WorkerProcess) -> None:
    worker.call(load_for_the_end).result(SECONDS)

    assert "skops.io" in loaded(worker)
    assert "sklearn.gaussian_process" not in loaded(worker)


@pytest.mark.parametrize(("task", "algorithms"), ALGORITHMS.items())
def test_it_writes_models_of_all_algorithms(
    worker: WorkerProcess, tmp_path: Path, task: str, algorithms: tuple[str, ...]
) -> None:
    estimators = [
        new_estimator(task, name, {}, seed=0) for name in algorithms if name != "LightGBM"
    ]
    model = pipeline(TfidfVectorizer(), TruncatedSVD(), TargetEncoder(), *estimators)
    worker.call(load_for_the_end)

    worker.call(save_model, model, tmp_path / "model.skops").result(SECONDS)

    assert (tmp_path / "model.skops").stat().st_size > 0


def test_it_refuses_what_could_not_be_read_again(worker: WorkerProcess, tmp_path: Path) -> None:
    worker.call(load_for_the_end)
    written = worker.call(save_model, pipeline(SECONDS.hex), tmp_path / "model.skops")

    with pytest.raises(ModelError, match=r"read again safely \(.*hex\)"):
        written.result(SECONDS)
    assert not (tmp_path / "model.skops").exists()
