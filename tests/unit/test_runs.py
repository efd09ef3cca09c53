"""What a run says of itself, in words and in a notebook."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from bankml import NotFoundError, attach
from bankml.backends.local import LocalBackend
from bankml.config import WorkflowConfig
from bankml.plan import Plan
from bankml.runs import Run

if TYPE_CHECKING:
    from pathlib import Path

    from bankml.backends.base import RunRecord


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalBackend:
    """A workspace whose runs stay in the queue."""
    monkeypatch.setattr("bankml.backends.local.dispatch.Dispatcher.dispatch", lambda _self: None)
    return LocalBackend(tmp_path / "workspace")


@pytest.fixture
def record(backend: LocalBackend) -> RunRecord:
    config = WorkflowConfig()
    frame = pd.DataFrame({"x": [1, 2, 3, 4], "y": ["yes", "no", "yes", "no"]})
    return backend.submit(Plan(config), backend.register_dataset(config.dataset, frame))


def test_a_run_tells_its_id_experiment_and_state(backend: LocalBackend, record: RunRecord) -> None:
    run = Run(backend, record)

    assert repr(run) == f"Run({record.id}, {record.experiment!r}, {record.status})"
    assert (run.id, run.ref, run.experiment) == (record.id, record.ref, record.experiment)
    assert run.record is record
    assert run.portal_url is None


def test_a_ref_alone_leads_back_to_the_run(record: RunRecord) -> None:
    assert attach(record.ref).record == record


@pytest.mark.parametrize("not_a_ref", ["0f8fad5b", "s3://bucket#run", "", "local"])
def test_attaching_needs_a_ref_or_a_workspace(not_a_ref: str) -> None:
    with pytest.raises(NotFoundError, match=r"Workflow\.from_config\(path\)\.attach\(id\)"):
        attach(not_a_ref)


def test_attaching_creates_no_workspace(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"

    with pytest.raises(NotFoundError, match="no workspace at"):
        attach(f"local://{nowhere}#run")

    assert not nowhere.exists()


def test_a_run_tells_whose_outputs_it_has(backend: LocalBackend, record: RunRecord) -> None:
    run = Run(backend, replace(record, reused_from="earlier"))

    assert run.reused_from == "earlier"
    assert repr(run).endswith(", reused from earlier)")


def test_a_notebook_shows_what_is_known_and_no_markup_of_others(
    backend: LocalBackend, record: RunRecord
) -> None:
    html = Run(backend, replace(record, experiment="<b>spring</b>"))._repr_html_()

    assert "<tr><th>Experiment</th><td>&lt;b&gt;spring&lt;/b&gt;</td></tr>" in html
    assert record.id in html
    assert "Portal" not in html


def test_a_handle_of_a_failed_run_sees_that_it_was_resumed(
    backend: LocalBackend, record: RunRecord
) -> None:
    with backend.database.write() as connection:
        connection.execute("UPDATE runs SET status = 'Failed' WHERE id = ?", (record.id,))
    run = Run(backend, record)
    assert run.done()

    backend.resume(record.id)

    assert not run.done()


@pytest.mark.parametrize(
    ("automl", "words"),
    [
        ({"n_cross_validations": 4}, "4-fold cross-validation"),
        ({"validation_size": 0.25}, "25% of the rows held out"),
        ({}, "held out where the rows are many"),
    ],
)
def test_a_plan_says_how_candidates_are_validated(automl: dict[str, float], words: str) -> None:
    assert words in str(Plan(WorkflowConfig().replace(automl=automl)))


@pytest.mark.parametrize(
    ("allow_reuse", "words"),
    [(True, "earlier outputs reused if data"), (False, "always trained anew")],
)
def test_a_plan_says_whether_outputs_are_reused(allow_reuse: bool, words: str) -> None:
    config = WorkflowConfig().replace(pipeline={"allow_reuse": allow_reuse})

    assert words in str(Plan(config))
