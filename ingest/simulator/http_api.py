"""What the HTTP providers answer: Twilio's REST API, Voice Insights and Zendesk's export.

Semantics as documented by the vendors: day filters in UTC (``StartTime<`` excludes the day,
``StartTime>`` includes it), pages by an opaque token (``Page`` alone changes nothing), next pages
as a path (REST) or an absolute URL of the vendor's own host (Insights, Zendesk).
"""

from __future__ import annotations

import base64
import binascii
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec

from ingest.simulator.clock import DAY_MS, parse_ms
from ingest.simulator.http_tables import Entry, Table
from ingest.simulator.ids import ACCOUNT_SID, ZENDESK_HOST
from ingest.simulator.twilio_insights import partial_summary

INSIGHTS_URL = "https://insights.twilio.com"
DEFAULT_PAGE, MAX_PAGE = 50, 1000
ZENDESK_PAGE = 1000
_WINDOW = re.compile(r"(\d+)([mhdw])")
_UNIT_MS = {"m": 60_000, "h": 3_600_000, "d": DAY_MS, "w": 7 * DAY_MS}
Query = dict[str, str]


class ApiError(Exception):
    """An answer that is no 200; ``body`` is the vendor's own error object."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def twilio_error(status: int, code: int, message: str) -> ApiError:
    """An error in Twilio's shape."""
    info = f"https://www.twilio.com/docs/errors/{code}"
    return ApiError(status, {"code": code, "message": message, "more_info": info, "status": status})


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a listing, and the query of the next one (None: there is none)."""

    entries: list[Entry]
    number: int
    size: int
    start: int
    following: Query | None


def _page(entries: list[Entry], query: Query) -> Page:
    size = min(MAX_PAGE, max(1, _number(query.get("PageSize"), DEFAULT_PAGE)))
    start = _token_offset(query.get("PageToken", ""))
    number = start // size
    part = entries[start : start + size]
    following = None
    if start + size < len(entries):
        token = base64.urlsafe_b64encode(f"{start + size}|{part[-1].name}".encode()).decode()
        kept = {k: v for k, v in query.items() if k not in {"Page", "PageToken", "PageSize"}}
        following = {
            **kept,
            "PageSize": str(size),
            "Page": str(number + 1),
            "PageToken": f"PA{token}",
        }
    return Page(part, number, size, start, following)


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default


def _token_offset(token: str) -> int:
    if not token:
        return 0
    try:
        text = base64.urlsafe_b64decode(token.removeprefix("PA")).decode()
        return int(text.partition("|")[0])
    except (binascii.Error, ValueError):
        raise twilio_error(400, 20001, "Invalid page token") from None


def _joined(name: str, records: list[bytes], rest: dict[str, Any]) -> bytes:
    head = b'{"' + name.encode() + b'":[' + b",".join(records) + b"]"
    return head + b"," + msgspec.json.encode(rest)[1:]


def _day_ms(text: str) -> int:
    """A day filter; the vendor takes YYYY-MM-DD and ignores a time after it."""
    try:
        return parse_ms(text[:10])
    except ValueError:
        raise twilio_error(400, 20001, "Invalid date") from None


class Api:
    """Answers requests from the tables.

    ``as_of_ms`` is the providers' clock: what happened later is not there yet, calls are still in
    progress, summaries are absent for ten minutes after the call and partial for twenty more. None:
    everything is over and final.
    """

    def __init__(self, tables: dict[str, Table], late_summaries: dict[str, int]) -> None:
        self.tables = tables
        self.late = late_summaries
        self.as_of_ms: int | None = None
        self._events = tables["twilio.events"].by_name()
        self._calls = tables["twilio.calls"].by_name()

    def _seen(self, entries: list[Entry]) -> list[Entry]:
        as_of = self.as_of_ms
        return entries if as_of is None else [e for e in entries if e.seen_ms <= as_of]

    def rest(self, path: str, resource: str, query: Query) -> bytes:
        """``Calls`` or ``Recordings`` of the account."""
        name = resource.lower()
        table = self.tables[f"twilio.{name}"]
        field = "StartTime" if resource == "Calls" else "DateCreated"
        page = _page(self._seen(self._of_days(table, field, query)), query)
        read = self._call if resource == "Calls" else Table.raw
        records = [read(table, e) for e in page.entries]
        following = None if page.following is None else f"{path}?{urlencode(page.following)}"
        own = f"{path}?{urlencode({**query, 'PageSize': str(page.size)})}"
        rest = {
            "first_page_uri": f"{path}?PageSize={page.size}&Page=0",
            "next_page_uri": following,
            "previous_page_uri": None,
            "page": page.number,
            "page_size": page.size,
            "start": page.start,
            "end": page.start + len(records) - 1,
            "uri": own,
        }
        return _joined(name, records, rest)

    def _of_days(self, table: Table, field: str, query: Query) -> list[Entry]:
        low: list[int] = []
        high: list[int] = []
        if day := query.get(field):
            low.append(_day_ms(day))
            high.append(_day_ms(day) + DAY_MS)
        if day := query.get(f"{field}>"):
            low.append(_day_ms(day))
        if day := query.get(f"{field}<"):
            high.append(_day_ms(day))
        return table.between(max(low, default=None), min(high, default=None))

    def _call(self, table: Table, entry: Entry) -> bytes:
        raw = table.raw(entry)
        if self.as_of_ms is None or entry.final_ms <= self.as_of_ms:
            return raw
        call = msgspec.json.decode(raw)
        call |= {
            "status": "in-progress",
            "end_time": None,
            "duration": None,
            "price": None,
            "date_updated": call["start_time"],
        }
        return msgspec.json.encode(call)

    def summaries(self, query: Query) -> bytes:
        """``/v1/Voice/Summaries``: the last four hours and complete ones only, unless asked."""
        table = self.tables["twilio.summaries"]
        low = self._moment(query.get("StartTime", "4h"))
        high = self._moment(query.get("EndTime", "0m"))
        wanted = query.get("ProcessingState", "completed")
        found = []
        for entry in self._seen(table.between(low, high)):
            state = "partial" if self._is_partial(table, entry) else "completed"
            if wanted in {"all", state}:
                found.append(entry)
        page = _page(found, query)
        records = [self._summary(table, e) for e in page.entries]
        return self._insights("/v1/Voice/Summaries", "call_summaries", records, page, query)

    def events(self, sid: str, query: Query) -> bytes:
        """``/v1/Voice/{CallSid}/Events``."""
        if sid not in self._calls:
            raise twilio_error(404, 20404, "The requested resource was not found")
        page = _page(self._seen(self._events.get(sid, [])), query)
        records = [self.tables["twilio.events"].raw(e) for e in page.entries]
        return self._insights(f"/v1/Voice/{sid}/Events", "events", records, page, query)

    def _insights(
        self, path: str, key: str, records: list[bytes], page: Page, query: Query
    ) -> bytes:
        url = f"{INSIGHTS_URL}{path}"
        size = f"PageSize={page.size}"
        following = None if page.following is None else f"{url}?{urlencode(page.following)}"
        meta = {
            "page": page.number,
            "page_size": page.size,
            "first_page_url": f"{url}?{size}&Page=0",
            "previous_page_url": None,
            "next_page_url": following,
            "key": key,
            "url": f"{url}?{urlencode({**query, 'PageSize': str(page.size)})}",
        }
        return _joined(key, records, {"meta": meta})

    def _is_final(self, entry: Entry) -> bool:
        if self.as_of_ms is None:
            return True
        return self.late.get(entry.name, entry.final_ms) <= self.as_of_ms

    def _is_partial(self, table: Table, entry: Entry) -> bool:
        return not self._is_final(entry) or b'"processing_state":"partial"' in table.raw(entry)

    def _summary(self, table: Table, entry: Entry) -> bytes:
        raw = table.raw(entry)
        if self._is_partial(table, entry):
            return msgspec.json.encode(partial_summary(msgspec.json.decode(raw)))
        return raw

    def _moment(self, text: str) -> int:
        now = self.as_of_ms if self.as_of_ms is not None else round(time.time() * 1000)
        if match := _WINDOW.fullmatch(text):
            return now - int(match[1]) * _UNIT_MS[match[2]]
        try:
            return parse_ms(text)
        except ValueError:
            raise twilio_error(400, 20001, "Invalid time") from None

    def tickets(self, query: Query) -> bytes:
        """Zendesk's incremental export: the newest state of each ticket, by generated time."""
        after = self._ticket_position(query)
        table = self.tables["zendesk.tickets"]
        newest = {e.name: e for e in self._seen(table.entries)}
        found = sorted((e.at_ms // 1000, int(e.name), e) for e in newest.values())
        found = [f for f in found if (f[0], f[1]) > after]
        size = min(ZENDESK_PAGE, max(1, _number(query.get("per_page"), ZENDESK_PAGE)))
        part = found[:size]
        cursor = query.get("cursor")
        if part:
            cursor = base64.b64encode(f"{part[-1][0]}.0||{part[-1][1]}|".encode()).decode()
        rest = {
            "after_cursor": cursor,
            "after_url": self._ticket_url(cursor),
            "before_cursor": None,
            "before_url": None,
            "end_of_stream": len(part) == len(found),
        }
        return _joined("tickets", [table.raw(e) for _, _, e in part], rest)

    def _ticket_url(self, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        path = "/api/v2/incremental/tickets/cursor.json"
        return f"https://{ZENDESK_HOST}{path}?{urlencode({'cursor': cursor})}"

    def _ticket_position(self, query: Query) -> tuple[int, int]:
        if cursor := query.get("cursor"):
            try:
                when, _, rest = base64.b64decode(cursor, validate=True).decode().partition(".0||")
                return int(when), int(rest.rstrip("|"))
            except (binascii.Error, ValueError):
                raise ApiError(400, {"error": "InvalidPaginationParameter"}) from None
        start = query.get("start_time", "")
        if not start.isdigit():
            raise ApiError(400, {"error": "StartTimeMissing", "description": "Missing start_time"})
        if self.as_of_ms is not None and int(start) > self.as_of_ms // 1000 - 60:
            raise ApiError(422, {"error": "InvalidValue", "description": "Too recent start_time."})
        return int(start), -1


def account_path(resource: str) -> str:
    """The path of a list of the account."""
    return f"/2010-04-01/Accounts/{ACCOUNT_SID}/{resource}.json"


def to_ms(moment: datetime | None) -> int | None:
    """Epoch milliseconds of an aware instant."""
    if moment is None:
        return None
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
