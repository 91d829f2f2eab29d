"""All five providers against the simulated estate: what the answer key names is what lands."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from ingest.errors import PermanentError, TransientError
from ingest.landing import LandOutcome, land_stream
from ingest.registry import all_streams, get_stream
from ingest.settings import Settings
from ingest.simulator import generate
from ingest.simulator.server import SimulatorServer
from tests.ingest.helpers import DAY, landed, outcomes, settings_in

SEED = 11
DAYS = [DAY + timedelta(days=n) for n in range(-1, 9)]  # late deliveries have folders of their own


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("estate")
    generate(path, calls=25, days=2, start=DAY, seed=SEED, profile="clean")
    return path


@pytest.fixture
def server(estate: Path) -> Iterator[SimulatorServer]:
    with SimulatorServer(estate / "http", retry_after_s=0) as running:
        yield running


@pytest.fixture
def settings(estate: Path, server: SimulatorServer, tmp_path: Path) -> Settings:
    return settings_in(
        tmp_path,
        drops={p: str(estate / "drops" / p) for p in ("amazon_connect", "livekit", "otlp")},
        twilio_api_url=server.url,
        twilio_insights_url=server.url,
        zendesk_url=server.url,
        twilio_account_sid=server.ACCOUNT_SID,
        twilio_auth_token=server.AUTH_TOKEN,
        zendesk_email=server.ZENDESK_EMAIL,
        zendesk_api_token=server.ZENDESK_TOKEN,
    )


def land_all(settings: Settings, days: list[date]) -> list[LandOutcome]:
    return [land_stream(settings, stream, days, backoff_s=0.01) for stream in all_streams()]


def keys_landed(settings: Settings) -> dict[tuple[str, str], set[str]]:
    """Row keys by stream, checking on the way that each lies under its record's own day."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for stream in all_streams():
        for key, lines in landed(settings, stream.prefix).items():
            for line in lines:
                record = msgspec.json.decode(line)
                assert f"/dt={stream.day(record)}/" in key
                found[stream.provider, stream.name] |= {row for row, _ in stream.explode(record)}
    return found


def keys_of_the_answer_key(estate: Path) -> dict[tuple[str, str], set[str]]:
    wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for line in (estate / "truth" / "calls.jsonl").read_text().splitlines():
        for provider, stream, key in json.loads(line)["records"]:
            wanted[provider, stream].add(key)
    return wanted


def test_every_record_of_the_answer_key_lands_and_landing_again_lands_nothing(
    estate: Path, settings: Settings
) -> None:
    first = land_all(settings, DAYS)
    assert keys_landed(settings) == keys_of_the_answer_key(estate)
    assert {outcome.rejected for outcome in first} == {0}
    again = land_all(settings, DAYS)
    assert [outcome.records_landed for outcome in again] == [0] * len(all_streams())
    assert [a.records_seen for a in again] == [b.records_seen for b in first]


def test_trouble_on_the_wire_changes_nothing_that_lands(estate: Path, settings: Settings) -> None:
    with SimulatorServer(
        estate / "http", rate_limited=0.3, truncated_page=0.3, retry_after_s=0
    ) as troubled:
        url = troubled.url
        changed = replace(settings, twilio_api_url=url, twilio_insights_url=url, zendesk_url=url)
        land_all(changed, DAYS)
        assert troubled.counts["rate_limited"] > 0
        assert troubled.counts["truncated_page"] > 0
    assert keys_landed(settings) == keys_of_the_answer_key(estate)


@pytest.mark.parametrize("provider", ["twilio", "zendesk"])
def test_wrong_credentials_are_permanent_and_recorded(settings: Settings, provider: str) -> None:
    wrong = replace(settings, twilio_auth_token="wrong-Kp3", zendesk_api_token="wrong-Kp3")
    stream = next(stream for stream in all_streams() if stream.provider == provider)
    with pytest.raises(PermanentError, match="HTTP 401") as caught:
        land_stream(wrong, stream, [DAY], backoff_s=0)
    assert "wrong-Kp3" not in str(caught.value)
    [row] = outcomes(wrong, stream.prefix)
    assert (row["ok"], row["error_class"], row["day"]) == (False, "PermanentError", "2026-05-01")


def test_a_provider_that_is_away_is_transient(settings: Settings) -> None:
    away = replace(settings, zendesk_url="http://127.0.0.1:9")
    with pytest.raises(TransientError, match="zendesk tickets"):
        land_stream(away, get_stream("zendesk", "tickets"), [DAY], backoff_s=0)


def test_a_missing_or_mistyped_drop_setting_is_named(settings: Settings) -> None:
    nowhere = replace(settings, drops={})
    with pytest.raises(PermanentError, match="CALLSTORY_OTLP_DROPS is not set"):
        land_stream(nowhere, get_stream("otlp", "spans"), [DAY])
    mistyped = replace(settings, drops={"otlp": "/no/such/folder"})
    with pytest.raises(PermanentError, match="CALLSTORY_OTLP_DROPS names no folder"):
        land_stream(mistyped, get_stream("otlp", "spans"), [DAY])
