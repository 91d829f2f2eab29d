"""A local HTTP server in the place of Twilio and Zendesk: real paging, auth and rate limits.

Used by the demo, by ``python -m ingest.simulator serve`` and by tests. Listens on loopback only.
"""

from __future__ import annotations

import argparse
import base64
import re
import sys
import threading
import time
from collections import Counter
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from ingest.simulator.http_api import Api, ApiError, account_path, to_ms, twilio_error
from ingest.simulator.http_tables import Source, load_tables
from ingest.simulator.ids import ACCOUNT_SID

MAX_RATE_LIMITED = 4
MAX_TRUNCATED = 3
_EVENTS = re.compile(r"/v1/Voice/(CA[0-9a-fA-F]{32})/Events")


class _Settings(msgspec.Struct):
    seed: int = 0
    rate_limited: float = 0.0
    truncated_page: float = 0.0
    late_summaries: dict[str, int] = msgspec.field(default_factory=dict)


class _Trouble:
    """Decides which requests are turned away or cut off; bounded, and never two in a row."""

    def __init__(self, settings: _Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._requests = 0
        self._spared = False
        self.counts: Counter[str] = Counter()

    def next(self) -> str:
        """``rate_limited``, ``truncated_page`` or nothing for the request at hand."""
        with self._lock:
            self._requests += 1
            self.counts["requests"] += 1
            rng = Random(f"{self._settings.seed}|request|{self._requests}")
            if self._spared:
                self._spared = False
                return ""
            for name, rate, most in (
                ("rate_limited", self._settings.rate_limited, MAX_RATE_LIMITED),
                ("truncated_page", self._settings.truncated_page, MAX_TRUNCATED),
            ):
                if rng.random() < rate and self.counts[name] < most:
                    self.counts[name] += 1
                    self._spared = True
                    return name
            return ""


class SimulatorServer:
    """Serves the HTTP providers of an estate. A context manager.

    Args:
        source: the estate's ``http`` folder, or ``provider.stream`` -> records.
        port: 0 takes a free one.
        as_of: the providers' clock; None: everything is over and final. Settable while it runs.
        rate_limited: share of requests answered with 429 (at most four in all); None: as the estate
            says.
        truncated_page: share of answers cut off in the middle (at most three in all), likewise.
        retry_after_s: what a 429 asks for.
    """

    ACCOUNT_SID = ACCOUNT_SID
    AUTH_TOKEN = "simulated-twilio-token"  # noqa: S105 (opens the simulator only)
    ZENDESK_EMAIL = "pipeline@harborline.example"
    ZENDESK_TOKEN = "simulated-zendesk-token"  # noqa: S105

    def __init__(
        self,
        source: Source,
        port: int = 0,
        *,
        as_of: datetime | None = None,
        rate_limited: float | None = None,
        truncated_page: float | None = None,
        retry_after_s: int = 1,
    ) -> None:
        settings = _read_settings(source)
        if rate_limited is not None:
            settings.rate_limited = rate_limited
        if truncated_page is not None:
            settings.truncated_page = truncated_page
        self.api = Api(load_tables(source), settings.late_summaries)
        self.api.as_of_ms = to_ms(as_of)
        self.trouble = _Trouble(settings)
        self.retry_after_s = retry_after_s
        self._server = _Http(("127.0.0.1", port), self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def url(self) -> str:
        """Base URL of all three APIs."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def counts(self) -> Counter[str]:
        """Requests so far, and how many were rate_limited or truncated_page."""
        return self.trouble.counts

    def set_as_of(self, as_of: datetime | None) -> None:
        """Moves the providers' clock."""
        self.api.as_of_ms = to_ms(as_of)

    def __enter__(self) -> SimulatorServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], owner: SimulatorServer) -> None:
        self.owner = owner
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    server: _Http

    def do_GET(self) -> None:
        """Answers one request."""
        owner = self.server.owner
        trouble = ""
        try:
            target = urlsplit(self.path)
            query = dict(parse_qsl(target.query, keep_blank_values=True))
            self._authorise(target.path)
            trouble = owner.trouble.next()
            if trouble == "rate_limited":
                raise ApiError(429, {"code": 20429, "message": "Too Many Requests", "status": 429})
            status, body = 200, self._answer(target.path, query)
        except ApiError as error:
            status, body = error.status, msgspec.json.encode(error.body)
        self._send(status, body, cut=trouble == "truncated_page" and status == 200)

    def _authorise(self, path: str) -> None:
        owner = self.server.owner
        if path.startswith("/api/v2/"):
            wanted = f"{owner.ZENDESK_EMAIL}/token:{owner.ZENDESK_TOKEN}"
            refusal = ApiError(401, {"error": "Couldn't authenticate you"})
        else:
            wanted = f"{owner.ACCOUNT_SID}:{owner.AUTH_TOKEN}"
            refusal = twilio_error(401, 20003, "Authenticate")
        given = self.headers.get("Authorization")
        if given != f"Basic {base64.b64encode(wanted.encode()).decode()}":
            raise refusal

    def _answer(self, path: str, query: dict[str, str]) -> bytes:
        api = self.server.owner.api
        for resource in ("Calls", "Recordings"):
            if path == account_path(resource):
                return api.rest(path, resource, query)
        if path == "/v1/Voice/Summaries":
            return api.summaries(query)
        if match := _EVENTS.fullmatch(path):
            return api.events(match[1], query)
        if path.removesuffix(".json") == "/api/v2/incremental/tickets/cursor":
            return api.tickets(query)
        raise twilio_error(404, 20404, "The requested resource was not found")

    def _send(self, status: int, body: bytes, *, cut: bool) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", str(self.server.owner.retry_after_s))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.wfile.flush()
        # A peer that gives up half-way closes the connection short of the length it announced.
        self.close_connection = cut or self.close_connection

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
        """Keeps quiet."""


def _read_settings(source: Source) -> _Settings:
    if isinstance(source, Path) and (source / "server.json").exists():
        return msgspec.json.decode((source / "server.json").read_bytes(), type=_Settings)
    return _Settings()


def serve_command(arguments: list[str]) -> int:
    """``python -m ingest.simulator serve DIR --port P``: serves DIR/http until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m ingest.simulator serve")
    parser.add_argument("folder", type=Path, help="an estate, as the generator left it")
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--as-of", type=datetime.fromisoformat, help="the providers' clock")
    chosen = parser.parse_args(arguments)
    if not (chosen.folder / "http").is_dir():
        parser.error(f"no folder {chosen.folder / 'http'}")
    if chosen.as_of is not None and chosen.as_of.tzinfo is None:
        parser.error("--as-of needs an offset, such as 2026-05-01T12:00:00+00:00")
    with SimulatorServer(chosen.folder / "http", chosen.port, as_of=chosen.as_of) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return 0
