"""The configuration in Azure ML's terms."""

from __future__ import annotations

from typing import Any

import pytest

from bankml import AutoMLConfig, UnsupportedError, WorkflowConfig
from bankml.backends.azureml.settings import automl_arguments, notices
from bankml.config import WorkspaceConfig

AZURE = WorkspaceConfig(subscription_id="s", resource_group="g", workspace_name="w")


def noticed(**sections: Any) -> dict[str, str]:
    config = WorkflowConfig(backend="azureml", workspace=AZURE).replace(**sections)
    return {notice.path: notice.message for notice in notices(config)}


def test_the_defaults_are_those_of_the_notebook() -> None:
    arguments = automl_arguments(AutoMLConfig())

    assert arguments == {
        "task": "classification",
        "primary_metric": "AUC_weighted",
        "label_column_name": "y",
        "experiment_timeout_minutes": 20,
        "iterations": 1000,
        "max_concurrent_iterations": 5,
        "enable_early_stopping": True,
        "featurization": "auto",
        "enable_voting_ensemble": True,
        "debug_log": None,
    }


@pytest.mark.parametrize(("minutes", "taken"), [(0.5, 15), (15.0, 15), (20.2, 21), (60.0, 60)])
def test_a_time_out_is_never_cut_to_nothing(minutes: float, taken: int) -> None:
    arguments = automl_arguments(AutoMLConfig(experiment_timeout_minutes=minutes))

    assert arguments["experiment_timeout_minutes"] == taken


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"iteration_timeout_minutes": 0.2}, {"iteration_timeout_minutes": 1}),
        ({"allowed_models": ("LightGBM", "SVM"), "blocked_models": ("SVM",)},
         {"allowed_models": ["LightGBM"]}),
        ({"blocked_models": ("KNN",)}, {"blocked_models": ["KNN"]}),
        ({"enable_voting_ensemble": False}, {"enable_stack_ensemble": False}),
        ({"n_cross_validations": 3}, {"n_cross_validations": 3}),
        ({"validation_size": 0.2}, {"validation_size": 0.2}),
    ],
)  # fmt: skip
def test_settings_are_passed_on(settings: dict[str, Any], expected: dict[str, Any]) -> None:
    arguments = automl_arguments(AutoMLConfig(**settings))

    assert expected.items() <= arguments.items()
    assert "blocked_models" not in arguments or "allowed_models" not in arguments


def test_forecasting_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="time column"):
        automl_arguments(AutoMLConfig(task="forecasting"))


def test_what_azure_ml_does_otherwise_is_said() -> None:
    found = noticed(
        automl={
            "experiment_timeout_minutes": 0.5,
            "iteration_timeout_minutes": 0.5,
            "random_state": 3,
            "exclude_columns": ("duration",),
        },
        dataset={"source": "https://example.org/a.csv", "max_megabytes": 5.0},
    )

    assert "0.5 becomes 15" in found["automl.experiment_timeout_minutes"]
    assert "0.5 becomes 1" in found["automl.iteration_timeout_minutes"]
    assert set(found) >= {
        "automl.random_state",
        "automl.exclude_columns",
        "automl.missing_label",
        "dataset.source",
        "dataset.max_megabytes",
    }


def test_what_azure_ml_honours_is_not_mentioned() -> None:
    assert set(noticed(dataset={"source": "data.csv"})) == {"automl.missing_label"}


def test_models_that_only_the_local_engine_has_are_left_out_and_named() -> None:
    automl = {"allowed_models": ("LightGBM", "MultiLayerPerceptron")}

    arguments = automl_arguments(AutoMLConfig(allowed_models=("LightGBM", "MultiLayerPerceptron")))

    assert arguments["allowed_models"] == ["LightGBM"]
    assert noticed(automl=automl)["automl.allowed_models"] == "Azure ML lacks MultiLayerPerceptron"


def test_a_block_of_what_only_the_local_engine_has_is_nothing_to_azure() -> None:
    assert "blocked_models" not in automl_arguments(
        AutoMLConfig(blocked_models=("MultiLayerPerceptron",))
    )


def test_where_azure_has_none_of_the_allowed_models_it_says_which_it_has() -> None:
    only_local = AutoMLConfig(allowed_models=("MultiLayerPerceptron",))

    with pytest.raises(UnsupportedError, match=r"none of automl\.allowed_models.*LightGBM"):
        automl_arguments(only_local)
