"""Nothing is loaded before its hash and its packages have been checked."""

from __future__ import annotations

import pickle
from importlib import metadata
from typing import TYPE_CHECKING, Any

import pytest

from bankml import ModelError, ModelMismatchError, UntrustedModelError, load_model
from bankml.manifest import Manifest, check_packages, sha256_of, write_manifest

if TYPE_CHECKING:
    from pathlib import Path

LOADED: list[str] = []


class Payload:
    """A pickle that does something when it is loaded, as a hostile one would."""

    steps: tuple[tuple[str, Any], ...] = ()

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (_note, ("loaded",))


def _note(word: str) -> Payload:
    LOADED.append(word)
    return Payload()


@pytest.fixture
def pickled(tmp_path: Path) -> Path:
    """A folder with a pickled model whose loading leaves a trace."""
    LOADED.clear()
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(Payload()))
    packages = {"pandas": metadata.version("pandas")}
    manifest = Manifest(
        format="pickle",
        file="model.pkl",
        sha256=sha256_of(tmp_path / "model.pkl"),
        packages=packages,
    )
    write_manifest(tmp_path, manifest)
    return tmp_path


def test_a_pickle_is_not_loaded_without_trust(pickled: Path) -> None:
    with pytest.raises(UntrustedModelError, match="trust=True"):
        load_model(pickled)

    assert LOADED == []


def test_a_trusted_pickle_is_loaded(pickled: Path) -> None:
    load_model(pickled, trust=True)

    assert LOADED == ["loaded"]


def test_a_changed_file_is_not_loaded_even_if_trusted(pickled: Path) -> None:
    with (pickled / "model.pkl").open("ab") as file:
        file.write(b"x")

    with pytest.raises(ModelError, match="SHA-256"):
        load_model(pickled, trust=True)
    assert LOADED == []


def test_another_version_names_the_command_that_installs_it(pickled: Path) -> None:
    manifest = Manifest(
        format="pickle",
        file="model.pkl",
        sha256=sha256_of(pickled / "model.pkl"),
        packages={"pandas": "0.1", "no-such-package": "1.2"},
        python="3.9.1",
    )
    write_manifest(pickled, manifest)

    with pytest.raises(ModelMismatchError) as caught:
        load_model(pickled, trust=True)

    assert "pip install 'pandas==0.1' 'no-such-package==1.2'" in str(caught.value)
    assert "Python 3.9.1" in str(caught.value)
    assert LOADED == []


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
