"""The emulator's certificate holds under the strict rules that Python 3.13 applies by default."""

from __future__ import annotations

import contextlib
import ssl
from typing import TYPE_CHECKING

from bankml.emulator.certificate import write_certificate

if TYPE_CHECKING:
    from pathlib import Path


def shake_hands(client: ssl.SSLObject, server: ssl.SSLObject, wires: list[ssl.MemoryBIO]) -> None:
    to_client, from_client, to_server, from_server = wires
    for _ in range(10):
        for side in (client, server):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
            to_server.write(from_client.read())
            to_client.write(from_server.read())


def test_a_strict_client_trusts_it(tmp_path: Path) -> None:
    files = write_certificate(tmp_path, ["data.example.org"])
    strict = ssl.create_default_context(cafile=str(files.bundle))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(files.chain, files.key)
    wires = [ssl.MemoryBIO() for _ in range(4)]
    client = strict.wrap_bio(wires[0], wires[1], server_hostname="data.example.org")
    server = serving.wrap_bio(wires[2], wires[3], server_side=True)

    shake_hands(client, server, wires)

    certificate = client.getpeercert()
    assert certificate
    assert certificate["subjectAltName"] == (("DNS", "data.example.org"),)
