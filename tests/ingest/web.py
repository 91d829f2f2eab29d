"""A real HTTP server on loopback that answers from a script, for tests of the client."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """One response. ``length`` overrides Content-Length, so that a body can be cut off."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None


@dataclass
class Web:
    """A running server: its URL, and every request as (path with query, Authorization)."""

    url: str
    requests: list[tuple[str, str | None]]

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]


def answer(value: Any, **more: Any) -> Answer:
    return Answer(json.dumps(value).encode(), **more)


@contextmanager
def web(respond: Callable[[str], Answer]) -> Iterator[Web]:
    """Serve ``respond(path with query)``."""
    seen: list[tuple[str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, self.headers.get("Authorization")))
            given = respond(self.path)
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            size = len(given.body) if given.length is None else given.length
            self.send_header("Content-Length", str(size))
            self.end_headers()
            self.wfile.write(given.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Web(f"http://127.0.0.1:{server.server_port}", seen)
    finally:
        server.shutdown()
        server.server_close()


def scripted(*answers: Answer) -> Callable[[str], Answer]:
    """These answers in turn, then the last one for ever."""
    waiting = list(answers)
    return lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]
