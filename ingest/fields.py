"""Reading one field of a provider record: instants of every wire form, and keys from content.

Every reader raises ``FieldError`` on a value it cannot use; the message never holds the value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from math import floor
from typing import Any

import msgspec

Record = Mapping[str, Any]

# A day outside of this century is a broken clock or a wrong unit, and would open a stray partition.
_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_FIRST_ORDINAL, _LAST_ORDINAL = date(2000, 1, 1).toordinal(), date(2099, 12, 31).toordinal()
_EPOCH_ORDINAL, _DAY_SECONDS = date(1970, 1, 1).toordinal(), 86_400


class FieldError(ValueError):
    """A record lacks a field, or holds something unusable in it. Names the field, not its value."""


def content_key(record: Record) -> str:
    """Key of a record that carries no ID: 32 hex digits of SHA-256 over its sorted JSON."""
    return hashlib.sha256(msgspec.json.encode(record, order="sorted")).hexdigest()[:32]


def value_of(record: Record, name: str) -> Any:
    """The field's value, with any capitalisation of its name; None where it is absent.

    Amazon Connect's own samples mix ``agentInfo`` and ``AgentInfo``.
    """
    if name in record:
        return record[name]
    lowered = name.lower()
    return next((v for k, v in record.items() if k.lower() == lowered), None)


def text_of(record: Record, name: str) -> str:
    """The field's value as a non-empty string; whole numbers are written out.

    Raises:
        FieldError: the field is absent, empty or neither a string nor a whole number.
    """
    value = value_of(record, name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise FieldError(name)


def first_of(*readers: Callable[[], Any]) -> Any:
    """The first reader's answer that is no ``FieldError``; the last one's error otherwise."""
    for reader in readers[:-1]:
        try:
            return reader()
        except FieldError:
            continue
    return readers[-1]()


def iso_day(record: Record, name: str) -> date:
    """UTC day of an ISO 8601 instant; without an offset it is UTC, as the five providers write it.

    Raises:
        FieldError: no such instant, or one outside of this century.
    """
    text = text_of(record, name)
    try:
        return _day(datetime.fromisoformat(text), name)
    except ValueError:
        raise FieldError(name) from None


def rfc2822_day(record: Record, name: str) -> date:
    """UTC day of an RFC 2822 instant (Twilio's REST API; its offset is not always ``+0000``).

    Raises:
        FieldError: no such instant, or one outside of this century.
    """
    text = text_of(record, name)
    try:
        return _day(parsedate_to_datetime(text), name)
    except (ValueError, TypeError):
        raise FieldError(name) from None


def epoch_day(record: Record, name: str, per_second: int = 1) -> date:
    """UTC day of a Unix time, a number or a string of digits (protojson writes int64 as strings).

    Args:
        record: The provider's record.
        name: The field.
        per_second: Units in a second: 1 for seconds, 1_000_000_000 for nanoseconds.

    Raises:
        FieldError: no such instant, or one outside of this century.
    """
    value = value_of(record, name)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise FieldError(name)
    try:
        # Whole seconds in whole numbers: a float would round the last nanosecond of a day up.
        seconds = (
            int(value) // per_second if _is_whole(value) else floor(float(value)) // per_second
        )
        day = seconds // _DAY_SECONDS + _EPOCH_ORDINAL
    except (ValueError, OverflowError):
        raise FieldError(name) from None
    if not _FIRST_ORDINAL <= day <= _LAST_ORDINAL:
        raise FieldError(name)
    return date.fromordinal(day)


def _is_whole(value: float | str) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and value.isdecimal())


def _day(instant: datetime, name: str) -> date:
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    try:
        day = instant.astimezone(UTC).date()
    except OverflowError:
        raise FieldError(name) from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise FieldError(name)
    return day
