"""References, notices, the stored configuration, the token, processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bankml.backends.local import LocalBackend, endpoint, processes
from bankml.backends.local.refs import local_run_id, make_ref, parse_ref
from bankml.backends.local.submission import stored_config
from bankml.config import WorkflowConfig
from bankml.errors import NotFoundError, WorkspaceError


@pytest.mark.parametrize("folder", ["/home/me/.bankml", "/a b/#1/ü?%41"])
def test_a_reference_names_the_workspace_and_the_run(folder: str) -> None:
    ref = make_ref(Path(folder), "1f0c")

    assert parse_ref(ref) == (Path(folder), "1f0c")
    assert local_run_id(ref, Path(folder)) == "1f0c"
    assert local_run_id("1f0c", Path(folder)) == "1f0c"


@pytest.mark.parametrize("ref", ["local://", "local:///folder", "azureml://x#1", "local://#1"])
def test_what_is_no_reference_is_refused(ref: str) -> None:
    with pytest.raises(NotFoundError, match="is not a reference"):
        local_run_id(ref, Path("/folder"))


def test_a_reference_of_another_workspace_says_which() -> None:
    with pytest.raises(NotFoundError, match=r"/theirs.*Set workspace\.path"):
        local_run_id("local:///theirs#1", Path("/mine"))


def test_options_without_a_local_meaning_are_reported() -> None:
    config = WorkflowConfig().replace(
        compute={"vm_priority": "lowpriority", "min_nodes": 1, "idle_seconds_before_scaledown": 5},
        workspace={"subscription_id": "s", "auth": "azure_cli"},
        automl={"allowed_models": ("LightGBM", "XGBoostClassifier"),
                "max_concurrent_iterations": 1000},
    )  # fmt: skip

    notices = {notice.path: notice.message for notice in LocalBackend.notices(config)}

    assert set(notices) == {
        "compute.vm_size",
        "compute.vm_priority",
        "compute.min_nodes",
        "compute.idle_seconds_before_scaledown",
        "workspace.subscription_id",
        "workspace.auth",
        "automl.max_concurrent_iterations",
        "automl.allowed_models",
    }
    assert "XGBoostClassifier" in notices["automl.allowed_models"]


def test_this_machines_cores_do_not_bound_what_a_cluster_carries() -> None:
    config = WorkflowConfig().replace(
        compute={"parallel_backend": {"backend": "dask"}},
        automl={"max_concurrent_iterations": 1000},
    )

    paths = [notice.path for notice in LocalBackend.notices(config)]

    assert "automl.max_concurrent_iterations" not in paths


def test_forecasting_is_noticed_before_anything_runs() -> None:
    config = WorkflowConfig().replace(automl={"task": "forecasting"})

    paths = [notice.path for notice in LocalBackend.notices(config)]

    assert "automl.task" in paths


def test_a_key_in_a_url_is_not_stored() -> None:
    source = "https://user:planted@example.org/data.csv?sig=planted#planted"

    document = stored_config(WorkflowConfig().replace(dataset={"source": source}))

    assert document["dataset"]["source"] == "https://example.org/data.csv"


def test_the_token_is_private_made_once_and_rotated(backend: LocalBackend) -> None:
    layout = backend.layout
    first = endpoint.ensure_token(layout)

    assert endpoint.ensure_token(layout) == first
    assert backend.trigger_headers() == {"Authorization": f"Bearer {first}"}
    assert layout.token.stat().st_mode & 0o777 == 0o600
    assert endpoint.rotate_token(layout) != first
    assert layout.token.stat().st_mode & 0o777 == 0o600
    assert list(layout.root.glob(".tmp-*")) == []


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_file_that_holds_no_token_opens_nothing(backend: LocalBackend, content: bytes) -> None:
    endpoint.ensure_token(backend.layout)
    backend.layout.token.write_bytes(content)

    with pytest.raises(WorkspaceError, match="--rotate-token"):
        backend.trigger_headers()


def test_only_a_living_server_is_used(backend: LocalBackend) -> None:
    layout = backend.layout
    assert endpoint.base_url(layout) == endpoint.DEFAULT_URL

    endpoint.announce_server(layout, "http://127.0.0.1:9999")
    assert endpoint.base_url(layout) == "http://127.0.0.1:9999"

    text = layout.server.read_text().replace(f'"pid": {os.getpid()}', '"pid": 999999999')
    layout.server.write_text(text)
    assert endpoint.base_url(layout) == endpoint.DEFAULT_URL
    endpoint.withdraw_server(layout)  # not ours: it stays
    assert layout.server.exists()


def test_of_two_servers_the_other_one_is_left(backend: LocalBackend) -> None:
    layout = backend.layout
    script = (
        "import sys; from pathlib import Path; from bankml.backends.local import LocalBackend;"
        "from bankml.backends.local.endpoint import announce_server;"
        "announce_server(LocalBackend(Path(sys.argv[1])).layout, 'http://127.0.0.1:9001');"
        "print('announced', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(layout.root)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "announced\n"
        endpoint.announce_server(layout, "http://127.0.0.1:9002")
        with_both = endpoint.base_url(layout)
        endpoint.withdraw_server(layout)
        with_the_other = endpoint.base_url(layout)
        other.kill()
        other.wait()

    assert [with_both, with_the_other] == ["http://127.0.0.1:9002", "http://127.0.0.1:9001"]
    assert endpoint.base_url(layout) == endpoint.DEFAULT_URL


def test_a_process_is_known_again_and_not_mistaken() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    ) as process:
        known = processes.identity_of(process.pid)

        assert processes.is_alive(known.pid, known.created)
        assert not processes.is_alive(known.pid, known.created - 3600)
        processes.kill_session(known.pid, known.created - 3600)  # a later process: spared
        assert process.poll() is None
        processes.kill_session(known.pid, known.created)

    assert process.returncode == -signal.SIGKILL
    assert not processes.is_alive(known.pid, known.created)
    assert processes.signal_name(process.returncode) == "SIGKILL"


@pytest.mark.parametrize("pid", [0, 1])
def test_the_machine_itself_is_never_signalled(pid: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *target: sent.append(target))
    monkeypatch.setattr(os, "killpg", lambda *target: sent.append(target))
    known = processes.identity_of(pid)

    processes.request_stop(known.pid, known.created)
    processes.kill_session(known.pid, known.created)

    assert sent == []
