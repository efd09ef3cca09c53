"""Nothing is loaded before its hash and its packages have been checked."""

from __future__ import annotations

import json
import os
import pickle
from importlib import metadata
from typing import TYPE_CHECKING, Any

import pytest

from bankml import ModelError, ModelMismatchError, UntrustedModelError, load_model
from bankml.manifest import Manifest, check_packages, read_manifest, sha256_of, write_manifest

if TYPE_CHECKING:
    from pathlib import Path


class Payload:
    """A pickle that leaves a trace when it is loaded, as a hostile one would.

    Args:
        program: What runs when it is loaded.
    """

    def __init__(self, program: str) -> None:
        self.program = program

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (exec, (self.program,))


def save(folder: Path, program: str, packages: dict[str, str] | None = None) -> None:
    """Save a pickled model that runs a program when it is loaded."""
    file = folder / "model.pkl"
    file.write_bytes(pickle.dumps(Payload(program)))
    if packages is None:
        packages = {"pandas": metadata.version("pandas")}
    manifest = Manifest(
        format="pickle", file=file.name, sha256=sha256_of(file), packages=packages, python="3.9.1"
    )
    write_manifest(folder, manifest)


def loads(folder: Path) -> list[dict[str, Any]]:
    """Return what each process that loaded the model had: its number and its variables."""
    trace = folder / "trace"
    return [json.loads(line) for line in trace.read_text().splitlines()] if trace.exists() else []


@pytest.fixture
def pickled(tmp_path: Path) -> Path:
    """A folder with a pickled model whose loading leaves a trace."""
    save(
        tmp_path,
        "import json, os;"
        f"file = open({str(tmp_path / 'trace')!r}, 'a');"
        "print(json.dumps({'pid': os.getpid(), **os.environ}), file=file); file.close()",
    )
    return tmp_path


def test_a_pickle_is_not_loaded_without_trust(pickled: Path) -> None:
    with pytest.raises(UntrustedModelError, match="trust=True"):
        load_model(pickled)

    assert loads(pickled) == []


def test_a_trusted_pickle_is_tried_in_a_process_without_our_credentials(
    pickled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "planted")

    load_model(pickled, trust=True)

    tried, here = loads(pickled)
    assert tried["pid"] != os.getpid()
    assert "AZURE_CLIENT_SECRET" not in tried
    assert tried["HOME"] != here["HOME"]
    assert here["pid"] == os.getpid()


@pytest.mark.parametrize(
    ("program", "word"),
    [
        ("import no_such_package", "no_such_package"),
        ("raise TypeError('of another version')", "of another version"),
        ("import os; os.abort()", "-6"),
        ("import sys; sys.exit(3)", "3"),
        ("import os; os._exit(0)", "0"),
    ],
)
def test_a_pickle_that_breaks_does_not_break_the_caller(
    tmp_path: Path, program: str, word: str
) -> None:
    save(tmp_path, program)

    with pytest.raises(ModelError, match="Install the packages") as caught:
        load_model(tmp_path, trust=True)

    assert word in str(caught.value)


def test_a_pickle_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bankml.unpickling.TRIAL_SECONDS", 0.5)
    save(tmp_path, "import threading; threading.Event().wait()")

    with pytest.raises(ModelError, match=r"not loaded within 0\.5 s"):
        load_model(tmp_path, trust=True)


def test_versions_that_are_not_recorded_can_not_be_compared(tmp_path: Path) -> None:
    save(tmp_path, "pass", packages={})

    with pytest.raises(ModelMismatchError, match="check_versions=False"):
        load_model(tmp_path, trust=True)

    load_model(tmp_path, trust=True, check_versions=False)


def test_a_changed_file_is_not_loaded_even_if_trusted(pickled: Path) -> None:
    with (pickled / "model.pkl").open("ab") as file:
        file.write(b"x")

    with pytest.raises(ModelError, match="SHA-256"):
        load_model(pickled, trust=True)
    assert loads(pickled) == []


def test_another_version_names_the_command_that_installs_it(pickled: Path) -> None:
    manifest = read_manifest(pickled)
    packages = {"pandas": "0.1", "no-such-package": "1.2"}
    write_manifest(pickled, manifest.model_copy(update={"packages": packages}))

    with pytest.raises(ModelMismatchError) as caught:
        load_model(pickled, trust=True)

    assert "pip install 'pandas==0.1' 'no-such-package==1.2'" in str(caught.value)
    assert "Python 3.9.1" in str(caught.value)
    assert loads(pickled) == []


def test_a_skops_file_allows_another_patch_release() -> None:
    major, minor = metadata.version("pandas").split(".")[:2]
    manifest = Manifest(
        format="skops", file="m", sha256="0" * 64, packages={"pandas": f"{major}.{minor}.99"}
    )

    check_packages(manifest)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "joblib"}'])
def test_a_damaged_manifest_is_our_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)

    with pytest.raises(ModelError, match="damaged"):
        load_model(tmp_path)


def test_a_manifest_can_not_point_out_of_its_folder(tmp_path: Path) -> None:
    text = '{"format": "pickle", "file": "../../etc/passwd", "sha256": "' + "0" * 64 + '"}'
    (tmp_path / "manifest.json").write_text(text)

    with pytest.raises(ModelError):
        load_model(tmp_path, trust=True)


def test_a_folder_without_a_model_is_our_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing"):
        load_model(tmp_path)
