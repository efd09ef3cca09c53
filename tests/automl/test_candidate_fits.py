"""One candidate on all folds, as a worker carries it, here without a process of its own."""

from __future__ import annotations

import signal
import warnings
from typing import TYPE_CHECKING, Any

import joblib
import lightgbm
import numpy as np
import pandas as pd
import pytest

from bankml.backends.local.automl import AutoMLSettings
from bankml.backends.local.automl.candidates.candidate import (
    CODES,
    NATIVE_CATEGORIES,
    ONE_HOT,
    ONE_HOT_PIECEWISE,
    SPARSE_ONE_HOT,
    TARGET_ENCODER,
    Candidate,
)
from bankml.backends.local.automl.data.preparation import PreparedData, prepare
from bankml.backends.local.automl.training import boosting
from bankml.backends.local.automl.training.limits import Limits
from bankml.backends.local.automl.training.prepared import ending_in_time
from bankml.backends.local.automl.training.store import Fold, Store
from bankml.backends.local.automl.training.store import split as folds
from bankml.backends.local.automl.training.worker import Outcome, Refit, Task, run_task

if TYPE_CHECKING:
    from pathlib import Path

SEED = 3
BOOSTING: dict[str, object] = {"num_leaves": 4, "learning_rate": 0.3, "n_estimators": 20}
ONE_FOLD: dict[str, Any] = {"n_cross_validations": None, "validation_size": 0.25}
FOREST: dict[str, object] = {"n_estimators": 20, "min_samples_leaf": 2}
NETWORK: dict[str, object] = {
    "hidden_layer_sizes": (8,),
    "max_iter": 60,
    "learning_rate_init": 0.02,
}
COMMON: list[tuple[str, str, dict[str, object]]] = [
    ("LightGBM", CODES, BOOSTING),
    ("LightGBM", NATIVE_CATEGORIES, BOOSTING),
    ("LightGBM", TARGET_ENCODER, BOOSTING),
    ("RandomForest", CODES, FOREST),
    ("ExtremeRandomTrees", CODES, FOREST),
    ("GradientBoosting", CODES, {"max_iter": 20}),
    ("KNN", ONE_HOT, {"n_neighbors": 10}),
    ("SVM", ONE_HOT, {"C": 1.0}),
    ("MultiLayerPerceptron", ONE_HOT, NETWORK),
]
CLASSIFIERS = [Candidate(name, kind, parameters) for name, kind, parameters in COMMON] + [
    Candidate("LogisticRegression", ONE_HOT_PIECEWISE, {"C": 0.5}),
    Candidate("LogisticRegression", SPARSE_ONE_HOT, {"C": 0.3}),
]
REGRESSORS = [Candidate(name, kind, parameters) for name, kind, parameters in COMMON] + [
    Candidate("ElasticNet", ONE_HOT_PIECEWISE, {"alpha": 0.01, "l1_ratio": 0.5}),
    Candidate("ElasticNet", SPARSE_ONE_HOT, {"alpha": 0.001, "l1_ratio": 0.1}),
]


def named(candidate: Candidate) -> str:
    return f"{candidate.algorithm}, {candidate.preprocessor}"


def prepared(frame: pd.DataFrame, folder: Path, **settings: Any) -> PreparedData:
    chosen = {"label_column_name": "label", "n_cross_validations": 2, **settings}
    return prepare(frame, AutoMLSettings(**chosen), folder)


@pytest.fixture(scope="module")
def columns(mixed_frame: pd.DataFrame) -> pd.DataFrame:
    """A number, few and many categories."""
    return mixed_frame[["number", "colour", "shop"]]


