"""What all routers share."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

    from bankml.emulator.blobs import BlobStore, UrlMap
    from bankml.emulator.faults import Faults
    from bankml.emulator.store import DocumentStore
    from bankml.emulator.tokens import TokenIssuer
    from bankml.emulator.training import Training
    from bankml.emulator.transport import Connections

WORKSPACE_PATTERN = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resource[gG]roups/(?P<group>[^/]+)"
    r"/providers/Microsoft\.MachineLearningServices/workspaces/(?P<name>[^/]+)"
)
LOCATION = "westeurope"
STORAGE_ACCOUNT = "emulatorstore"
DATASTORE = "workspaceblobstore"
SAS = "sv=2020-08-04&sig=emulator"


@dataclass(frozen=True)
class WorkspaceAddress:
    """The three names by which Azure knows a workspace."""

    subscription_id: str
    resource_group: str
    name: str

    @property
    def path(self) -> str:
        """The workspace's resource id."""
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{self.name}"
        )


DEFAULT_WORKSPACE = WorkspaceAddress(
    "11111111-1111-1111-1111-111111111111", "bankml-emulator", "bankml-emulator"
)


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass
class Service:
    """The emulated service.

    Attributes:
        store: Documents.
        blobs: Blobs.
        urls: Files that stand for public URLs.
        tokens: Issues and checks bearer tokens.
        training: Trains.
        faults: Faults that are to happen.
        connections: The open connections.
        workspace: The only workspace there is, or None to answer for any.
        ports: Ports by ``http``, ``tls`` and ``proxy``.
        requests: Every request so far, oldest first.
        lock: Held where documents are looked at and then put, as requests are answered in threads.
        identity_key: A part of the managed identity's address.
        identity_secret: What the managed identity wants to see before it gives a token.
    """

    store: DocumentStore
    blobs: BlobStore
    urls: UrlMap
    tokens: TokenIssuer
    training: Training
    faults: Faults
    connections: Connections
    ports: dict[str, int]
    workspace: WorkspaceAddress | None = DEFAULT_WORKSPACE
    requests: list[RequestRecord] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    identity_key: str = field(default_factory=_secret, repr=False)
    identity_secret: str = field(default_factory=_secret, repr=False)

    @property
    def url(self) -> str:
        """Base URL of the services that need no TLS."""
        return f"http://127.0.0.1:{self.ports['http']}"

    @property
    def secure_url(self) -> str:
        """Base URL with TLS."""
        return f"https://127.0.0.1:{self.ports['tls']}"

    @property
    def storage_suffix(self) -> str:
        """What stands for ``core.windows.net``: user information, so that no name is looked up."""
        return f"x@127.0.0.1:{self.ports['tls']}"

    @property
    def storage_url(self) -> str:
        """Base URL of the blobs, as the SDK puts it together."""
        return f"https://{STORAGE_ACCOUNT}.blob.{self.storage_suffix}"


@dataclass(frozen=True)
class RequestRecord:
    """One request that the emulator answered.

    Attributes:
        method: The HTTP method.
        path: The path, with the workspace's part.
        route: Name of the route, for example ``pipelines.submit``; empty for an unknown one.
        status: Status of the answer, or 0 where the connection was dropped.
    """

    method: str
    path: str
    route: str
    status: int


def workspace_path(request: Request) -> str:
    """Return the resource id of the workspace that a request is about."""
    path = request.scope.get("workspace", DEFAULT_WORKSPACE.path)
    return str(path)
