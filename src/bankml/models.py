"""The best model: raw rows in, original labels out."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bankml.data.frames import check_frame
from bankml.errors import BankmlError, DataError, ModelError, UntrustedModelError
from bankml.manifest import Manifest, check_hash, check_packages, read_manifest
from bankml.model_folder import MANIFEST_NAME
from bankml.suggestions import nearest
from bankml.unpickling import unpickle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    import pandas as pd

_MOST_NAMED = 5
"""Missing columns that an error names."""


class BestModel:
    """A trained model that takes raw rows and gives original labels.

    Args:
        pipeline: The scikit-learn pipeline.
        manifest: What is known of it.
        folder: Folder it was loaded from.
    """

    def __init__(self, pipeline: Any, manifest: Manifest, folder: Path) -> None:
        self.pipeline = pipeline
        self.manifest = manifest
        self._folder = folder

    @property
    def steps(self) -> list[tuple[str, Any]]:
        """The pipeline's steps, as scikit-learn has them."""
        return list(self.pipeline.steps)

    @property
    def classes_(self) -> Any:
        """The labels, in the order of the columns of :meth:`predict_proba`."""
        return self.pipeline.classes_

    def predict(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """Predict.

        Args:
            frame: Raw rows with the training columns, in any order; the label may be there.

        Returns:
            One label, or one number for regression, per row: shape ``(n_rows,)``.

        Raises:
            DataError: The rows are not a frame, have a column twice, or a text that is not Unicode.
            ModelError: A column is missing.
        """
        features = self._features(frame)
        with _text_errors():
            result: np.ndarray[Any, Any] = self.pipeline.predict(features)
        return result

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """Predict probabilities.

        Args:
            frame: Raw rows, as for :meth:`predict`.

        Returns:
            Probabilities, shape ``(n_rows, n_classes)``, columns in the order of ``classes_``.

        Raises:
            DataError: The rows are not a frame, have a column twice, or a text that is not Unicode.
            ModelError: A column is missing, or the model is a regression.
        """
        if self.manifest.task != "classification":
            raise ModelError("A regression has no probabilities; use predict().")
        features = self._features(frame)
        with _text_errors():
            result: np.ndarray[Any, Any] = self.pipeline.predict_proba(features)
        return result

    def save(self, path: str | Path) -> Path:
        """Save the model and its manifest.

        Args:
            path: A folder that does not exist yet, or is empty.

        Returns:
            The folder, to be loaded with :func:`load_model`.

        Raises:
            ModelError: The folder has something in it.
        """
        folder = Path(path)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ModelError(f"{folder} is not empty; choose another folder for the model.")
        folder.mkdir(parents=True, exist_ok=True)
        for name in (self.manifest.file, MANIFEST_NAME):
            shutil.copyfile(self._folder / name, folder / name)
        return folder

    def _features(self, frame: pd.DataFrame) -> pd.DataFrame:
        wanted = list(self.manifest.features)
        check_frame(frame, wanted)
        missing = [name for name in wanted if name not in frame.columns]
        if missing:
            raise ModelError(
                f"The rows lack {_listed(missing)}; the model was trained on {len(wanted)} columns "
                "and needs all of them (a missing value in a row is fine)."
                f"{_renames(missing, set(map(str, frame.columns)) - set(wanted))}"
            )
        return frame[wanted] if wanted else frame

    def __repr__(self) -> str:
        """Return algorithm, metric and the pipeline's steps."""
        manifest = self.manifest
        score = "" if manifest.score is None else f" {manifest.primary_metric}={manifest.score:.5f}"
        synthetic = " trained on synthetic data" if manifest.synthetic else ""
        steps = " → ".join(name for name, _ in self.steps)
        return f"BestModel({manifest.algorithm}{score}{synthetic}: {steps})"

    def _repr_html_(self) -> str:
        html = getattr(self.pipeline, "_repr_html_", None)
        return str(html()) if html else f"<pre>{self!r}</pre>"


def load_model(path: str | Path, *, trust: bool = False, check_versions: bool = True) -> BestModel:
    """Load a model that was saved with :meth:`BestModel.save` or fetched from a run.

    The file's hash is checked first, then the versions of the packages. Nothing is unpickled unless
    ``trust`` is true: unpickling runs code from the file. A pickle is loaded in a process of its
    own first, which also compares the versions; only when that went well it is loaded in this one,
    where it can do all that this process can.

    Args:
        path: The model's folder.
        trust: Whether the file may be unpickled. Say so only for models from your own workspace.
        check_versions: Whether differing package versions are an error.

    Returns:
        The model.

    Raises:
        ModelError: The folder has no model, its file has been changed, or it can't be loaded here.
        ModelMismatchError: Packages differ from those it was trained with, or those of a pickle
            are not recorded; the message says what to install.
        UntrustedModelError: It is a pickle and ``trust`` is false.
    """
    folder = Path(path)
    manifest = read_manifest(folder)
    file = check_hash(folder, manifest)
    if manifest.format == "pickle" and not trust:
        raise UntrustedModelError(
            f"{file.name} is a pickle: loading it runs code from the file. Pass trust=True if the "
            "model comes from a workspace that you trust."
        )
    if manifest.format == "pickle":
        pipeline = unpickle(file, manifest, check_versions=check_versions)
    else:
        pipeline = _load_skops(file, manifest if check_versions else None)
    return BestModel(pipeline, manifest, folder)


@contextmanager
def _text_errors() -> Iterator[None]:
    try:
        yield
    except UnicodeEncodeError as error:
        raise DataError(
            f"The rows have the text {error.object[:100]!a}, which is not valid Unicode "
            f"({error.reason}). Read the data again in its right encoding."
        ) from error


def _load_skops(file: Path, compared: Manifest | None) -> Any:
    from bankml.backends.local.automl.persistence import load_model as load_skops

    if compared is not None:
        check_packages(compared)
    try:
        return load_skops(file)
    except BankmlError:
        raise
    except Exception as error:  # a forged file leads skops astray in any way
        raise ModelError(
            f"{file} can't be read as a model ({type(error).__name__}: {str(error)[:200]}). "
            "It is damaged or forged; fetch the model again."
        ) from error


def _renames(missing: Sequence[str], others: Iterable[str]) -> str:
    """Return which of the other columns to rename, where a name is near to a missing one."""
    candidates = sorted(others)
    found = {name: nearest(name, candidates) for name in missing[:_MOST_NAMED]}
    pairs = [f"{there!r}: {name!r}" for name, there in found.items() if there]
    return f" Perhaps: rows.rename(columns={{{', '.join(pairs)}}})." if pairs else ""


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:_MOST_NAMED])
    return (
        f"the columns {shown} and {len(names) - _MOST_NAMED} more"
        if len(names) > _MOST_NAMED
        else f"the column(s) {shown}"
    )
