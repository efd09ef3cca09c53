"""Everything a report shows, gathered from the run's records and outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bankml import outputs
from bankml.backends.base import MODEL_FILE_KIND
from bankml.evaluation.data_profile import DataProfile, profile
from bankml.evaluation.leakage import LeakageWarning, leakage_warnings
from bankml.report.evidence import Evidence, evidence
from bankml.status import RunStatus

if TYPE_CHECKING:
    import pandas as pd

    from bankml.backends.base import Backend, DatasetRecord, RunRecord
    from bankml.leaderboard import Leaderboard
    from bankml.manifest import Manifest


@dataclass(frozen=True)
class ReportContent:
    """What is known of a run.

    Attributes:
        record: The run.
        leaderboard: Its candidates so far.
        dataset: Its training data, or None where unknown.
        profile: What is in the training data, or None where it can't be read.
        manifest: What is known of its model, or None while there is none.
        evidence: What the model is worth, or None while there is none.
        leakage: Columns that may tell the outcome.
    """

    record: RunRecord
    leaderboard: Leaderboard
    dataset: DatasetRecord | None = None
    profile: DataProfile | None = None
    manifest: Manifest | None = None
    evidence: Evidence | None = None
    leakage: tuple[LeakageWarning, ...] = ()


def collect(
    backend: Backend, record: RunRecord, data: pd.DataFrame | None = None, *, trust: bool = False
) -> ReportContent:
    """Gather what a report shows. A run that is not finished has no model to show.

    Args:
        backend: Where the run is.
        record: The run.
        data: Rows to evaluate on that were not used in training, or None.
        trust: Whether a pickled model may be loaded.

    Raises:
        RunError: An output can't be read.
        ModelError: The model can't be loaded.
        DataError: The given rows can't be used.
    """
    record = backend.get_run(record.id)
    leaderboard = outputs.leaderboard(backend, record)
    dataset = _dataset(backend, record)
    frame = None if dataset is None else backend.read_dataset(dataset)
    described = None if frame is None else profile(frame)
    if record.status is not RunStatus.FINISHED:
        return ReportContent(record, leaderboard, dataset, described)
    model = outputs.best_model(backend, record, trust=trust)
    folder = backend.fetch_output(record.id, MODEL_FILE_KIND)
    found = evidence(model, folder, data, frame)
    columns = model.manifest.features or (() if frame is None else tuple(frame.columns))
    return ReportContent(
        record,
        leaderboard,
        dataset,
        described,
        model.manifest,
        found,
        leakage_warnings(columns, found.importance),
    )


def _dataset(backend: Backend, record: RunRecord) -> DatasetRecord | None:
    if record.dataset is None:
        return None
    return backend.get_dataset(record.dataset, record.dataset_version)
