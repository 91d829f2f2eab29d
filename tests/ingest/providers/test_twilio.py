"""Twilio: keys and days of the vendor's samples, what is asked for, and how pages are followed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.errors import PermanentError
from ingest.landing import land_stream
from ingest.registry import get_stream
from tests.ingest.helpers import DAY, landed, outcomes, settings_in
from tests.ingest.web import Answer, Web, answer, web

CALLS = get_stream("twilio", "calls")
RECORDINGS = get_stream("twilio", "recordings")
SUMMARIES = get_stream("twilio", "summaries")
EVENTS = get_stream("twilio", "events")
ACCOUNT = "AC" + "0" * 32
A, AB = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"
A0 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0"


@pytest.mark.parametrize(
    ("file", "name", "stream", "expected"),
    [
        (
            "sample_api_Calls_readFullPage1.json",
            "calls",
            CALLS,
            [(f"CA{A}", date(2019, 10, 18)), (f"CA{A0}", date(2019, 10, 18))],
        ),
        (
            "sample_api_Recordings_readIncludeSoftDeleted.json",
            "recordings",
            RECORDINGS,
            [(f"RE{A}", date(2022, 2, 14)), (f"RE{AB}", date(2022, 2, 14))],
        ),
        (
            "sample_insights_Summaries_readWithTrust.json",
            "call_summaries",
            SUMMARIES,
            [
                (f"CA{A}", date(2021, 8, 25)),
                (f"CA{A}", date(2021, 8, 25)),
                (f"CA{AB}", date(2021, 8, 24)),
            ],
        ),
    ],
)
def test_vendor_samples(contracts_dir: Path, file: str, name: str, stream, expected) -> None:
    records = json.loads((contracts_dir / "twilio" / file).read_text())[name]
    assert [(stream.key(record), stream.day(record)) for record in records] == expected


def test_event_samples_that_differ_have_different_keys(contracts_dir: Path) -> None:
    page = json.loads(
        (contracts_dir / "twilio/sample_insights_CallSid_Events_read.json").read_text()
    )
    assert {EVENTS.day(record) for record in page["events"]} == {date(2019, 9, 19)}
    assert len({EVENTS.key(record) for record in page["events"]}) == 4


def test_a_summary_without_creation_time_has_its_start() -> None:
    assert SUMMARIES.day({"start_time": "2026-05-01T00:00:00Z", "created_time": None}) == DAY


def rest_call(number: int, created: str, started: str | None = None) -> dict:
    return {"sid": f"CA{number:032x}", "date_created": created, "start_time": started or created}


def settings_at(site: Web, home: Path):
    return settings_in(home, twilio_api_url=site.url, twilio_insights_url=site.url)


def query(path: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(path).query)


def test_calls_are_asked_for_by_day_and_pages_followed(tmp_path: Path) -> None:
    """A call made before midnight may start after it, so the window is a day longer."""
    own = rest_call(1, "Fri, 01 May 2026 10:00:00 +0000")
    over_midnight = rest_call(
        2, "Fri, 01 May 2026 23:59:59 +0000", "Sat, 02 May 2026 00:00:02 +0000"
    )
    next_days = rest_call(3, "Sat, 02 May 2026 09:00:00 +0000")
    base = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"

    def respond(path: str) -> Answer:
        if "PageToken" not in path:
            more = f"{base}?PageSize=1000&Page=1&PageToken=PAx"
            return answer({"calls": [own, over_midnight], "next_page_uri": more})
        return answer({"calls": [next_days], "next_page_uri": None})

    with web(respond) as site:
        settings = settings_at(site, tmp_path)
        outcome = land_stream(settings, CALLS, [DAY], backoff_s=0)
        assert [urlsplit(path).path for path in site.paths] == [base, base]
        assert query(site.paths[0]) == {
            "StartTime>": ["2026-05-01"],
            "StartTime<": ["2026-05-03"],
            "PageSize": ["1000"],
        }
    [lines] = landed(settings, CALLS.prefix).values()
    assert [json.loads(line) for line in lines] == [own, over_midnight]
    assert outcome.days_touched == {DAY}


def test_recordings_of_the_day_with_the_deleted_ones(tmp_path: Path) -> None:
    with web(lambda _: answer({"recordings": [], "next_page_uri": None})) as site:
        land_stream(settings_at(site, tmp_path), RECORDINGS, [DAY], backoff_s=0)
        assert urlsplit(site.paths[0]).path == f"/2010-04-01/Accounts/{ACCOUNT}/Recordings.json"
        assert query(site.paths[0]) == {
            "DateCreated": ["2026-05-01"],
            "IncludeSoftDeleted": ["true"],
            "PageSize": ["1000"],
        }


def test_summaries_of_every_state_in_a_stated_window(tmp_path: Path, contracts_dir: Path) -> None:
    spec = json.loads((contracts_dir / "twilio/twilio_insights_v1.openapi.json").read_text())
    parameters = spec["paths"]["/v1/Voice/Summaries"]["get"]["parameters"]
    known = {parameter["name"] for parameter in parameters}
    page = {"call_summaries": [], "meta": {"next_page_url": None, "key": "call_summaries"}}
    with web(lambda _: answer(page)) as site:
        land_stream(settings_at(site, tmp_path), SUMMARIES, [DAY], backoff_s=0)
        asked = query(site.paths[0])
    assert asked == {
        "StartTime": ["2026-05-01T00:00:00Z"],
        "EndTime": ["2026-05-02T06:00:00Z"],
        "ProcessingState": ["all"],
        "PageSize": ["1000"],
    }
    assert asked.keys() <= known


def events_site(path: str) -> Answer:
    """Three calls: one with two pages of events, one hostile SID, one without events (404)."""
    calls = [rest_call(number, "Fri, 01 May 2026 10:00:00 +0000") for number in (1, 2, 3)]
    calls[1]["sid"] = "../../Accounts?x="
    event = {"timestamp": "2026-05-01T10:00:01Z", "call_sid": "CA1"}
    if "/Calls.json" in path:
        return answer({"calls": calls, "next_page_uri": None})
    if path.startswith(f"/v1/Voice/{calls[0]['sid']}/Events"):
        at = "https://insights.twilio.com" + urlsplit(path).path
        following = None if "PageToken" in path else f"{at}?PageToken=2"
        names = {"name": "last"} if "PageToken" in path else {"name": "first"}
        return answer({"events": [event | names], "meta": {"next_page_url": following}})
    if path.startswith(f"/v1/Voice/{calls[2]['sid']}/Events"):
        return Answer(status=404)
    return answer({"events": [event | {"name": "hostile"}], "meta": {}})


def test_events_are_one_request_a_call(tmp_path: Path) -> None:
    with web(events_site) as site:
        settings = settings_at(site, tmp_path)
        land_stream(settings, EVENTS, [DAY], backoff_s=0)
        assert "/v1/Voice/..%2F..%2FAccounts%3Fx%3D/Events?PageSize=1000" in site.paths
    [lines] = landed(settings, EVENTS.prefix).values()
    assert [json.loads(line)["name"] for line in lines] == ["first", "last", "hostile"]


def test_refused_events_fail_the_pull(tmp_path: Path) -> None:
    """Without Voice Insights' paid features the API refuses; that is no empty day."""

    def respond(path: str) -> Answer:
        return events_site(path) if "/Calls.json" in path else Answer(status=403)

    with web(respond) as site:
        settings = settings_at(site, tmp_path)
        with pytest.raises(PermanentError, match="twilio events: HTTP 403"):
            land_stream(settings, EVENTS, [DAY], backoff_s=0)
    assert [row["error_class"] for row in outcomes(settings, EVENTS.prefix)] == ["PermanentError"]
