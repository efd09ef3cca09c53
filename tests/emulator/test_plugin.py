"""The pytest fixture that comes with the emulator."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import pytest
import requests

from bankml.emulator import Emulator
from bankml.errors import WorkspaceError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_fixture_sets_the_environment(azureml_emulator: Emulator) -> None:
    assert os.environ["ARM_CLOUD_METADATA_URL"].startswith(azureml_emulator.url)
    secret = {"secret": os.environ["MSI_SECRET"]}
    answer = requests.get(os.environ["MSI_ENDPOINT"], headers=secret, timeout=30).json()
    header = {"Authorization": f"Bearer {answer['access_token']}"}
    assert requests.get(azureml_emulator.url + "/subscriptions", headers=header, timeout=30).ok


def test_an_emulator_that_is_not_running_says_so() -> None:
    with pytest.raises(WorkspaceError, match="not running"):
        _ = Emulator().url


def test_stopping_leaves_no_thread_and_starting_again_keeps_what_was_there(
    tmp_path: Path,
) -> None:
    before = set(threading.enumerate())
    emulator = Emulator(tmp_path / "workspace")

    with emulator:
        first = _create_experiment(emulator)
    assert set(threading.enumerate()) == before
    emulator.stop()

    with emulator:
        assert _create_experiment(emulator) == first


def test_the_next_emulator_is_where_the_earliest_was_as_the_sdk_remembers_that_one() -> None:
    with Emulator() as earliest:
        url = earliest.url
        with Emulator() as beside:
            assert beside.url != url

    with Emulator() as following:
        assert following.url == url


def _create_experiment(emulator: Emulator) -> dict[str, Any]:
    names = emulator.config_dict
    path = (
        f"/history/v1.0/subscriptions/{names['subscription_id']}/resourceGroups/"
        f"{names['resource_group']}/providers/Microsoft.MachineLearningServices/workspaces/"
        f"{names['workspace_name']}/experiments/kept"
    )
    header = {"Authorization": f"Bearer {emulator.token()}"}
    answer: dict[str, Any] = requests.post(emulator.url + path, headers=header, timeout=30).json()
    return answer
