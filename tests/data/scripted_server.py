"""An HTTP server on loopback that answers as a test scripts it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Answer:
    """One answer: its status, headers, and the bytes of the body that really leave."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    """The ``Content-Length`` to claim; None for the true one, negative for none at all."""


@dataclass
class Script:
    """The answers still to give (the last one is repeated) and the requests seen so far."""

    url: str
    answers: list[Answer]
    requests: list[dict[str, str]] = field(default_factory=list)

    def next(self, path: str, headers: dict[str, str]) -> Answer:
        self.requests.append({"path": path, **headers})
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def scripted_server(*answers: Answer) -> Iterator[Script]:
    """Serve the answers, one for each request."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = script.next(self.path, {k.lower(): v for k, v in self.headers.items()})
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            claimed = len(answer.body) if answer.length is None else answer.length
            if claimed >= 0:
                self.send_header("Content-Length", str(claimed))
            self.end_headers()
            self.wfile.write(answer.body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        script = Script(f"http://127.0.0.1:{server.server_port}", list(answers))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
