"""Blob storage, and the files that stand for public URLs.

The part of the Blob service's REST interface that the SDK and its native reader use: block blobs,
block lists, ranged reads and listing (documented under "Blob Storage REST API").
"""

from __future__ import annotations

import re
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bankml.emulator.answers import ServiceProblemError
from bankml.emulator.blobs import etag
from bankml.emulator.bodies import StrictRoute

if TYPE_CHECKING:
    from pathlib import Path

    from bankml.emulator.service import Service

VERSION = "2020-10-02"
ANSWERS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "There is no such blob, or it can't have this name"},
    201: {"description": "The blob or the block was kept"},
    206: {"description": "The range that was asked for"},
}


def router(service: Service) -> APIRouter:
    """Return the router."""
    routes = APIRouter(route_class=StrictRoute, default_response_class=Response, responses=ANSWERS)
    _add_reading(routes, service)
    _add_writing(routes, service)
    return routes


def _add_reading(routes: APIRouter, service: Service) -> None:
    @routes.get("/url/{path:path}", name="url.get")
    @routes.head("/url/{path:path}", name="url.head")
    def read_url(path: str, request: Request) -> Response:
        if request.query_params.get("restype") == "container":
            return Response(headers={"x-ms-version": VERSION, "ETag": '"0x1"'})
        file = service.urls.find(request.url.hostname or "", f"/{path}")
        return _read(request, file) if file is not None else _missing()

    @routes.get("/blob/{container}", name="blob.list")
    def list_blobs(container: str, prefix: str = "") -> Response:
        return _xml(_listing(service, container, list(service.blobs.names(container, prefix))))

    @routes.head("/blob/{container}", name="blob.container")
    def head_container(container: str) -> Response:
        del container
        return Response(headers={"x-ms-version": VERSION, "ETag": '"0x1"'})

    @routes.get("/blob/{container}/{name:path}", name="blob.get")
    @routes.head("/blob/{container}/{name:path}", name="blob.head")
    def read_blob(container: str, name: str, request: Request) -> Response:
        path = service.blobs.path(container, name)
        return _read(request, path) if path.is_file() else _missing()


def _add_writing(routes: APIRouter, service: Service) -> None:
    @routes.put("/blob/{container}/{name:path}", name="blob.put")
    async def write(
        container: str, name: str, request: Request, comp: str = "", blockid: str = ""
    ) -> Response:
        body = await request.body()
        if comp == "block":
            service.blobs.add_block(container, name, blockid, body)
        elif comp == "blocklist":
            service.blobs.commit_blocks(container, name, _block_ids(body))
        elif not comp:
            service.blobs.write(container, name, body)
        return Response(
            status_code=200 if comp in ("metadata", "properties") else 201,
            headers={"ETag": '"0x1"', "Last-Modified": formatdate(usegmt=True)}
            | {"x-ms-version": VERSION, "x-ms-request-server-encrypted": "true"},
        )

    @routes.delete("/blob/{container}/{name:path}", name="blob.delete", status_code=202)
    def delete(container: str, name: str) -> Response:
        deleted = service.blobs.delete(container, name)
        return Response(status_code=202) if deleted else _missing()


def _read(request: Request, path: Path) -> Response:
    size = path.stat().st_size
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": etag(path),
        "Last-Modified": formatdate(path.stat().st_mtime, usegmt=True),
        "x-ms-version": VERSION,
        "x-ms-blob-type": "BlockBlob",
        "x-ms-lease-status": "unlocked",
        "x-ms-lease-state": "available",
        "x-ms-server-encrypted": "true",
        "x-ms-creation-time": formatdate(path.stat().st_ctime, usegmt=True),
    }
    if request.method == "HEAD":
        return Response(headers=headers | {"Content-Length": str(size)})
    wanted = request.headers.get("x-ms-range") or request.headers.get("range") or ""
    found = re.fullmatch(r"bytes=(\d{1,18})-(\d{0,18})", wanted)
    if found is None or int(found[1]) > int(found[2] or found[1]):
        return Response(path.read_bytes(), headers=headers)
    first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
    if first >= size:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    with path.open("rb") as file:
        file.seek(first)
        data = file.read(last - first + 1)
    return Response(data, 206, headers | {"Content-Range": f"bytes {first}-{last}/{size}"})


def _missing() -> Response:
    body = "<Error><Code>BlobNotFound</Code><Message>There is no such blob.</Message></Error>"
    return _xml(body, 404, {"x-ms-error-code": "BlobNotFound"})


def _xml(body: str, status: int = 200, headers: dict[str, Any] | None = None) -> Response:
    text = f'<?xml version="1.0" encoding="utf-8"?>{body}'
    headers = {"x-ms-version": VERSION} | (headers or {})
    return Response(text, status, headers, media_type="application/xml")


def _listing(service: Service, container: str, names: list[str]) -> str:
    blobs = "".join(_entry(name, service.blobs.path(container, name)) for name in names)
    return (
        f'<EnumerationResults ServiceEndpoint="{escape(service.secure_url)}/" '
        f'ContainerName="{escape(container)}"><Blobs>{blobs}</Blobs><NextMarker/>'
        "</EnumerationResults>"
    )


def _entry(name: str, path: Path) -> str:
    status = path.stat()
    return (
        f"<Blob><Name>{escape(name)}</Name><Properties>"
        f"<Last-Modified>{formatdate(status.st_mtime, usegmt=True)}</Last-Modified>"
        f"<Etag>{escape(etag(path))}</Etag><Content-Length>{status.st_size}</Content-Length>"
        "<Content-Type>application/octet-stream</Content-Type><Content-Encoding/>"
        "<Content-Language/><Content-MD5/><Cache-Control/><Content-Disposition/>"
        "<BlobType>BlockBlob</BlobType><LeaseStatus>unlocked</LeaseStatus>"
        "<LeaseState>available</LeaseState><ServerEncrypted>true</ServerEncrypted>"
        "</Properties></Blob>"
    )


def _block_ids(body: bytes) -> list[str]:
    try:
        root = ET.fromstring(body)  # noqa: S314 - sent by the program under test itself
    except (ET.ParseError, ValueError) as error:
        raise ServiceProblemError(400, "InvalidXmlDocument", f"{error}") from error
    return [str(node.text) for node in root]
