"""The emulator: everything started together and stopped together."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bankml.emulator.app import create_app
from bankml.emulator.blobs import BlobStore, UrlMap
from bankml.emulator.certificate import write_certificate
from bankml.emulator.environment import environment
from bankml.emulator.faults import DEFAULT_ROUTES, Fault, FaultKind, Faults
from bankml.emulator.pipeline_runs import PipelineRuns
from bankml.emulator.service import DEFAULT_WORKSPACE, Service
from bankml.emulator.store import DocumentStore
from bankml.emulator.tokens import TokenIssuer
from bankml.emulator.training import LocalTraining
from bankml.emulator.transport import HOST, Connections, Listeners
from bankml.errors import ConfigError, WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from typing_extensions import Self

    from bankml.emulator.service import RequestRecord
    from bankml.emulator.training import Training

STATE_FOLDER = "emulator"
CANCEL_SECONDS = 15.0
CANCEL_POLL_SECONDS = 0.05


class Emulator:
    """An Azure ML v1 service on 127.0.0.1 that the unmodified SDK talks to.

    Use it as a context manager::

        with Emulator() as emulator:
            workspace = Workspace(**emulator.config_dict, auth=emulator.auth)

    In one process the SDK reads the data of one emulator at a time: its native reader remembers a
    workspace by its names, which are the same in all emulators. One after the other is fine.

    Args:
        path: Folder of the local workspace that holds runs and datasets; a temporary one where
            None, deleted at the end.
        maps: Files and folders by the public URL that they stand for.
        any_workspace: Whether to answer for every workspace that is asked for, rather than only
            for the one in ``config_dict``.
        training: Makes what trains, given the workspace's folder; the local engine by default.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        maps: Mapping[str, str | Path] | None = None,
        any_workspace: bool = False,
        training: Callable[[Path], Training] = LocalTraining,
    ) -> None:
        self._path = Path(path).absolute() if path is not None else None
        self._urls = UrlMap({url: _existing(Path(to)) for url, to in (maps or {}).items()})
        self._workspace = None if any_workspace else DEFAULT_WORKSPACE
        self._training = training
        self._stack = ExitStack()
        self._service: Service | None = None
        self._files: dict[str, Path] = {}

    def start(self) -> Self:
        """Start to answer, and return the emulator itself."""
        if self._service is not None:
            return self
        with ExitStack() as stack:
            scratch = Path(stack.enter_context(_scratch_folder()))
            self._service = self._begin(stack, self._path or scratch / "workspace", scratch)
            self._stack = stack.pop_all()
        return self

    def stop(self) -> None:
        """Stop to answer and delete what was temporary; harmless when it is not running."""
        service, self._service = self._service, None
        if service is not None and self._path is None:
            _end_runs(service)
        self._stack.close()

    def __enter__(self) -> Self:
        """Start to answer."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop to answer."""
        self.stop()

    @property
    def url(self) -> str:
        """Base URL of the services."""
        return self._running().url

    @property
    def config_dict(self) -> dict[str, str]:
        """Names of the workspace, as ``Workspace`` and ``config.json`` take them."""
        names = self._running().workspace or DEFAULT_WORKSPACE
        return {
            "subscription_id": names.subscription_id,
            "resource_group": names.resource_group,
            "workspace_name": names.name,
        }

    @property
    def environ(self) -> dict[str, str]:
        """Environment variables that lead the SDK of another process here."""
        return environment(self._running(), self._files["bundle"], self._files["home"])

    @property
    def auth(self) -> Any:
        """An ``azureml`` authentication object that leads the SDK of this process here.

        Requests to blobs use TLS: set the variables ``REQUESTS_CA_BUNDLE`` and ``SSL_CERT_FILE``
        of ``environ`` first.
        """
        from bankml.backends.azureml.fixed_auth import fixed_authentication

        service = self._running()
        names = service.workspace or DEFAULT_WORKSPACE
        return fixed_authentication(service.url, self.token, names.subscription_id)

    @property
    def workspace_folder(self) -> Path:
        """Folder of the local workspace that holds runs and datasets."""
        self._running()
        return self._files["workspace"]

    @property
    def requests(self) -> tuple[RequestRecord, ...]:
        """Every request so far, oldest first."""
        return tuple(self._running().requests)

    def token(self) -> str:
        """Return a fresh bearer token."""
        return self._running().tokens.issue()

    def fail(
        self,
        kind: FaultKind | str,
        route: str | None = None,
        *,
        count: int | None = 1,
        retry_after: float = 1.0,
        probability: float = 1.0,
        seed: int = 0,
    ) -> Fault:
        """Let something go wrong.

        Args:
            kind: What goes wrong.
            route: Name of the routes where it does, ``*`` and ``?`` allowed; where None, those
                where it makes sense.
            count: How often, or None for always.
            retry_after: Seconds in ``Retry-After``.
            probability: Share of the matching requests that it happens to.
            seed: Decides which, where the probability is below 1.

        Returns:
            The fault; ``happened`` counts how often it happened.
        """
        import random

        kind = FaultKind(kind)
        route = route or DEFAULT_ROUTES.get(kind, "*")
        fault = Fault(kind, route, count, retry_after, probability, random.Random(seed))  # noqa: S311
        return self._running().faults.add(fault)

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self._running().faults.clear()

    def _begin(self, stack: ExitStack, workspace: Path, scratch: Path) -> Service:
        state = workspace / STATE_FOLDER
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        home = scratch / "home"
        home.mkdir()
        store = DocumentStore(state / "emulator.db")
        stack.callback(store.close)
        connections = Connections()
        listeners = Listeners(connections)
        stack.callback(listeners.stop)
        certificate = write_certificate(scratch, {HOST, "localhost", *self._urls.hosts})
        self._files = {"bundle": certificate.bundle, "home": home, "workspace": workspace}
        service = Service(
            store=store,
            blobs=BlobStore(state / "blobs"),
            urls=self._urls,
            tokens=TokenIssuer(),
            training=self._training(workspace),
            faults=Faults(),
            connections=connections,
            ports={name: listeners.port(name) for name in ("http", "tls", "proxy")},
            workspace=self._workspace,
        )
        listeners.start(create_app(service), certificate, self._urls.hosts)
        return service

    def _running(self) -> Service:
        if self._service is None:
            raise WorkspaceError(
                "The emulator is not running. Use it in a with statement, or call start() first."
            )
        return self._service


def _scratch_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="bankml-", ignore_cleanup_errors=True)


def _end_runs(service: Service) -> None:
    """Cancel what still runs in a workspace that is about to be deleted."""
    deadline = time.monotonic() + CANCEL_SECONDS
    for step_id in PipelineRuns(service).cancel_all():
        while not service.training.run(step_id).status.is_terminal:
            if time.monotonic() > deadline:
                return
            time.sleep(CANCEL_POLL_SECONDS)


def _existing(path: Path) -> Path:
    if not path.exists():
        raise ConfigError(f"There is no file or folder {str(path)!r} to stand for a URL.")
    return path.absolute()
