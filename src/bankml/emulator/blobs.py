"""Blob storage in a folder, and folders that stand for public URLs."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import uuid
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from bankml.emulator.answers import ServiceProblemError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DATASTORE_CONTAINER = "azureml-blobstore"
SNAPSHOT_CONTAINER = "azureml-snapshots"
CONTAINERS = (DATASTORE_CONTAINER, SNAPSHOT_CONTAINER)
LONGEST_PART = 200


class BlobError(ServiceProblemError):
    """A blob can't be kept or found under the name that was given."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "InvalidResourceName", message)


class BlobStore:
    """Containers of blobs, kept as files.

    Args:
        folder: Where the containers are; made where absent.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._blocks: dict[tuple[str, str], dict[str, bytes]] = {}
        self._lock = threading.Lock()

    def path(self, container: str, name: str) -> Path:
        """Return the file of a blob, whether or not it is there.

        Raises:
            BlobError: The name would lead out of the container, or is no name for a file.
        """
        parts = PurePosixPath(name).parts
        usable = parts and ".." not in parts and parts[0] != "/" and container in CONTAINERS
        if not usable or "\0" in name or max(len(part.encode()) for part in parts) > LONGEST_PART:
            raise BlobError(f"{name[:200]!r} is not a name for a blob in {container[:200]!r}")
        return self._folder / container / Path(*parts)

    def write(self, container: str, name: str, data: bytes) -> Path:
        """Store a blob; a reader sees the old one or the new one, never a part."""
        target = self.path(container, name)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f".{uuid.uuid4().hex}.part")
            part.write_bytes(data)
            part.replace(target)
        except OSError as error:
            raise BlobError(f"{name[:200]!r} can't be written: {error.strerror}.") from error
        return target

    def add_block(self, container: str, name: str, block_id: str, data: bytes) -> None:
        """Keep one block of a blob until its list is committed."""
        with self._lock:
            self._blocks.setdefault((container, name), {})[block_id] = data

    def commit_blocks(self, container: str, name: str, block_ids: list[str]) -> Path:
        """Store a blob made of earlier blocks.

        Raises:
            BlobError: A block was never added.
        """
        with self._lock:
            blocks = self._blocks.pop((container, name), {})
        missing = set(block_ids) - blocks.keys()
        if missing:
            raise BlobError(f"The block {min(missing)[:200]!r} was never added.")
        return self.write(container, name, b"".join(blocks[block_id] for block_id in block_ids))

    def names(self, container: str, prefix: str = "") -> Iterator[str]:
        """Yield the names of the blobs that begin with a prefix, in order."""
        root = self._folder / container if container in CONTAINERS else Path(os.devnull)
        names = (
            (Path(folder) / file).relative_to(root).as_posix()
            for folder, _, files in os.walk(root)
            for file in files
            if not file.endswith(".part")
        )
        yield from sorted(name for name in names if name.startswith(prefix))

    def delete(self, container: str, name: str) -> bool:
        """Delete a blob; whether there was one."""
        target = self.path(container, name)
        if not target.is_file():
            return False
        target.unlink()
        return True

    def clear(self) -> None:
        """Delete everything."""
        shutil.rmtree(self._folder, ignore_errors=True)


@dataclass(frozen=True)
class UrlMap:
    """Files and folders that stand for public URLs.

    Attributes:
        entries: A file or folder by URL, for example
            ``https://account.blob.core.windows.net/container``.
    """

    entries: Mapping[str, Path] = field(default_factory=dict)

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that the emulator answers for."""
        return frozenset(filter(None, (urlsplit(url).hostname for url in self.entries)))

    def find(self, host: str, path: str) -> Path | None:
        """Return the file that stands for a URL, or None.

        Args:
            host: The URL's host.
            path: The URL's path, decoded.

        Returns:
            An existing file, or None.
        """
        for url, target in self.entries.items():
            parts = urlsplit(url)
            base = unquote(parts.path).rstrip("/")
            if (parts.hostname or "") != host.lower():
                continue
            if path == base and target.is_file():
                return target
            inside = _inside(target, path[len(base) + 1 :]) if path.startswith(base + "/") else None
            if inside is not None:
                return inside
        return None

    def find_url(self, url: str) -> Path | None:
        """Return the file that stands for a whole URL, or None."""
        parts = urlsplit(url)
        return self.find(parts.hostname or "", unquote(parts.path))


def _inside(folder: Path, name: str) -> Path | None:
    target = (folder / name).resolve()
    if target.is_file() and target.is_relative_to(folder.resolve()):
        return target
    return None


def etag(path: Path) -> str:
    """Return an entity tag that changes when a file does."""
    status = path.stat()
    text = f"{path}:{status.st_size}:{status.st_mtime_ns}"
    return f'"0x{hashlib.sha256(text.encode()).hexdigest()[:15].upper()}"'
