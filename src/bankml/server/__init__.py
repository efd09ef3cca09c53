"""The local endpoint: published pipelines answer to HTTP, with Azure ML's paths and bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bankml.server.app import create_app
    from bankml.server.command import serve
    from bankml.server.serving import RunningServer, running_server, serve_in_thread

_WHERE = {
    "RunningServer": "bankml.server.serving",
    "create_app": "bankml.server.app",
    "running_server": "bankml.server.serving",
    "serve": "bankml.server.command",
    "serve_in_thread": "bankml.server.serving",
}

__all__ = ["RunningServer", "create_app", "running_server", "serve", "serve_in_thread"]


def __getattr__(name: str) -> object:
    """Load FastAPI and uvicorn when the server is asked for."""
    import importlib

    if name in _WHERE:
        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
