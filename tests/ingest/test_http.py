"""The HTTP client against real sockets: retries, permanent errors, paging, secrets kept."""

from __future__ import annotations

import base64
import logging
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ingest.errors import IngestError, PermanentError, TransientError, TruncatedFetch
from ingest.http import HttpClient, NotFoundError, members, pages, segment
from tests.ingest.web import Answer, Web, answer, scripted, web

SECRET = "s3cret-Tq8"
CALLER = {"From": "+14155550123"}
OK = answer({"rows": [1, 2]})


def client(site: Web, path: str = "") -> HttpClient:
    return HttpClient("acme", site.url + path, ("user", SECRET), backoff_s=0.0)


def fetch(site: Web) -> list[bytes]:
    return members(client(site).page("calls", "/calls", {"day": "1"}), "rows", "acme calls")


def test_records_come_verbatim_and_with_auth() -> None:
    body = b'{"rows": [ {"a":  1.0e2, "b":"\\u00e9"},[ 2 ] ], "next": null}'
    with web(scripted(Answer(body))) as site:
        assert fetch(site) == [b'{"a":  1.0e2, "b":"\\u00e9"}', b"[ 2 ]"]
        token = base64.b64encode(f"user:{SECRET}".encode()).decode()
        assert site.requests == [("/calls?day=1", f"Basic {token}")]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_passes_is_tried_again(status: int) -> None:
    with web(scripted(Answer(status=status), Answer(status=status), OK)) as site:
        assert fetch(site) == [b"1", b"2"]
        assert len(site.requests) == 3


