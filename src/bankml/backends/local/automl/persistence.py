"""Models on disk, by skops: nothing is unpickled, and only known types are made."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from bankml.backends.local.automl.sound_trees import check_trees
from bankml.errors import ModelError, UntrustedModelError

if TYPE_CHECKING:
    from pathlib import Path

    from sklearn.pipeline import Pipeline

_PACKAGE = "bankml.backends.local.automl"
TRUSTED_TYPES: tuple[str, ...] = (
    f"{_PACKAGE}.features.columns.CategoryEncoder",
    f"{_PACKAGE}.features.columns.DateEncoder",
    f"{_PACKAGE}.features.columns.NumberEncoder",
    f"{_PACKAGE}.features.encoding.FrameEncoding",
    f"{_PACKAGE}.features.text.TextEncoder",
    f"{_PACKAGE}.models.booster.BoosterModel",
    f"{_PACKAGE}.models.encoder.FrameEncoder",
    f"{_PACKAGE}.models.networks.FastMLPClassifier",
    f"{_PACKAGE}.models.networks.FastMLPRegressor",
    f"{_PACKAGE}.models.piecewise.PiecewiseLinearEncoder",
    f"{_PACKAGE}.models.scaling.ClippingScaler",
    f"{_PACKAGE}.models.selection.ColumnSelection",
    f"{_PACKAGE}.models.support_vectors.RadialBasisSVC",
    f"{_PACKAGE}.models.support_vectors.RadialBasisSVR",
    f"{_PACKAGE}.models.voting.SoftVotingClassifier",
    f"{_PACKAGE}.models.voting.SoftVotingRegressor",
    "numpy.dtype",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.compose._target.TransformedTargetRegressor",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
)
"""The types that a model of ours may hold beside those that skops trusts by itself."""


def save_model(model: Pipeline, path: Path) -> None:
    """Write a model.

    Args:
        model: A pipeline made by the engine.
        path: The file; replaced if it exists.

    Raises:
        ModelError: It holds a type with which `load_model` would refuse it.
    """
    import skops.io

    skops.io.dump(model, path, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
    strange = set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED_TYPES)
    if strange:
        path.unlink()
        raise ModelError(
            f"The model holds types that can't be read again safely ({', '.join(sorted(strange))})."
            f" Leave its algorithms out by automl.blocked_models."
        )


def load_model(path: Path) -> Pipeline:
    """Read a model that `save_model` wrote.

    Args:
        path: The file.

    Returns:
        The pipeline.

    Raises:
        UntrustedModelError: It holds a type that no model of ours holds.
        ModelError: It can't be read as a model.
    """
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        model = skops.io.load(path, trusted=list(TRUSTED_TYPES))
    except UntrustedTypesFoundException as error:
        raise UntrustedModelError(
            f"{path} holds types that no bankml model needs ({error}), so it was not loaded. "
            f"Train it again, or get it from a source you trust."
        ) from error
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path} can't be read as a model: {error}. Train it again.") from error
    check_trees(model)
    return model
