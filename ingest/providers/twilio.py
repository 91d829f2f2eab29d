"""Twilio: calls and recordings (REST API 2010-04-01), Voice Insights summaries and events.

- Calls are filtered by ``StartTime`` at day granularity; there is no filter on updates, so a day is
  pulled again by the look-back. Calls made just before midnight start on the next day, so the
  window is a day longer and what belongs to neither is left for its own day.
- Recordings: ``DateCreated`` at day granularity, deleted ones too (kept as metadata for 40 days).
- Summaries: the default window is the last four hours and the default state is complete only, so
  both are always given. ``partial`` ones come first, ``complete`` 30 minutes after the call.
- Events: one request per call.

REST times are RFC 2822 with whole seconds, Insights times ISO 8601. Next pages are paths in the
REST API and absolute URLs in Insights. Source: twilio-oai, ``twilio_api_v2010`` and
``twilio_insights_v1``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta

from ingest.fields import FieldError, Record, content_key, first_of, iso_day, rfc2822_day, text_of
from ingest.http import HttpClient, NotFoundError, members, pages, segment
from ingest.records import Item, Line, check
from ingest.registry import PullContext, Stream

PROVIDER = "twilio"
_PAGE_SIZE = "1000"
_EVENT_THREADS = 4
_MAX_SID_CHARS = 64  # they have 34; what is far longer is none, and would be no address
_SUMMARY_PAD = timedelta(hours=6)


def _summary_day(record: Record) -> date:
    day: date = first_of(
        lambda: iso_day(record, "created_time"), lambda: iso_day(record, "start_time")
    )
    return day


def _api(context: PullContext) -> HttpClient:
    return _client(context, context.settings.twilio_api_url)


def _insights(context: PullContext) -> HttpClient:
    return _client(context, context.settings.twilio_insights_url)


def _client(context: PullContext, url: str) -> HttpClient:
    settings = context.settings
    auth = (settings.twilio_account_sid, settings.twilio_auth_token)
    return HttpClient(PROVIDER, url, auth, context.backoff_s)


def _items(
    context: PullContext,
    client: HttpClient,
    path: str,
    params: dict[str, str],
    *,
    name: str,
    next_link: str,
) -> Iterator[Item]:
    """The records of all pages of an endpoint whose list is called ``name``."""
    query = params | {"PageSize": _PAGE_SIZE}
    for page in pages(client, name, path, query, next_link):
        for raw in members(page, name, f"{PROVIDER} {name}"):
            yield check(raw, context.limits)


def _account_path(context: PullContext, name: str) -> str:
    return f"/2010-04-01/Accounts/{segment(context.settings.twilio_account_sid)}/{name}.json"


def _is_of(day: date, record: Record, *readers: Callable[[Record], date]) -> bool:
    """Whether the record was created or started on the day; if it tells neither, landing judges."""
    days = set()
    for reader in readers:
        try:
            days.add(reader(record))
        except FieldError:
            continue
    return not days or day in days


def _pull_calls(context: PullContext, day: date) -> Iterator[Item]:
    window = {"StartTime>": day.isoformat(), "StartTime<": (day + timedelta(days=2)).isoformat()}
    path = _account_path(context, "Calls")
    for item in _items(
        context, _api(context), path, window, name="calls", next_link="next_page_uri"
    ):
        if not isinstance(item, Line) or _is_of(
            day,
            item.value,
            lambda record: rfc2822_day(record, "date_created"),
            lambda record: rfc2822_day(record, "start_time"),
        ):
            yield item


def _pull_recordings(context: PullContext, day: date) -> Iterator[Item]:
    query = {"DateCreated": day.isoformat(), "IncludeSoftDeleted": "true"}
    path = _account_path(context, "Recordings")
    return _items(context, _api(context), path, query, name="recordings", next_link="next_page_uri")


def _pull_summaries(context: PullContext, day: date) -> Iterator[Item]:
    until = day + timedelta(days=1)
    window = {
        "StartTime": f"{day.isoformat()}T00:00:00Z",
        "EndTime": f"{until.isoformat()}T{_SUMMARY_PAD.seconds // 3600:02d}:00:00Z",
        "ProcessingState": "all",
    }
    for item in _items(
        context,
        _insights(context),
        "/v1/Voice/Summaries",
        window,
        name="call_summaries",
        next_link="meta.next_page_url",
    ):
        if not isinstance(item, Line) or _is_of(
            day,
            item.value,
            lambda record: iso_day(record, "created_time"),
            lambda record: iso_day(record, "start_time"),
        ):
            yield item


def _pull_events(context: PullContext, day: date) -> Iterator[Item]:
    """The events of every call of the day, some calls at a time, in the order of the calls."""
    client = _insights(context)

    def fetch(sid: str) -> list[Item]:
        path = f"/v1/Voice/{segment(sid)}/Events"
        try:
            return list(
                _items(context, client, path, {}, name="events", next_link="meta.next_page_url")
            )
        except NotFoundError:
            return []

    waiting: deque[Future[list[Item]]] = deque()
    with ThreadPoolExecutor(_EVENT_THREADS) as pool:
        try:
            for item in _pull_calls(context, day):
                sid = item.value.get("sid") if isinstance(item, Line) else None
                if isinstance(sid, str) and 0 < len(sid) <= _MAX_SID_CHARS:
                    waiting.append(pool.submit(fetch, sid))
                if len(waiting) > 4 * _EVENT_THREADS:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


STREAMS = (
    Stream(
        provider=PROVIDER,
        name="calls",
        kind="http",
        key=lambda record: text_of(record, "sid"),
        day=lambda record: rfc2822_day(record, "date_created"),
        pull=_pull_calls,
    ),
    Stream(
        provider=PROVIDER,
        name="recordings",
        kind="http",
        key=lambda record: text_of(record, "sid"),
        day=lambda record: rfc2822_day(record, "date_created"),
        pull=_pull_recordings,
    ),
    Stream(
        provider=PROVIDER,
        name="summaries",
        kind="http",
        key=lambda record: text_of(record, "call_sid"),
        day=_summary_day,
        pull=_pull_summaries,
    ),
    Stream(
        provider=PROVIDER,
        name="events",
        kind="http",
        key=content_key,
        day=lambda record: iso_day(record, "timestamp"),
        pull=_pull_events,
    ),
)
