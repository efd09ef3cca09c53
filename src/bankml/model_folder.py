"""Names of the files in the folder of a model."""

from __future__ import annotations

MANIFEST_NAME = "manifest.json"
MODEL_NAME = "model.skops"
"""Of a model that was trained locally; one from Azure ML is a pickle of another name."""
VALIDATION_NAME = "validation.parquet"
"""Its predictions for validation rows: ``row``, ``truth``, and ``probability_<class>`` or
``prediction``."""
