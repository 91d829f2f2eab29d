"""Zendesk: key and day of the sample ticket, and the incremental cursor export."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.fields import FieldError
from ingest.landing import land_stream
from ingest.registry import get_stream
from tests.ingest.helpers import DAY, landed, settings_in
from tests.ingest.web import Answer, Web, answer, web

TICKETS = get_stream("zendesk", "tickets")
START = 1777593600  # 2026-05-01T00:00:00Z


def sample(contracts_dir: Path) -> dict:
    path = contracts_dir / "crm_zendesk/zendesk_incremental_tickets_cursor.repaired.openapi.json"
    schemas = json.loads(path.read_text())["components"]["schemas"]
    return schemas["CursorBasedExportIncrementalTicketsResponse"]["example"]["tickets"][0]


def test_the_sample_ticket(contracts_dir: Path) -> None:
    ticket = sample(contracts_dir)
    assert (TICKETS.key(ticket), TICKETS.day(ticket)) == ("35436", date(2011, 5, 5))
    del ticket["updated_at"]
    assert TICKETS.day(ticket) == date(2011, 5, 5)
    del ticket["generated_timestamp"]
    with pytest.raises(FieldError):
        TICKETS.day(ticket)


def ticket(number: int, at: int) -> dict:
    return {"id": number, "generated_timestamp": at}


def page(tickets: list[dict], cursor: str | None, *, last: bool) -> Answer:
    url = f"https://acme.zendesk.com/api/v2/incremental/tickets/cursor.json?cursor={cursor}"
    return answer(
        {"tickets": tickets, "after_cursor": cursor, "after_url": url, "end_of_stream": last}
    )


def pull(home: Path, respond: Callable[[str], Answer]) -> tuple[list[int], Web]:
    with web(respond) as site:
        settings = settings_in(home, zendesk_url=site.url)
        land_stream(settings, TICKETS, [DAY], backoff_s=0)
    lines = [line for lines in landed(settings, TICKETS.prefix).values() for line in lines]
    return [json.loads(line)["id"] for line in lines], site


def test_the_export_is_followed_from_the_days_start_to_its_end(tmp_path: Path) -> None:
    answers = [
        page([ticket(1, START), ticket(2, START + 9)], "a", last=False),
        page([ticket(2, START + 9), ticket(3, START + 20)], "b", last=True),
    ]
    found, site = pull(tmp_path, lambda _: answers.pop(0))
    assert found == [1, 2, 3]
    assert [parse_qs(urlsplit(path).query) for path in site.paths] == [
        {"start_time": [str(START)]},
        {"cursor": ["a"]},
    ]
    assert {urlsplit(path).path for path in site.paths} == {"/api/v2/incremental/tickets/cursor"}
    token = base64.b64encode(b"ops@example.com/token:zendesk-secret-Xw9").decode()
    assert {given for _, given in site.requests} == {f"Basic {token}"}


def test_the_pull_ends_when_the_day_has_passed(tmp_path: Path) -> None:
    answers = [page([ticket(1, START + 5), ticket(2, START + 86400)], "a", last=False)]
    found, site = pull(tmp_path, lambda _: answers.pop(0))
    assert found == [1]
    assert len(site.requests) == 1


def test_the_pull_ends_when_a_cursor_repeats(tmp_path: Path) -> None:
    found, site = pull(tmp_path, lambda _: page([ticket(1, START + 5)], "same", last=False))
    assert found == [1]
    assert len(site.requests) == 2
