"""The configuration is strict, and says what is wrong in one go."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankml import AutoMLConfig, ComputeConfig, ConfigError, WorkflowConfig
from bankml.backends.local.automl.algorithms import ALGORITHMS
from bankml.config import find_config, load_config, parse_config

if TYPE_CHECKING:
    from pathlib import Path

AZURE_FILE = {"subscription_id": "s", "resource_group": "g", "workspace_name": "w"}


def problems_of(document: Any) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        parse_config(document)
    return {problem.path: str(problem) for problem in caught.value.problems}


def test_the_defaults_are_those_of_the_notebook() -> None:
    config = WorkflowConfig()

    assert config.experiment_name == "bank-marketing-experiment"
    assert (config.compute.name, config.compute.vm_size) == (
        "cluster-bank-marketing-1",
        "STANDARD_D2_V2",
    )
    assert (config.compute.min_nodes, config.compute.max_nodes) == (0, 4)
    assert config.automl.primary_metric == "AUC_weighted"
    assert config.automl.experiment_timeout_minutes == 20
    assert config.automl.max_concurrent_iterations == 5
    assert (config.pipeline.step_name, config.pipeline.allow_reuse) == ("automl_module", True)
    assert (config.publish.name, config.publish.version) == ("Bank Marketing Train", "1.0")
    assert config.publish.experiment_name == "pipeline-bank-rest-endpoint"


def test_the_example_file_holds_the_defaults(request: pytest.FixtureRequest) -> None:
    example = load_config(request.config.rootpath / "config.example.json")

    assert example.model_dump(exclude={"workspace"}) == (
        WorkflowConfig().model_dump(exclude={"workspace"})
    )


def test_the_example_file_goes_to_azure_by_changing_one_word(
    request: pytest.FixtureRequest,
) -> None:
    example = load_config(request.config.rootpath / "config.example.json")

    assert example.replace(backend="azureml").backend == "azureml"


def test_an_unknown_key_is_named_with_the_nearest_one() -> None:
    found = problems_of({"automl": {"max_concurent_iterations": 3}})

    assert "max_concurrent_iterations" in found["automl.max_concurent_iterations"]
    assert "Did you mean" in found["automl.max_concurent_iterations"]


def test_a_misspelt_metric_is_named_with_the_nearest_one() -> None:
    found = problems_of({"automl": {"primary_metric": "AUC_wighted"}})

    assert "Did you mean 'AUC_weighted'?" in found["automl.primary_metric"]
    assert "norm_macro_recall" in found["automl.primary_metric"]


def test_the_beginning_of_a_metric_is_enough_to_be_asked_for_it() -> None:
    found = problems_of({"automl": {"primary_metric": "auc"}})

    assert "Did you mean 'AUC_weighted'?" in found["automl.primary_metric"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "must have at least 1 character"),
        (" \t", "must have a character that is not a blank"),
        ("x" * 256, "must have at most 255 characters"),
    ],
)
def test_a_name_that_can_not_be_read_is_refused_in_our_words(name: str, words: str) -> None:
    found = problems_of({"experiment_name": name, "publish": {"experiment_name": name}})

    assert found["experiment_name"] == f"experiment_name: {words}"
    assert found["publish.experiment_name"] == f"publish.experiment_name: {words}"


def test_all_problems_come_at_once() -> None:
    found = problems_of(
        {"backend": "azure", "automl": {"iterations": "5"}, "compute": {"min_nodes": 9}}
    )

    assert set(found) == {"backend", "automl.iterations", "compute"}


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("automl", "experiment_timeout_minutes", "20"),
        ("automl", "experiment_timeout_minutes", 0),
        ("automl", "experiment_timeout_minutes", float("nan")),
        ("automl", "iterations", True),
        ("automl", "validation_size", 1.0),
        ("automl", "n_cross_validations", 1),
        ("automl", "featurization", "of"),
        ("automl", "allowed_models", ["LightGMB"]),
        ("automl", "debug_log", "../escape.log"),
        ("compute", "max_nodes", 0),
        ("compute", "name", ""),
        ("dataset", "version", 0),
        ("dataset", "separator", ";;"),
        ("pipeline", "metrics_output", 3),
    ],
)
def test_wrong_types_and_impossible_values_are_named(section: str, key: str, value: Any) -> None:
    assert set(problems_of({section: {key: value}})) == {f"{section}.{key}"}


@pytest.mark.parametrize(
    "automl",
    [
        {"n_cross_validations": 3, "validation_size": 0.2},
        {"label_column_name": "y", "exclude_columns": ["y"]},
        {"allowed_models": ["LightGBM"], "blocked_models": ["LightGBM"]},
    ],
)
def test_values_that_contradict_each_other_are_refused(automl: dict[str, Any]) -> None:
    assert set(problems_of({"automl": automl})) == {"automl"}


def test_the_default_metric_follows_the_task() -> None:
    assert AutoMLConfig(task="regression").primary_metric == "normalized_root_mean_squared_error"


def test_a_section_on_its_own_raises_our_error_too() -> None:
    with pytest.raises(ConfigError, match="min_nodes"):
        ComputeConfig(min_nodes=3, max_nodes=2)


def test_a_plain_azure_file_gives_the_azureml_backend_and_the_defaults() -> None:
    config = parse_config(AZURE_FILE)

    assert config.backend == "azureml"
    assert config.workspace.workspace_name == "w"
    assert config.automl == WorkflowConfig().automl


def test_azureml_without_its_workspace_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"workspace\.subscription_id"):
        parse_config({"backend": "azureml"})


@pytest.mark.parametrize("key", ["client_secret", "sas_token", "password", "account_key"])
def test_a_secret_is_refused_and_not_repeated(key: str) -> None:
    found = problems_of({"workspace": {key: "hush-hush"}})

    assert "environment" in found[f"workspace.{key}"]
    assert "hush-hush" not in found[f"workspace.{key}"]


def test_the_file_is_found_as_azure_finds_it(tmp_path: Path) -> None:
    (tmp_path / ".azureml").mkdir()
    (tmp_path / ".azureml" / "config.json").write_text(json.dumps(AZURE_FILE))
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)

    assert find_config(deep) == tmp_path / ".azureml" / "config.json"
    (deep / "config.json").write_text("{}")
    assert find_config(deep) == deep / "config.json"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", '{"backend": "local", "backend": 1}'])
def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)

    with pytest.raises(ConfigError):
        load_config(path)


def test_a_missing_file_says_where_to_begin(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.example\.json"):
        load_config(tmp_path / "nothing.json")


def test_replace_checks_the_whole_again() -> None:
    config = WorkflowConfig().replace(automl={"iterations": 3}, experiment_name="other")

    assert (config.automl.iterations, config.experiment_name) == (3, "other")
    with pytest.raises(ConfigError):
        config.replace(automl={"iterations": 0})


def test_a_configuration_can_not_be_changed() -> None:
    config = WorkflowConfig()

    with pytest.raises(ConfigError, match=r"experiment_name can't be set.*config\.replace"):
        config.experiment_name = "other"  # type: ignore[misc] # the point of the test


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
sections = st.sampled_from(["automl", "compute", "dataset", "workspace", "backend", "publish"])


@given(document=st.dictionaries(sections | st.text(max_size=6), json_values, max_size=3))
def test_any_document_is_either_valid_or_our_error(document: dict[str, Any]) -> None:
    with suppress(ConfigError):
        config = parse_config(document)
        assert parse_config(json.loads(config.model_dump_json())) == config


@pytest.mark.parametrize(
    ("task", "name"), [(task, name) for task, names in ALGORITHMS.items() for name in names]
)
def test_every_model_that_a_local_run_tries_can_be_blocked(task: Any, name: str) -> None:
    assert AutoMLConfig(task=task, blocked_models=(name,)).blocked_models == (name,)
