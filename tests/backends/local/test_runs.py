"""A run from its submission to its end, with everything real but the engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from bankml.backends.local import LocalBackend, dispatch
from bankml.backends.local.triggers import Trigger
from bankml.config import PublishConfig
from bankml.errors import DataError, NotFoundError, RunError, RunNotFinishedError, UnsupportedError
from bankml.manifest import check_hash, read_manifest
from bankml.status import RunStatus

from . import standin
from .conftest import plan, wait_for_children, wait_for_end, wait_until

if TYPE_CHECKING:
    from bankml.backends.base import DatasetRecord


def test_a_run_ends_with_children_metrics_and_a_model(
    backend: LocalBackend, dataset: DatasetRecord
) -> None:
    begun = datetime.now(timezone.utc)

    run = wait_for_end(backend, backend.submit(plan(), dataset))

    assert run.status is RunStatus.FINISHED
    assert run.created is not None
    assert run.started is not None
    assert run.ended is not None
    assert begun <= run.created <= run.started <= run.ended
    assert "a note" in run.warnings
    children = backend.children(run.id)
    assert [child.id for child in children] == [f"{run.id}_0", f"{run.id}_1"]
    assert json.loads(backend.fetch_output(run.id, "Metrics").read_text()) == {
        child.id: {name: [value] for name, value in child.metrics.items()} for child in children
    }
    folder = backend.fetch_output(run.id, "Model")
    manifest = read_manifest(folder)
    assert check_hash(folder, manifest).read_bytes() == b"a model"
    assert (manifest.dataset_fingerprint, manifest.features) == (dataset.fingerprint, ("x",))


def test_the_same_run_again_is_reused(backend: LocalBackend, dataset: DatasetRecord) -> None:
    first = wait_for_end(backend, backend.submit(plan(), dataset))

    second = backend.submit(plan(), dataset)

    assert (second.status, second.reused_from) == (RunStatus.FINISHED, first.id)
    assert backend.children(second.id) == backend.children(first.id)
    assert backend.fetch_output(second.id, "Model") == backend.fetch_output(first.id, "Model")
    assert backend.log(second.id).startswith(f"Reused from {first.id}")


@pytest.mark.parametrize("change", [{"reuse": False}, {"iterations": 3}])
def test_other_settings_or_no_reuse_train_anew(
    backend: LocalBackend, dataset: DatasetRecord, change: dict[str, int]
) -> None:
    wait_for_end(backend, backend.submit(plan(), dataset))

    run = backend.submit(plan(**change), dataset)  # type: ignore[arg-type]  # either option

    assert run.reused_from is None


def test_lost_outputs_are_not_reused(backend: LocalBackend, dataset: DatasetRecord) -> None:
    first = wait_for_end(backend, backend.submit(plan(), dataset))
    backend.fetch_output(first.id, "Metrics").unlink()

    second = backend.submit(plan(), dataset)

    assert second.reused_from is None
    assert any(first.id in problem for problem in backend.integrity_check())


def test_a_failed_engine_fails_the_run_and_says_why(
    backend: LocalBackend, dataset: DatasetRecord
) -> None:
    run = wait_for_end(backend, backend.submit(plan(random_state=standin.FAILS), dataset))

    assert run.status is RunStatus.FAILED
    assert run.failure is not None
    assert run.failure.step == "automl_module"
    assert run.failure.message == "No candidate finished."
    assert "No candidate finished." in backend.log(run.id)
    assert "No candidate finished." not in run.failure.log_tail  # once is enough
    with pytest.raises(RunNotFinishedError, match="Failed"):
        backend.fetch_output(run.id, "Model")


def test_a_regression_of_texts_starts_no_run(backend: LocalBackend, dataset: DatasetRecord) -> None:
    with pytest.raises(DataError, match=r"'y' holds string, but regression needs numbers"):
        backend.submit(plan(task="regression"), dataset)

    assert backend.list_runs() == ()
    assert backend.submit(plan(task="regression", label_column_name="x"), dataset).id


def test_outputs_before_the_end_are_refused(backend: LocalBackend, dataset: DatasetRecord) -> None:
    run = backend.submit(plan(random_state=standin.HANGS), dataset)

    with pytest.raises(RunNotFinishedError, match="once it is Finished"):
        backend.fetch_output(run.id, "Metrics")


def test_a_running_run_is_canceled_with_its_workers(
    backend: LocalBackend, dataset: DatasetRecord
) -> None:
    run = backend.submit(plan(random_state=standin.HANGS), dataset)
    wait_for_children(backend, run, 3)
    pid = runner_pid(backend, run.id)

    backend.cancel(run.id)

    assert wait_for_end(backend, run).status is RunStatus.CANCELED
    assert [str(child.status) for child in backend.children(run.id)] == [
        "Finished", "Finished", "Canceled",
    ]  # fmt: skip
    wait_until(lambda: not group_members(pid))


def test_a_runner_that_ignores_a_cancel_is_killed(
    backend: LocalBackend, dataset: DatasetRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "CANCEL_SECONDS", 0.2)
    run = backend.submit(plan(random_state=standin.DEAF), dataset)
    wait_for_children(backend, run, 3)
    pid = runner_pid(backend, run.id)

    backend.cancel(run.id)

    assert wait_for_end(backend, run).status is RunStatus.CANCELED
    wait_until(lambda: not group_members(pid))


def test_a_queued_run_is_canceled_at_once(backend: LocalBackend, dataset: DatasetRecord) -> None:
    backend.submit(plan(random_state=standin.HANGS), dataset)
    queued = backend.submit(plan(reuse=False), dataset)
    assert queued.status is RunStatus.QUEUED

    backend.cancel(queued.id)

    assert backend.get_run(queued.id).status is RunStatus.CANCELED
    backend.cancel(queued.id)  # harmless


def test_the_next_run_begins_when_one_ends(backend: LocalBackend, dataset: DatasetRecord) -> None:
    runs = [backend.submit(plan(reuse=False), dataset) for _ in range(3)]

    # Nobody but the runners looks after the queue here.
    wait_until(lambda: list_states(backend) == ["Finished"] * len(runs))


def test_a_killed_runner_is_found_and_its_run_is_resumed(
    backend: LocalBackend, dataset: DatasetRecord
) -> None:
    run = backend.submit(plan(random_state=standin.HANGS, iterations=3), dataset)
    wait_for_children(backend, run, 4)
    pid = runner_pid(backend, run.id)
    os.kill(pid, signal.SIGKILL)

    failed = wait_for_end(backend, run)

    assert failed.status is RunStatus.FAILED
    assert failed.failure is not None
    assert failed.failure.code == "RunnerDied"
    assert f"--resume {run.id}" in failed.failure.message
    assert "begins with 0 finished candidates" in failed.failure.log_tail
    wait_until(lambda: not group_members(pid))

    backend.resume(run.id)
    wait_for_children(backend, run, 4)

    assert "begins with 3 finished candidates" in backend.log(run.id)


def test_a_finished_run_is_not_resumed(backend: LocalBackend, dataset: DatasetRecord) -> None:
    run = wait_for_end(backend, backend.submit(plan(), dataset))

    with pytest.raises(RunError, match="nothing to resume"):
        backend.resume(run.id)


@pytest.mark.usefixtures("dataset")
def test_a_run_outlives_the_process_that_submitted_it(backend: LocalBackend) -> None:
    script = (
        "import sys; from pathlib import Path;"
        "from tests.backends.local import standin; from tests.backends.local.conftest import plan;"
        "from bankml.backends.local import LocalBackend;"
        "backend = LocalBackend(Path(sys.argv[1]), cores=2, start=standin.start);"
        "dataset = backend.get_dataset('Bank Marketing Dataset');"
        "print(backend.submit(plan(), dataset).ref, flush=True);"
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    )
    caller = subprocess.run(
        [sys.executable, "-c", script, str(backend.layout.root)],
        check=False, capture_output=True, text=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip

    assert caller.returncode == -signal.SIGKILL, caller.stderr
    run = backend.get_run(caller.stdout.strip())
    assert wait_for_end(backend, run).status is RunStatus.FINISHED


def test_two_runners_never_carry_out_one_run(backend: LocalBackend, dataset: DatasetRecord) -> None:
    run = backend.submit(plan(random_state=standin.HANGS), dataset)
    wait_for_children(backend, run, 3)

    pid = standin.start(backend.layout, run.id, "another claim")
    wait_until(lambda: not psutil.pid_exists(pid) or is_zombie(pid))

    assert backend.get_run(run.id).status is RunStatus.RUNNING
    assert backend.log(run.id).count("begins with") == 1


def test_forecasting_says_that_it_needs_azure(
    backend: LocalBackend, dataset: DatasetRecord
) -> None:
    with pytest.raises(UnsupportedError, match="azureml"):
        backend.submit(plan(task="forecasting"), dataset)

    assert not backend.list_runs()


def test_unknown_runs_are_named(backend: LocalBackend) -> None:
    for ask in (backend.get_run, backend.children, backend.log, backend.cancel, backend.resume):
        with pytest.raises(NotFoundError, match="no-such-run"):
            ask("no-such-run")


def test_runs_are_listed_newest_first(backend: LocalBackend, dataset: DatasetRecord) -> None:
    first = backend.submit(plan(), dataset)
    second = backend.submit(plan(experiment="other"), dataset)

    assert [run.id for run in backend.list_runs()] == [second.id, first.id]
    assert [run.id for run in backend.list_runs("other")] == [second.id]
    assert [run.id for run in backend.list_runs(limit=1)] == [second.id]


def test_runs_are_found_by_tag(backend: LocalBackend, dataset: DatasetRecord) -> None:
    untagged = backend.submit(plan(), dataset)
    pipeline = backend.publish(untagged.id, PublishConfig())
    first, second = (
        backend.submit_published(Trigger(pipeline.id, "test", tags={"team": "risk", "n": number}))
        for number in ("1", "2")
    )

    assert [run.id for run in backend.find_runs({"team": "risk"})] == [second.id, first.id]
    assert [run.id for run in backend.find_runs({"team": "risk", "n": "1"})] == [first.id]
    assert not backend.find_runs({"team": "retail"})
    assert [run.id for run in backend.find_runs({})] == [second.id, first.id, untagged.id]


def runner_pid(backend: LocalBackend, run_id: str) -> int:
    with backend.database.read() as connection:
        return int(connection.execute("SELECT pid FROM runs WHERE id = ?", (run_id,)).fetchone()[0])


def list_states(backend: LocalBackend) -> list[str]:
    with backend.database.read() as connection:
        return [row["status"] for row in connection.execute("SELECT status FROM runs")]


def group_members(group: int) -> list[int]:
    """The living processes of a process group."""
    members = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group and not is_zombie(process.pid):
                members.append(process.pid)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return members


def is_zombie(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
