"""LiveKit: webhook bodies as the user's receiver kept them, and agent session reports; drops.

Layout under the drop folder: ``webhooks/YYYY/MM/DD/HH/*`` (one body a line) and
``session_reports/YYYY/MM/DD/*`` (one document a file, or one a line).

Webhooks are protojson: int64 as strings, zero values omitted; ``createdAt`` is in seconds. Older
bodies carry neither ``id`` nor ``createdAt``. Delivery is at least once, and lossy.
Sources: livekit/protocol ``livekit_webhook.proto``; livekit/agents ``voice/report.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ingest.drops import by_day, read_folders
from ingest.fields import FieldError, Record, content_key, epoch_day, first_of, text_of
from ingest.records import Item
from ingest.registry import PullContext, Stream

PROVIDER = "livekit"


def _webhook_key(record: Record) -> str:
    return str(first_of(lambda: text_of(record, "id"), lambda: content_key(record)))


def _webhook_day(record: Record) -> date:
    def created() -> date:
        return epoch_day(record, "createdAt")

    def room_created() -> date:
        room = record.get("room")
        if not isinstance(room, dict):
            raise FieldError("room")
        return epoch_day(room, "creationTime")

    day: date = first_of(created, room_created)
    return day


def _pull_webhooks(context: PullContext, day: date) -> Iterator[Item]:
    return read_folders(context, PROVIDER, [f"webhooks/{by_day(day)}"])


def _pull_session_reports(context: PullContext, day: date) -> Iterator[Item]:
    return read_folders(context, PROVIDER, [f"session_reports/{by_day(day)}"])


STREAMS = (
    Stream(
        provider=PROVIDER,
        name="webhooks",
        kind="drop",
        key=_webhook_key,
        day=_webhook_day,
        pull=_pull_webhooks,
    ),
    Stream(
        provider=PROVIDER,
        name="session_reports",
        kind="drop",
        key=lambda record: text_of(record, "job_id"),
        day=lambda record: epoch_day(record, "timestamp"),
        pull=_pull_session_reports,
    ),
)
