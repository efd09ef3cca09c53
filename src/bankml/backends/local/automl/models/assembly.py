"""From the files that the workers wrote to the final pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sklearn.pipeline import Pipeline

    from bankml.backends.local.automl.features.encoding import FrameEncoding


def assemble(
    encoding: FrameEncoding, derive: bool, candidates: Sequence[tuple[Sequence[Path], float]],
    classes: Any, temperature: float = 1.0,
) -> Pipeline:  # fmt: skip
    """Return the pipeline of one candidate or of an ensemble.

    Args:
        encoding: How the raw columns are encoded.
        derive: Whether dates and texts are taken apart.
        candidates: For each the folders with its models, and its weight, which they share.
        classes: The original labels, or None for regression.
        temperature: What the logarithms of the averaged probabilities are divided by.

    Returns:
        A pipeline that takes the raw frame.
    """
    from sklearn.pipeline import Pipeline

    from bankml.backends.local.automl.models.encoder import FrameEncoder
    from bankml.backends.local.automl.models.voting import SoftVotingClassifier, SoftVotingRegressor

    members, shares = [], []
    for folders, weight in candidates:
        models = [model for folder in folders for model in load_models(folder)]
        members += models
        shares += [weight / len(models)] * len(models)
    final = (
        ("regressor", SoftVotingRegressor(members, shares))
        if classes is None
        else ("classifier", SoftVotingClassifier(members, shares, classes, temperature))
    )
    return Pipeline([("encoder", FrameEncoder.from_encoding(encoding, derive=derive)), final])


def load_models(folder: Path) -> list[Any]:
    """Return the models of a folder, in order: of a candidate's folds, or its refitted copies."""
    stems = sorted(
        {path.stem for path in folder.glob("model*.*")}, key=lambda stem: int(stem[len("model") :])
    )
    return [_load_model(folder / stem) for stem in stems]


def rounds_of(folder: Path, classes: int) -> int:
    """Return how many rounds the boosters of a folder have on average; 0 where there are none.

    Args:
        folder: The folder with a candidate's models.
        classes: Number of classes; a round grows one tree for each where they are more than two.
    """
    trees = [_trees(path) for path in folder.glob("model*.txt")]
    per_round = classes if classes > 2 else 1
    return round(sum(trees) / len(trees) / per_round) if trees else 0


def _trees(path: Path) -> int:
    """Count the trees in LightGBM's text."""
    return sum(line.startswith("Tree=") for line in path.read_text().splitlines())


def _load_model(path: Path) -> Any:
    import joblib

    from bankml.backends.local.automl.models.booster import BoosterModel

    text, prepared = path.with_suffix(".txt"), path.with_suffix(".joblib")
    booster = BoosterModel(text.read_text()) if text.exists() else None
    if not prepared.exists():
        return booster
    # The run's own workers wrote this file into the run's own scratch folder.
    estimator = joblib.load(prepared)
    return [estimator, booster] if booster is not None else estimator
