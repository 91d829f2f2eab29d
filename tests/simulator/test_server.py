"""The HTTP server: auth, paging, filters, rate limits, cut-off bodies, late records."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from ingest.simulator import Estate
from ingest.simulator.server import MAX_RATE_LIMITED, MAX_TRUNCATED, SimulatorServer
from tests.simulator.conftest import read_lines

TWILIO = (SimulatorServer.ACCOUNT_SID, SimulatorServer.AUTH_TOKEN)
ZENDESK = (f"{SimulatorServer.ZENDESK_EMAIL}/token", SimulatorServer.ZENDESK_TOKEN)
CALLS = f"/2010-04-01/Accounts/{SimulatorServer.ACCOUNT_SID}/Calls.json"
RECORDINGS = CALLS.replace("Calls", "Recordings")
SUMMARIES = "/v1/Voice/Summaries"
TICKETS = "/api/v2/incremental/tickets/cursor"
DAYS = {"StartTime": "2026-05-01", "EndTime": "2026-05-04", "ProcessingState": "all"}


@pytest.fixture
def server(clean: Estate) -> Iterator[SimulatorServer]:
    with SimulatorServer(clean.http, rate_limited=0, truncated_page=0) as running:
        yield running


def get(server: SimulatorServer, path: str, query: dict | None = None, auth: Any = TWILIO) -> Any:
    answer = requests.get(server.url + path, params=query, auth=auth, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


def rebased(server: SimulatorServer, url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def stored(estate: Estate, name: str) -> list[dict]:
    return read_lines(estate.http / f"{name}.jsonl")


def test_pages_of_calls_hold_each_call_once(server: SimulatorServer, clean: Estate) -> None:
    page = get(server, CALLS, {"PageSize": "7"})
    found = list(page["calls"])
    while page["next_page_uri"]:
        assert page["next_page_uri"].startswith("/2010-04-01/")
        assert len(page["calls"]) == page["page_size"] == 7
        page = get(server, page["next_page_uri"])
        found += page["calls"]
    assert sorted(c["sid"] for c in found) == sorted(
        c["sid"] for c in stored(clean, "twilio/calls")
    )


def test_page_number_alone_changes_nothing(server: SimulatorServer) -> None:
    first = get(server, CALLS, {"PageSize": "5"})
    assert get(server, CALLS, {"PageSize": "5", "Page": "3"})["calls"] == first["calls"]


def test_page_envelope_is_the_vendors(
    server: SimulatorServer, clean: Estate, contracts_dir: Any
) -> None:
    samples = contracts_dir / "twilio"
    rest = json.loads((samples / "sample_api_Calls_readFullPage1.json").read_text())
    insights = json.loads((samples / "sample_insights_CallSid_Events_read.json").read_text())
    sid = stored(clean, "twilio/calls")[0]["sid"]
    events = get(server, f"/v1/Voice/{sid}/Events")
    assert set(get(server, CALLS, {"PageSize": "2"})) == set(rest)
    assert set(events) == set(insights)
    assert set(events["meta"]) == set(insights["meta"])


def test_insights_pages_name_the_vendors_host(server: SimulatorServer, clean: Estate) -> None:
    page = get(server, SUMMARIES, {**DAYS, "PageSize": "20"})
    found = list(page["call_summaries"])
    while url := page["meta"]["next_page_url"]:
        assert url.startswith("https://insights.twilio.com/v1/Voice/Summaries?")
        page = get(server, rebased(server, url))
        found += page["call_summaries"]
    assert len(found) == len(stored(clean, "twilio/summaries"))


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"StartTime": "2026-05-01"}, {"2026-05-01"}),
        ({"StartTime>": "2026-05-02"}, {"2026-05-02"}),
        ({"StartTime<": "2026-05-02"}, {"2026-05-01"}),
        ({"StartTime>": "2026-05-01", "StartTime<": "2026-05-03"}, {"2026-05-01", "2026-05-02"}),
    ],
)
def test_day_filters_of_calls(
    query: dict, wanted: set, server: SimulatorServer, clean: Estate
) -> None:
    """The vendor: ``<`` is before the date, ``>`` on or after it."""

    def day(call: dict) -> str:
        return parsedate_to_datetime(call["start_time"]).date().isoformat()

    calls = get(server, CALLS, {**query, "PageSize": "1000"})["calls"]
    every = stored(clean, "twilio/calls")
    assert {c["sid"] for c in calls} == {c["sid"] for c in every if day(c) in wanted}
    assert {day(c) for c in calls} == wanted


def test_recordings_are_filtered_by_creation(server: SimulatorServer, clean: Estate) -> None:
    found = [
        get(server, RECORDINGS, {"DateCreated": day, "PageSize": "1000"})["recordings"]
        for day in ("2026-05-01", "2026-05-02")
    ]
    assert all(found)
    assert sum(map(len, found)) == len(stored(clean, "twilio/recordings"))


def test_summaries_default_to_the_last_four_hours(server: SimulatorServer, clean: Estate) -> None:
    now = datetime(2026, 5, 1, 16, tzinfo=UTC)
    server.set_as_of(now)
    found = get(server, SUMMARIES, {"PageSize": "1000"})["call_summaries"]
    wanted = [
        s["call_sid"]
        for s in stored(clean, "twilio/summaries")
        if "2026-05-01T12:00:00Z" <= s["start_time"] < "2026-05-01T16:00:00Z"
        and datetime.fromisoformat(s["end_time"]) <= now - timedelta(minutes=30)
    ]
    assert {s["call_sid"] for s in found} == set(wanted)
    assert wanted


def test_a_summary_is_absent_then_partial_then_complete(
    server: SimulatorServer, clean: Estate
) -> None:
    final = stored(clean, "twilio/summaries")[0]
    end = datetime.fromisoformat(final["end_time"])
    window = {"StartTime": "2026-05-01", "ProcessingState": "all", "PageSize": "1000"}
    seen = []
    for minutes in (5, 15, 35):
        server.set_as_of(end + timedelta(minutes=minutes))
        page = get(server, SUMMARIES, {**window, "EndTime": "0m"})["call_summaries"]
        seen += [[s for s in page if s["call_sid"] == final["call_sid"]]]
    assert seen[0] == []
    assert seen[1][0]["processing_state"] == "partial"
    assert "disconnected_by" not in seen[1][0]["properties"]
    assert seen[2] == [final]


def test_a_late_summary_stays_partial_for_a_day(faulty: Estate) -> None:
    late = json.loads((faulty.http / "server.json").read_text())["late_summaries"]
    sid, final_ms = next(iter(late.items()))
    final = datetime.fromtimestamp(final_ms / 1000, UTC)
    states = []
    with SimulatorServer(faulty.http, rate_limited=0, truncated_page=0) as running:
        for moment in (final - timedelta(hours=1), final):
            running.set_as_of(moment)
            page = get(running, SUMMARIES, {**DAYS, "PageSize": "1000"})["call_summaries"]
            states += [s["processing_state"] for s in page if s["call_sid"] == sid]
    assert states == ["partial", "complete"]


def test_a_call_is_in_progress_until_it_ends(server: SimulatorServer, clean: Estate) -> None:
    call = stored(clean, "twilio/calls")[0]
    server.set_as_of(parsedate_to_datetime(call["end_time"]) - timedelta(seconds=5))
    page = get(server, CALLS, {"PageSize": "1000"})["calls"]
    shown = next(c for c in page if c["sid"] == call["sid"])
    assert (shown["status"], shown["end_time"], shown["duration"]) == ("in-progress", None, None)


def test_events_of_a_call(server: SimulatorServer, clean: Estate) -> None:
    sid = stored(clean, "twilio/calls")[3]["sid"]
    wanted = [e for e in stored(clean, "twilio/events") if e["call_sid"] == sid]
    events = get(server, f"/v1/Voice/{sid}/Events")["events"]
    assert sorted(map(str, events)) == sorted(map(str, wanted))
    unknown = requests.get(f"{server.url}/v1/Voice/CA{'0' * 32}/Events", auth=TWILIO, timeout=10)
    assert (unknown.status_code, unknown.json()["code"]) == (404, 20404)


@pytest.mark.parametrize("path", [CALLS, SUMMARIES, TICKETS])
@pytest.mark.parametrize("auth", [None, ("someone", "else")])
def test_wrong_credentials_are_refused(path: str, auth: Any, server: SimulatorServer) -> None:
    answer = requests.get(server.url + path, auth=auth, timeout=10)
    assert answer.status_code == 401


def test_the_ticket_cursor_reaches_the_end_of_the_stream(
    server: SimulatorServer, clean: Estate
) -> None:
    query, found = {"start_time": "1777593600", "per_page": "4"}, []
    while True:
        page = get(server, TICKETS, query, ZENDESK)
        found += page["tickets"]
        if page["end_of_stream"]:
            break
        assert page["after_url"].startswith("https://harborline.zendesk.com/api/v2/")
        query = {"cursor": page["after_cursor"], "per_page": "4"}
    newest: dict[int, int] = {}
    for ticket in stored(clean, "zendesk/tickets"):
        moment = ticket["generated_timestamp"]
        newest[ticket["id"]] = max(newest.get(ticket["id"], 0), moment)
    assert {t["id"]: t["generated_timestamp"] for t in found} == newest
    assert len(found) == len(newest) > 4
    stamps = [t["generated_timestamp"] for t in found]
    assert stamps == sorted(stamps)
    again = get(server, TICKETS, {"cursor": page["after_cursor"]}, ZENDESK)
    assert (again["tickets"], again["end_of_stream"]) == ([], True)
    assert again["after_cursor"] == page["after_cursor"]


def test_start_time_leaves_out_older_tickets(server: SimulatorServer) -> None:
    start = int(datetime(2026, 5, 2, tzinfo=UTC).timestamp())
    tickets = get(server, TICKETS, {"start_time": str(start)}, ZENDESK)["tickets"]
    assert tickets
    assert all(t["generated_timestamp"] >= start for t in tickets)


def test_a_ticket_shows_its_state_of_the_moment(server: SimulatorServer, clean: Estate) -> None:
    states = stored(clean, "zendesk/tickets")
    solved = next(t for t in states if t["status"] == "solved")
    opened = next(t for t in states if t["id"] == solved["id"] and t["status"] == "open")
    if opened["generated_timestamp"] == solved["generated_timestamp"]:
        pytest.fail("the sample needs a ticket with two moments")
    moment = datetime.fromtimestamp(solved["generated_timestamp"] - 1, UTC)
    server.set_as_of(moment)
    found = get(server, TICKETS, {"start_time": "0"}, ZENDESK)["tickets"]
    assert [t["status"] for t in found if t["id"] == solved["id"]] == ["open"]


@pytest.mark.parametrize(
    ("path", "query", "auth"),
    [
        (TICKETS, {}, ZENDESK),
        (TICKETS, {"cursor": "???"}, ZENDESK),
        (CALLS, {"PageToken": "PAxx"}, TWILIO),
        (CALLS, {"StartTime": "yesterday"}, TWILIO),
        (SUMMARIES, {"StartTime": "soon"}, TWILIO),
    ],
)
def test_wrong_queries_are_refused(
    path: str, query: dict, auth: Any, server: SimulatorServer
) -> None:
    answer = requests.get(server.url + path, params=query, auth=auth, timeout=10)
    assert answer.status_code == 400


def test_rate_limits_are_bounded_and_never_twice_in_a_row(clean: Estate) -> None:
    with SimulatorServer(clean.http, rate_limited=1.0, truncated_page=0) as running:
        codes = []
        for _ in range(20):
            answer = requests.get(running.url + CALLS, auth=TWILIO, timeout=10)
            codes.append(answer.status_code)
            assert ("Retry-After" in answer.headers) == (answer.status_code == 429)
    assert codes.count(429) == MAX_RATE_LIMITED == running.counts["rate_limited"]
    assert (429, 429) not in pairwise(codes)


def test_a_cut_off_page_is_shorter_than_it_says(clean: Estate) -> None:
    with SimulatorServer(clean.http, rate_limited=0, truncated_page=1.0) as running:
        broken = 0
        for _ in range(12):
            try:
                get(running, CALLS)
            except requests.exceptions.ChunkedEncodingError:
                broken += 1
    assert broken == MAX_TRUNCATED


def test_a_connection_is_kept_for_several_requests(server: SimulatorServer) -> None:
    host = urlsplit(server.url).netloc
    connection = http.client.HTTPConnection(host, timeout=10)
    header = requests.models.PreparedRequest()
    header.prepare("GET", server.url + CALLS, auth=TWILIO)
    for _ in range(3):
        connection.request("GET", CALLS, headers={"Authorization": header.headers["Authorization"]})
        answer = connection.getresponse()
        assert answer.version == 11
        assert answer.read()
        assert not answer.will_close
    connection.close()


def test_records_can_be_given_directly() -> None:
    ticket = {"id": 7, "generated_timestamp": 100, "updated_at": "1970-01-01T00:01:40Z"}
    with SimulatorServer({"zendesk.tickets": [ticket]}) as running:
        page = get(running, TICKETS, {"start_time": "0"}, ZENDESK)
        assert page["tickets"] == [ticket]
        assert get(running, CALLS)["calls"] == []
