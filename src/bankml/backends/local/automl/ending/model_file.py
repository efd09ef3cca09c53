"""The final model as files, put together by a worker at the end of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bankml.backends.local.automl.data.meaning import Meaning
from bankml.backends.local.automl.ending.kept_predictions import Average, KeptPredictions
from bankml.model_folder import MODEL_NAME, VALIDATION_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bankml.backends.local.automl.training.store import Store


@dataclass(frozen=True)
class ModelFiles:
    """What was written.

    Attributes:
        model: The pipeline, as skops writes it.
        predictions: Its predictions for the rows it was validated on, as Parquet.
        classes: The original labels in the order of the probabilities; empty for regression.
    """

    model: Path
    predictions: Path
    classes: tuple[Any, ...]


def write_model(
    store: Store, average: Average, folders: Mapping[int, Sequence[Path]], derive: bool
) -> ModelFiles:
    """Put the final pipeline together and write it into the run's folder.

    Args:
        store: The data, in whose folder everything is.
        average: The children and their weights.
        folders: Folders of the models of each child.
        derive: Whether dates and texts are taken apart.

    Returns:
        The files.
    """
    from bankml.backends.local.automl.models.assembly import assemble
    from bankml.backends.local.automl.persistence import save_model
    from bankml.backends.local.automl.training.libraries import load_for_the_end

    load_for_the_end()
    meaning = Meaning.read(store.folder)
    members = [(folders[number], weight) for number, weight in average.weights.items()]
    model = assemble(meaning.encoding, derive, members, meaning.classes, average.temperature)
    files = ModelFiles(
        store.folder / MODEL_NAME,
        store.folder / VALIDATION_NAME,
        () if meaning.classes is None else tuple(meaning.classes.tolist()),
    )
    save_model(model, files.model)
    KeptPredictions(store).write(average, meaning.classes, files.predictions)
    return files