@pytest.fixture(scope="module")
def two_classes(
    mixed_frame: pd.DataFrame, columns: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> PreparedData:
    frame = columns.assign(label=mixed_frame["label"])
    return prepared(frame, tmp_path_factory.mktemp("two"), task="classification")


@pytest.fixture(scope="module")
def three_classes(
    mixed_frame: pd.DataFrame, columns: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> PreparedData:
    frame = columns.assign(label=mixed_frame["amount"].round().clip(0, 2))
    return prepared(frame, tmp_path_factory.mktemp("three"), task="classification")


@pytest.fixture(scope="module")
def amounts(
    mixed_frame: pd.DataFrame, columns: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> PreparedData:
    frame = columns.assign(label=mixed_frame["amount"])
    return prepared(frame, tmp_path_factory.mktemp("amounts"), task="regression")


def fit(data: PreparedData, candidate: Candidate, folder: Path, seconds: float = 60.0) -> Outcome:
    return run_task(Task(1, candidate, data.store, folder, seconds, folder / "stop", SEED))


def refit(data: PreparedData, candidate: Candidate, folder: Path, seconds: float = 60.0) -> Outcome:
    return run_task(
        Refit(1, candidate, data.store, folder, seconds, folder / "stop", SEED, rounds=7)
    )


def said_by_model(folder: Path, fold: Fold, store: Store) -> Any:
    """Return what the model that was written for a fold says of the rows held out there."""
    held_out, encoder = store.rows(fold.valid), folder / f"model{fold.number}.joblib"
    if encoder.exists():
        held_out = joblib.load(encoder).transform(held_out)
    return lightgbm.Booster(model_file=folder / f"model{fold.number}.txt").predict(held_out)


@pytest.mark.parametrize("candidate", CLASSIFIERS, ids=named)
def test_every_classifier_learns_and_leaves_its_predictions(
    two_classes: PreparedData, tmp_path: Path, candidate: Candidate
) -> None:
    outcome = fit(two_classes, candidate, tmp_path)

    assert outcome.error is None, outcome.message
    assert outcome.metrics["AUC_weighted"] > 0.7
    predicted = np.load(tmp_path / "predictions.npy")
    assert predicted.shape == (two_classes.held_out,)
    assert ((predicted >= 0) & (predicted <= 1)).all()
    assert {path.stem for path in tmp_path.glob("model*")} == {"model0", "model1"}


@pytest.mark.parametrize("candidate", REGRESSORS, ids=named)
def test_every_regressor_learns_and_leaves_its_predictions(
    amounts: PreparedData, tmp_path: Path, candidate: Candidate
) -> None:
    outcome = fit(amounts, candidate, tmp_path)

    assert outcome.error is None, outcome.message
    assert outcome.metrics["r2_score"] > 0.2
    assert np.load(tmp_path / "predictions.npy").shape == (amounts.held_out,)


@pytest.mark.parametrize("candidate", [CLASSIFIERS[0], CLASSIFIERS[2], CLASSIFIERS[7]], ids=named)
def test_of_three_classes_each_has_its_probability(
    three_classes: PreparedData, tmp_path: Path, candidate: Candidate
) -> None:
    outcome = fit(three_classes, candidate, tmp_path)

    assert outcome.error is None, outcome.message
    predicted = np.load(tmp_path / "predictions.npy")
    assert predicted.shape == (three_classes.held_out, 3)
    assert predicted.sum(axis=1) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("candidate", CLASSIFIERS, ids=named)
def test_the_same_seed_gives_the_same_predictions(
    two_classes: PreparedData, tmp_path: Path, candidate: Candidate
) -> None:
    for folder in ("once", "again"):
        fit(two_classes, candidate, tmp_path / folder)

    once, again = (np.load(tmp_path / name / "predictions.npy") for name in ("once", "again"))
    assert np.array_equal(once, again)


@pytest.mark.parametrize("candidate", [CLASSIFIERS[0], CLASSIFIERS[3]], ids=named)
def test_a_limit_of_rows_is_kept_and_gives_the_same_sample_again(
    two_classes: PreparedData, tmp_path: Path, candidate: Candidate
) -> None:
    limited = Candidate(candidate.algorithm, candidate.preprocessor, candidate.parameters, 100)

    for folder in ("all", "once", "again"):
        fit(two_classes, candidate if folder == "all" else limited, tmp_path / folder)

    every, once, again = (
        np.load(tmp_path / folder / "predictions.npy") for folder in ("all", "once", "again")
    )
    assert np.array_equal(once, again)
    assert not np.array_equal(once, every)


@pytest.mark.parametrize("place", [0, 2], ids=["codes", "target-encoded"])
def test_boosting_is_fitted_again_on_all_rows_for_the_rounds_it_needed(
    two_classes: PreparedData, tmp_path: Path, place: int
) -> None:
    outcome = refit(two_classes, CLASSIFIERS[place], tmp_path)

    assert outcome.error is None, outcome.message
    assert outcome.metrics == {}
    assert (tmp_path / "model0.txt").read_text().count("\nTree=") == 7


def test_boosters_that_let_go_of_their_rows_are_the_same(
    two_classes: PreparedData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit(two_classes, CLASSIFIERS[0], tmp_path / "kept")
    monkeypatch.setattr(boosting, "_SMALL_VALUES", 0)

    fit(two_classes, CLASSIFIERS[0], tmp_path / "let go")

    for name in ("model0.txt", "model1.txt"):
        kept, let_go = ((tmp_path / run / name).read_text() for run in ("kept", "let go"))
        assert kept == let_go


def test_an_estimator_fitted_again_knows_all_rows(
    two_classes: PreparedData, tmp_path: Path
) -> None:
    outcome = refit(two_classes, Candidate("KNN", ONE_HOT, {"n_neighbors": 1}), tmp_path)

    assert outcome.error is None, outcome.message
    model = joblib.load(tmp_path / "model0.joblib")
    matrix = np.asarray(two_classes.store.matrix())
    assert np.mean(model.predict(matrix) == two_classes.store.label()) > 0.95


@pytest.mark.parametrize(
    ("run", "candidate"),
    [(fit, CLASSIFIERS[0]), (fit, CLASSIFIERS[3]), (refit, CLASSIFIERS[0])],
    ids=["boosting", "forest", "boosting again"],
)
def test_a_candidate_without_time_is_stopped_and_says_so(
    two_classes: PreparedData, tmp_path: Path, run: Any, candidate: Candidate
) -> None:
    outcome = run(two_classes, candidate, tmp_path, seconds=0.0)

    assert outcome.stopped
    assert "out of time" in str(outcome.error)
    assert outcome.metrics == {}


def test_an_estimator_that_knows_no_limit_is_interrupted(
    two_classes: PreparedData, tmp_path: Path
) -> None:
    endless = Candidate("RandomForest", CODES, {"n_estimators": 1_000_000})

    outcome = fit(two_classes, endless, tmp_path, seconds=0.5)

    assert outcome.stopped
    assert outcome.ended - outcome.started < 30


def test_an_alarm_that_comes_late_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timer = signal.setitimer

    def alarm_at_the_last_moment(which: int, seconds: float, interval: float = 0.0) -> Any:
        if not seconds:
            signal.raise_signal(signal.SIGALRM)
        return timer(which, seconds, interval)

    monkeypatch.setattr(signal, "setitimer", alarm_at_the_last_moment)
    before = signal.getsignal(signal.SIGALRM)

    with ending_in_time(Limits(ends=0.0, stop_file=tmp_path / "stop")):
        pass

    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) == before


def test_boosting_keeps_the_trees_that_it_has_when_its_time_ends(
    mixed_frame: pd.DataFrame, columns: pd.DataFrame, tmp_path: Path
) -> None:
    frame = columns.assign(label=mixed_frame["label"])
    data = prepared(frame, tmp_path, task="classification", **ONE_FOLD)
    slow = {"num_leaves": 4, "learning_rate": 1e-7, "n_estimators": 100_000_000}

    outcome = fit(data, Candidate("LightGBM", CODES, slow), tmp_path, seconds=0.5)

    assert outcome.error is None
    assert (tmp_path / "model0.txt").read_text().count("\nTree=") >= 1


@pytest.mark.parametrize("candidate", CLASSIFIERS[:3], ids=named)
@pytest.mark.parametrize("validation", [ONE_FOLD, {"n_cross_validations": 3}], ids=["one", "three"])
@pytest.mark.parametrize("label", ["label", "shade"])
def test_what_boosting_said_of_held_out_rows_is_what_its_model_says_of_them(
    mixed_frame: pd.DataFrame, columns: pd.DataFrame, tmp_path: Path,
    candidate: Candidate, validation: dict[str, Any], label: str,
) -> None:  # fmt: skip
    shades = mixed_frame.assign(shade=mixed_frame["amount"].round().clip(0, 2))
    data = prepared(
        columns.assign(label=shades[label]), tmp_path / "data", task="classification", **validation
    )

    fit(data, candidate, tmp_path)

    said = np.concatenate([said_by_model(tmp_path, fold, data.store) for fold in folds(data.store)])
    assert np.load(tmp_path / "predictions.npy") == pytest.approx(said, abs=1e-6)


def test_so_is_what_it_said_when_its_time_ended(tmp_path: Path) -> None:
    random = np.random.default_rng(SEED)
    noise = pd.DataFrame(random.normal(size=(200, 5)), columns=list("abcde"))
    frame = noise.assign(label=random.permutation(["yes", "no"] * 100))
    data = prepared(frame, tmp_path / "data", task="classification", **ONE_FOLD)
    # Soon each round makes it worse, and yet it is patient for 120,000 of them.
    patient = {"learning_rate": 1e-5, "n_estimators": 100_000_000}

    fit(data, Candidate("LightGBM", CODES, patient), tmp_path, seconds=0.5)

    (fold,) = folds(data.store)
    assert (tmp_path / "model0.txt").read_text().count("\nTree=") > 1
    said = said_by_model(tmp_path, fold, data.store)
    assert np.load(tmp_path / "predictions.npy") == pytest.approx(said, abs=1e-6)


def test_boosting_whose_time_ends_before_its_last_fold_is_stopped(
    two_classes: PreparedData, tmp_path: Path
) -> None:
    slow = {"num_leaves": 4, "learning_rate": 1e-7, "n_estimators": 100_000_000}

    outcome = fit(two_classes, Candidate("LightGBM", CODES, slow), tmp_path, seconds=0.5)

    assert outcome.stopped


@pytest.mark.parametrize("preprocessor", [CODES, TARGET_ENCODER])
def test_no_fold_of_boosting_stops_where_it_suits_that_fold_alone(
    tmp_path: Path, preprocessor: str
) -> None:
    random = np.random.default_rng(SEED)
    noise = pd.DataFrame(random.normal(size=(200, 5)), columns=list("abcde"))
    noise["shop"] = [f"shop {code % 60}" for code in range(200)]
    data = prepared(
        noise.assign(label=random.permutation(["yes", "no"] * 100)), tmp_path,
        task="classification", n_cross_validations=10,
    )  # fmt: skip

    fit(data, Candidate("LightGBM", preprocessor, {"learning_rate": 0.1}), tmp_path)

    trees = [path.read_text().count("\nTree=") for path in tmp_path.glob("model*.txt")]
    assert len(trees) == 10
    assert max(trees) - min(trees) <= 10


def test_rounds_that_bring_little_are_not_worth_it_where_rows_are_very_many(
    two_classes: PreparedData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Candidate("LightGBM", CODES, {"num_leaves": 4, "learning_rate": 0.02})
    monkeypatch.setattr(boosting, "_LEAST_GAIN", 0.05)

    fit(two_classes, slow, tmp_path / "few rows")
    monkeypatch.setattr(boosting, "_ROWS_FOR_A_LEAST_GAIN", 100)
    fit(two_classes, slow, tmp_path / "many rows")

    few, many = (
        (tmp_path / name / "model0.txt").read_text().count("\nTree=")
        for name in ("few rows", "many rows")
    )
    assert 1 < many < few


@pytest.mark.parametrize("candidate", [CLASSIFIERS[0], CLASSIFIERS[9]], ids=named)
def test_each_of_many_columns_is_learnt_from(tmp_path: Path, candidate: Candidate) -> None:
    random = np.random.default_rng(SEED)
    numbers = pd.DataFrame(random.normal(size=(300, 230))).add_prefix("x")
    numbers.loc[::7, "x3"] = np.nan
    label = np.where(numbers["x225"] > 0, "yes", "no")
    data = prepared(numbers.assign(label=label), tmp_path, task="classification")

    outcome = fit(data, candidate, tmp_path)

    assert outcome.error is None, outcome.message
    assert outcome.metrics["AUC_weighted"] > 0.7


def test_the_stop_file_ends_a_candidate_before_its_time(
    two_classes: PreparedData, tmp_path: Path
) -> None:
    (tmp_path / "stop").touch()

    outcome = fit(two_classes, CLASSIFIERS[0], tmp_path, seconds=3600.0)

    assert outcome.stopped


def test_what_goes_wrong_is_the_candidates_result(
    two_classes: PreparedData, tmp_path: Path
) -> None:
    outcome = fit(two_classes, Candidate("KNN", CODES, {"no_such_parameter": 1}), tmp_path)

    assert not outcome.stopped
    assert str(outcome.error).startswith("TypeError: ")
    assert "no_such_parameter" in outcome.message


def test_warnings_of_a_fit_go_no_further(two_classes: PreparedData, tmp_path: Path) -> None:
    hasty = Candidate("MultiLayerPerceptron", ONE_HOT, {**NETWORK, "max_iter": 1})

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcome = fit(two_classes, hasty, tmp_path)

    assert outcome.error is None, outcome.message
    assert caught == []
