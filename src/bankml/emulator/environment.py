"""The environment variables that lead an unmodified SDK to the emulator."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from bankml.emulator.service import Service

LOOPBACK = "127.0.0.1,localhost"
KEPT_FOLDERS = {
    "IPYTHONDIR": ".ipython",
    "JUPYTER_CONFIG_DIR": ".jupyter",
    "PYTHONUSERBASE": ".local",
    "XDG_CACHE_HOME": ".cache",
}
"""Folders that would move with ``HOME`` but have nothing to do with the SDK."""


def environment(service: Service, bundle: Path, home: Path) -> dict[str, str]:
    """Return the variables.

    Args:
        service: The emulated service.
        bundle: The trusted authorities, ours among them.
        home: An empty folder; the SDK keeps caches in ``~/.azureml`` that must not be mixed up.

    Returns:
        Variables for another process: where the cloud is, how to get a token, which certificate
        to trust, which proxy to use, and that no telemetry is sent.
    """
    proxy = f"http://127.0.0.1:{service.ports['proxy']}"
    variables = {
        "ARM_CLOUD_METADATA_URL": f"{service.url}/metadata/endpoints",
        "AZUREML_CURRENT_CLOUD": "AzureCloud",
        "MSI_ENDPOINT": f"{service.url}/identity/{service.identity_key}/token",
        "MSI_SECRET": service.identity_secret,
        "REQUESTS_CA_BUNDLE": str(bundle),
        "SSL_CERT_FILE": str(bundle),
        "HBI_WORKSPACE_JOB": "true",
        "NO_PROXY": LOOPBACK,
        "no_proxy": LOOPBACK,
        "HOME": str(home),
    }
    if service.urls.hosts:
        names = ("HTTPS_PROXY", "https_proxy", "http_proxy")
        variables |= dict.fromkeys(names, proxy)
    return variables | _kept_folders()


def _kept_folders() -> dict[str, str]:
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() fails where there is none
    return {
        name: os.path.join(home, folder)  # noqa: PTH118
        for name, folder in KEPT_FOLDERS.items()
        if name not in os.environ and os.path.isdir(os.path.join(home, folder))  # noqa: PTH112,PTH118
    }
