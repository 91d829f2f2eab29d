"""Timestamps as each provider writes them, from UTC epoch milliseconds.

A call writes some two hundred timestamps, so the date part is cached by day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_start_ms(day: date) -> int:
    """Midnight UTC of ``day`` as epoch milliseconds."""
    return (day - _EPOCH).days * DAY_MS


def day_of(ms: int) -> date:
    """The UTC day in which the instant lies."""
    return _EPOCH + timedelta(days=ms // DAY_MS)


@lru_cache(maxsize=64)
def _iso_day(days: int) -> str:
    return (_EPOCH + timedelta(days=days)).isoformat()


@lru_cache(maxsize=64)
def _rfc_day(days: int) -> str:
    day = _EPOCH + timedelta(days=days)
    return f"{_WEEKDAYS[day.weekday()]}, {day.day:02d} {_MONTHS[day.month - 1]} {day.year}"


def _time(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def iso_s(ms: int) -> str:
    """``2026-05-01T09:30:00Z``: Connect contact records, Voice Insights, Zendesk."""
    days, rest = divmod(ms, DAY_MS)
    return f"{_iso_day(days)}T{_time(rest // 1000)}Z"


def iso_ms(ms: int) -> str:
    """``2026-05-01T09:30:00.123Z``: Connect flow logs."""
    days, rest = divmod(ms, DAY_MS)
    return f"{_iso_day(days)}T{_time(rest // 1000)}.{rest % 1000:03d}Z"


def rfc2822(ms: int) -> str:
    """``Fri, 01 May 2026 09:30:00 +0000``: Twilio's REST API, whole seconds."""
    days, rest = divmod(ms, DAY_MS)
    return f"{_rfc_day(days)} {_time(rest // 1000)} +0000"


def nanos(ms: int) -> str:
    """Epoch nanoseconds as a decimal string: OTLP and LiveKit's newer fields."""
    return f"{ms}000000"


def seconds(ms: int) -> float:
    """Epoch seconds as a float: LiveKit session reports."""
    return ms / 1000


def path_hour(ms: int) -> str:
    """``2026/05/01/09``: the folder of a delivery stream's hour."""
    days, rest = divmod(ms, DAY_MS)
    return f"{_iso_day(days).replace('-', '/')}/{rest // 3_600_000:02d}"


def path_day(ms: int) -> str:
    """``2026/05/01``."""
    return _iso_day(ms // DAY_MS).replace("-", "/")


def parse_ms(text: str) -> int:
    """Epoch milliseconds of an ISO 8601 instant or day; a missing offset means UTC.

    Raises:
        ValueError: if the text is no such instant.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
