"""LiveKit: keys and days of its webhooks and session reports, and its drops."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from ingest.fields import FieldError, content_key
from ingest.landing import land_stream
from ingest.registry import get_stream
from tests.ingest.helpers import DAY, landed, settings_in

WEBHOOKS = get_stream("livekit", "webhooks")
REPORTS = get_stream("livekit", "session_reports")


def sample(contracts_dir: Path) -> dict:
    return json.loads((contracts_dir / "livekit/webhook_room_started.python-sdks.json").read_text())


def test_webhook_sample(contracts_dir: Path) -> None:
    record = sample(contracts_dir)
    assert WEBHOOKS.key(record) == "EV_eugWmGhovZmm"
    assert WEBHOOKS.day(record) == date(2023, 8, 25)


def test_an_old_webhook_without_id_and_time_falls_back(contracts_dir: Path) -> None:
    record = sample(contracts_dir)
    del record["id"], record["createdAt"]
    assert WEBHOOKS.key(record) == content_key(record)
    assert WEBHOOKS.day(record) == date(2023, 8, 21)
    del record["room"]["creationTime"]
    with pytest.raises(FieldError):
        WEBHOOKS.day(record)


def test_a_zero_time_is_no_time(contracts_dir: Path) -> None:
    assert WEBHOOKS.day(sample(contracts_dir) | {"createdAt": "0"}) == date(2023, 8, 21)


def test_session_reports_as_documents_and_as_lines(tmp_path: Path) -> None:
    folder = tmp_path / "drops/livekit/session_reports/2026/05/01"
    folder.mkdir(parents=True)
    reports = [
        {"job_id": f"AJ_{n}", "timestamp": 1777593600.25 + n, "events": []} for n in range(3)
    ]
    (folder / "AJ_0.json").write_text(json.dumps(reports[0], indent=2))
    (folder / "more.jsonl").write_text("\n".join(json.dumps(report) for report in reports[1:]))
    settings = settings_in(tmp_path)
    outcome = land_stream(settings, REPORTS, [DAY])
    [lines] = landed(settings, REPORTS.prefix).values()
    assert [json.loads(line) for line in lines] == reports
    assert [REPORTS.key(json.loads(line)) for line in lines] == ["AJ_0", "AJ_1", "AJ_2"]
    assert outcome.days_touched == {DAY}