def test_what_does_not_pass_is_transient_in_the_end() -> None:
    with web(scripted(Answer(b"secret body", status=503))) as site:
        with pytest.raises(TransientError, match=r"acme calls: HTTP 503 after 5 retries"):
            fetch(site)
        assert len(site.requests) == 6


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_honoured(as_date: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", waits.append)
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    headers = {"Retry-After": until if as_date else "7"}
    with web(scripted(Answer(status=429, headers=headers), OK)) as site:
        fetch(site)
    [wait] = [wait for wait in waits if wait > 1]
    assert 50 < wait <= 60 if as_date else wait == 7


def test_an_absurd_retry_after_does_not_stop_the_run_for_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", waits.append)
    with web(scripted(Answer(status=429, headers={"Retry-After": "86400"}), OK)) as site:
        fetch(site)
    assert max(waits) == 120


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_a_permanent_error_is_not_repeated(status: int) -> None:
    with web(scripted(Answer(b"secret body", status=status), OK)) as site:
        with pytest.raises(PermanentError, match=rf"acme calls: HTTP {status}"):
            fetch(site)
        assert len(site.requests) == 1


def test_a_missing_resource_can_be_told_apart() -> None:
    with web(scripted(Answer(status=404))) as site, pytest.raises(NotFoundError):
        fetch(site)


def test_a_redirect_does_not_carry_credentials_away() -> None:
    with web(scripted(OK)) as other:
        moved = Answer(status=302, headers={"Location": f"{other.url}/calls"})
        with web(scripted(moved)) as site, pytest.raises(PermanentError, match="HTTP 302"):
            fetch(site)
        assert other.requests == []


CUT = [
    pytest.param(Answer(b'{"rows": [1', length=500), id="shorter-than-announced"),
    pytest.param(Answer(b'{"rows": [1'), id="JSON-cut-off"),
    pytest.param(Answer(b""), id="empty"),
    pytest.param(Answer(b"<html>busy</html>"), id="no-JSON"),
]


@pytest.mark.parametrize("cut", CUT)
def test_a_cut_body_is_fetched_again(cut: Answer) -> None:
    with web(scripted(cut, OK)) as site:
        assert fetch(site) == [b"1", b"2"]


@pytest.mark.parametrize("cut", CUT)
def test_a_body_that_stays_cut_never_counts_as_a_page(cut: Answer) -> None:
    with web(scripted(cut)) as site:
        with pytest.raises(TruncatedFetch, match="acme calls"):
            fetch(site)
        assert len(site.requests) == 3


@pytest.mark.parametrize("body", [b"[]", b"null", b'{"error": 1}', b'{"rows": {}}', b'{"rows": 1}'])
def test_another_shape_is_permanent(body: bytes) -> None:
    with web(scripted(Answer(body))) as site, pytest.raises(PermanentError, match="acme calls"):
        fetch(site)


def test_a_page_beyond_the_size_limit_is_permanent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.http._PAGE_BYTES", 1000)
    with web(scripted(answer({"rows": ["x" * 2000]}))) as site, pytest.raises(PermanentError):
        fetch(site)


def test_nobody_there_is_transient(monkeypatch: pytest.MonkeyPatch) -> None:
    away = Web("http://127.0.0.1:9", [])
    with pytest.raises(TransientError, match="acme calls: no whole answer"):
        fetch(away)


def _pages(site: Web, path: str = "", link: str = "next") -> list[list[bytes]]:
    found = pages(client(site, path), "calls", "/calls", {"PageSize": "2"}, link)
    return [members(page, "rows", "acme calls") for page in found]


def test_links_to_any_host_are_followed_on_the_configured_one() -> None:
    """PROVIDERS section 11: examples point at the vendor's own hosts."""
    with web(
        scripted(
            answer({"rows": [1], "next": "https://api.vendor.example/calls?PageToken=a%2Fb"}),
            answer({"rows": [2], "next": "/calls?PageToken=c"}),
            answer({"rows": [3], "next": "//evil.example/../calls?PageToken=d"}),
            answer({"rows": [4], "next": None}),
        )
    ) as site:
        assert _pages(site) == [[b"1"], [b"2"], [b"3"], [b"4"]]
        assert site.paths == [
            "/calls?PageSize=2",
            "/calls?PageToken=a%2Fb",
            "/calls?PageToken=c",
            "/calls?PageToken=d",
        ]


def test_a_base_url_keeps_its_own_path() -> None:
    with web(
        scripted(
            answer({"rows": [1], "meta": {"next": "https://api.vendor.example/calls?p=1"}}),
            answer({"rows": [2], "meta": {"next": "https://api.vendor.example/proxy/calls?p=2"}}),
            answer({"rows": [3], "meta": {"next": ""}}),
        )
    ) as site:
        assert _pages(site, "/proxy/", "meta.next") == [[b"1"], [b"2"], [b"3"]]
        assert site.paths == ["/proxy/calls?PageSize=2", "/proxy/calls?p=1", "/proxy/calls?p=2"]


def test_paging_stops_when_a_link_repeats(caplog: pytest.LogCaptureFixture) -> None:
    with web(scripted(answer({"rows": [1], "next": "/calls?PageToken=same"}))) as site:
        assert _pages(site) == [[b"1"], [b"1"]]
    assert "repeats a page link" in caplog.text


def test_a_failing_page_gives_the_pages_before_it() -> None:
    first = answer({"rows": [1], "next": "/calls?PageToken=2"})
    with web(scripted(first, Answer(status=500))) as site:
        found = pages(client(site), "calls", "/calls", {}, "next")
        assert members(next(found), "rows", "acme calls") == [b"1"]
        with pytest.raises(TransientError):
            next(found)


@pytest.mark.parametrize(
    "last",
    [
        Answer(b"body-with-caller", status=401),
        Answer(b"body-with-caller", status=503),
        Answer(b"body-with-caller", length=999),
        Answer(b'["body-with-caller"]'),
        Answer(b"body-with-caller", status=302, headers={"Location": "http://127.0.0.1:9/"}),
    ],
)
def test_neither_logs_nor_errors_hold_secrets_bodies_or_queries(
    last: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with web(scripted(last)) as site, pytest.raises(IngestError) as caught:
        client(site).page("calls", "/calls", CALLER)
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    token = base64.b64encode(f"user:{SECRET}".encode()).decode()
    secrets = (SECRET, token, "body-with-caller", CALLER["From"][1:])
    assert [text for text in secrets if text in told] == []


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("CA12", "CA12"),
        ("../x", "..%2Fx"),
        ("..", "%2E%2E"),
        ("a?b#c%d e", "a%3Fb%23c%25d%20e"),
        ("é", "%C3%A9"),
    ],
)
def test_a_value_stays_one_path_segment(value: str, quoted: str) -> None:
    assert segment(value) == quoted
