"""The backend on Azure ML. Importing it does not import the Azure ML SDK."""

from __future__ import annotations

from bankml.backends.azureml.backend import AzureMLBackend

__all__ = ["AzureMLBackend"]
