"""The manifest beside a model: what it is, what it was trained with, and its hash."""

from __future__ import annotations

import hashlib
import json
from importlib import metadata
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bankml.errors import ModelError, ModelMismatchError
from bankml.model_folder import MANIFEST_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK = 1 << 20


class Manifest(BaseModel):
    """What is known of a saved model without loading it.

    Attributes:
        format: ``skops``, or ``pickle`` for a model that Azure ML trained.
        file: Name of the model's file, beside the manifest.
        sha256: SHA-256 of that file.
        task: ``classification`` or ``regression``.
        algorithm: Azure ML's name of the winning algorithm.
        primary_metric: Metric that ranked it.
        score: Its value for the winner, on validation data.
        label_column_name: The column it predicts.
        features: Names of the columns it takes, in order; empty where unknown.
        classes: The labels, for classification.
        python: Version of Python it was trained with.
        packages: Versions of the packages needed to load it.
        dataset: Name of the training data.
        dataset_version: Its version, or None where unknown.
        dataset_fingerprint: Its fingerprint, or None where unknown.
        synthetic: Whether it was trained on generated rows.
        run_id: The run that trained it.
        created: When it was saved (UTC, ISO 8601).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["skops", "pickle"]
    file: Annotated[str, Field(pattern=r"^[\w.-]+$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    task: str = "classification"
    algorithm: str = ""
    primary_metric: str = ""
    score: float | None = None
    label_column_name: str = ""
    features: tuple[str, ...] = ()
    classes: tuple[Any, ...] = ()
    python: str = ""
    packages: dict[str, str] = {}
    dataset: str = ""
    dataset_version: int | None = None
    dataset_fingerprint: str | None = None
    synthetic: bool = False
    run_id: str = ""
    created: str = ""


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest in a model's folder.

    Args:
        folder: The folder.

    Returns:
        The manifest.

    Raises:
        ModelError: There is none, or it is damaged.
    """
    path = folder / MANIFEST_NAME
    try:
        return Manifest.model_validate_json(path.read_text("utf-8"))
    except OSError as error:
        raise ModelError(
            f"{folder} is not a model's folder: {MANIFEST_NAME} is missing."
        ) from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is damaged; fetch or save the model again.") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest into a model's folder."""
    text = json.dumps(manifest.model_dump(mode="json"), indent=2)
    (folder / MANIFEST_NAME).write_text(text + "\n", "utf-8")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def check_hash(folder: Path, manifest: Manifest) -> Path:
    """Check that the model's file is the one that was saved.

    Args:
        folder: The model's folder.
        manifest: Its manifest.

    Returns:
        The model's file.

    Raises:
        ModelError: The file is missing or has been changed.
    """
    path = folder / manifest.file
    if not path.is_file():
        raise ModelError(f"The model's file {path} is missing; fetch or save the model again.")
    if sha256_of(path) != manifest.sha256:
        raise ModelError(
            f"{path} is not the file that was saved: its SHA-256 differs from the manifest's. "
            "It was not loaded; fetch the model again."
        )
    return path


def check_packages(manifest: Manifest) -> None:
    """Compare the installed packages with those the model was trained with.

    A pickle needs the same versions; a skops file the same release (the first two numbers).

    Args:
        manifest: The model's manifest.

    Raises:
        ModelMismatchError: A version differs; the message has the command that mends it.
    """
    exact = manifest.format == "pickle"
    wrong = list(_differences(manifest.packages, exact))
    if not wrong:
        return
    found = ", ".join(
        f"{name} {have or 'missing'} (trained with {want})" for name, want, have in wrong
    )
    command = "pip install " + " ".join(f"'{name}=={want}'" for name, want, _ in wrong)
    python = f" It was trained on Python {manifest.python}." if exact and manifest.python else ""
    raise ModelMismatchError(
        f"The model was trained with other packages than those installed: {found}. "
        f"Install them with: {command}{python}"
    )


def installed_version(package: str) -> str | None:
    """Return the installed version of a package, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _differences(packages: dict[str, str], exact: bool) -> Iterator[tuple[str, str, str | None]]:
    for name, wanted in packages.items():
        have = installed_version(name)
        if have is None or _significant(have, exact) != _significant(wanted, exact):
            yield name, wanted, have


def _significant(version: str, exact: bool) -> tuple[str, ...]:
    parts = tuple(version.split("."))
    return parts if exact else parts[:2]
