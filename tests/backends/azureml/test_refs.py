"""A ref is a string that leads back to the run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankml import NotFoundError, WorkspaceConfig
from bankml.backends.azureml import AzureMLBackend
from bankml.backends.azureml.refs import RunRef, is_ref, parse_ref

names = st.text(min_size=1, max_size=30)


@given(names, names, names, names, names)
def test_any_names_survive(
    subscription: str, group: str, workspace: str, experiment: str, run: str
) -> None:
    ref = RunRef(subscription, group, workspace, experiment, run)

    assert parse_ref(str(ref)) == ref
    assert is_ref(str(ref))


def test_a_ref_names_its_workspace() -> None:
    ref = RunRef("subscription", "group", "workspace", "experiment", "run")

    found = AzureMLBackend.workspace_of(str(ref))

    assert found == WorkspaceConfig(
        subscription_id="subscription", resource_group="group", workspace_name="workspace"
    )


@pytest.mark.parametrize("text", ["azureml://", "azureml://runs/1", "local://x#y", ""])
def test_other_strings_are_refused(text: str) -> None:
    with pytest.raises(NotFoundError, match="not the ref of an Azure ML run"):
        parse_ref(text)


def test_an_id_is_not_a_ref() -> None:
    assert not is_ref("0f8fad5b-d9cb-469f-a165-70867728950e")
