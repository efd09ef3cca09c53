"""What is written beside a model: enough to judge it without loading it."""

from __future__ import annotations

import platform
from functools import lru_cache
from importlib import metadata
from typing import TYPE_CHECKING

from bankml.backends.local.moments import to_text, utc_now
from bankml.manifest import Manifest, installed_version

if TYPE_CHECKING:
    from bankml.backends.base import DatasetRecord
    from bankml.backends.local.automl import AutoMLResult, AutoMLSettings

PACKAGES = ("lightgbm", "numpy", "pandas", "scikit-learn", "scipy", "skops")
"""Packages whose versions decide whether a model can be loaded and says the same."""


@lru_cache(maxsize=1)
def bankml_version() -> str:
    """Return the installed version of bankml."""
    return metadata.version("bankml")


def make_manifest(
    *,
    run_id: str,
    file: str,
    sha256: str,
    settings: AutoMLSettings,
    result: AutoMLResult,
    dataset: DatasetRecord,
) -> Manifest:
    """Return the manifest of a trained model.

    Args:
        run_id: The run that trained it.
        file: Name of the model's file.
        sha256: That file's SHA-256.
        settings: What the engine was asked to do.
        result: What it found.
        dataset: The dataset version it was trained on.
    """
    left_out = {settings.label_column_name, *settings.exclude_columns}
    return Manifest(
        format="skops",
        file=file,
        sha256=sha256,
        task=settings.task,
        algorithm=result.best.algorithm,
        primary_metric=settings.primary_metric,
        score=result.best.score,
        label_column_name=settings.label_column_name,
        features=tuple(name for name in dataset.columns if name not in left_out),
        classes=result.classes,
        python=platform.python_version(),
        packages={name: version for name in PACKAGES if (version := installed_version(name))},
        dataset=dataset.name,
        dataset_version=dataset.version,
        dataset_fingerprint=dataset.fingerprint,
        synthetic=dataset.synthetic,
        run_id=run_id,
        created=to_text(utc_now()) or "",
    )
