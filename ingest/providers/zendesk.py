"""Zendesk: tickets, by the cursor-based incremental export.

``GET /api/v2/incremental/tickets/cursor?start_time=<epoch s>``, then ``cursor=<after_cursor>``
until ``end_of_stream``. The export is ordered by ``generated_timestamp``, which also moves on
system changes that leave ``updated_at`` alone, so it is the version of a ticket. Ten requests a
minute. Duplicates across pages and exports are usual. Source: Zendesk developer documentation,
"Incremental Exports".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from ingest.fields import FieldError, Record, epoch_day, first_of, iso_day, text_of
from ingest.http import HttpClient, Page, SeenLinks, members, text_member
from ingest.records import Item, Line, check
from ingest.registry import PullContext, Stream

PROVIDER = "zendesk"
_PATH = "/api/v2/incremental/tickets/cursor"


def _day(record: Record) -> date:
    day: date = first_of(
        lambda: iso_day(record, "updated_at"), lambda: epoch_day(record, "generated_timestamp")
    )
    return day


def _pull(context: PullContext, day: date) -> Iterator[Item]:
    """Tickets generated on the day; later ones, on its last page, are left for their own day."""
    settings = context.settings
    auth = (f"{settings.zendesk_email}/token", settings.zendesk_api_token)
    client = HttpClient(PROVIDER, settings.zendesk_url, auth, context.backoff_s)
    start = int(datetime.combine(day, time.min, tzinfo=UTC).timestamp())
    seen = SeenLinks()
    params = {"start_time": str(start)}
    while True:
        page = client.page("tickets", _PATH, params)
        is_past = False
        for raw in members(page, "tickets", "zendesk tickets"):
            item = check(raw, context.limits)
            if isinstance(item, Line) and _is_after(item.value, day):
                is_past = True
            else:
                yield item
        cursor = text_member(page, "after_cursor")
        if is_past or _is_last(page) or not cursor or not seen.is_new(cursor, "zendesk tickets"):
            return
        params = {"cursor": cursor}


def _is_last(page: Page) -> bool:
    return bytes(page.get("end_of_stream", msgspec.Raw(b"false"))).strip() == b"true"


def _is_after(record: Record, day: date) -> bool:
    try:
        return epoch_day(record, "generated_timestamp") >= day + timedelta(days=1)
    except FieldError:
        return False


STREAMS = (
    Stream(
        provider=PROVIDER,
        name="tickets",
        kind="http",
        key=lambda record: text_of(record, "id"),
        day=_day,
        pull=_pull,
    ),
)
