"""Amazon Connect: contact records, flow logs and Contact Lens files, all delivered as drops.

Layout under the drop folder (records by Amazon Data Firehose, flow logs by a CloudWatch Logs
subscription, Contact Lens by Connect itself):

- ``contact_records/YYYY/MM/DD/HH/*``: contact records, concatenated without newlines;
- ``flow_logs/YYYY/MM/DD/HH/*``: one JSON object per executed flow block;
- ``contact_lens/Analysis/Voice/[Redacted/]YYYY/MM/DD/<ContactId>_analysis_[redacted_]<time>.json``:
  one document a file. The file name alone carries the contact ID.

Source: Amazon Connect Administrator Guide ("Contact records data model", "Flow logs", "Output file
locations"). Field names are read in any capitalisation, because the vendor's samples mix them.
Contact records are delivered at least once and again whenever they change, for up to 24 months; the
newest ``LastUpdateTimestamp`` of a ``ContactId`` is the valid one, so every version lands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import msgspec

from ingest.drops import by_day, deliveries, drop_store, read_delivery, read_folders
from ingest.fields import FieldError, Record, content_key, iso_day, text_of, value_of
from ingest.records import Item, Line
from ingest.registry import PullContext, Stream

PROVIDER = "amazon_connect"
_LENS_NAME = re.compile(
    r"(?P<contact>[^/]+?)_analysis_(?P<redacted>redacted_)?"
    r"(?P<day>\d{4}-\d\d-\d\d)T(?P<time>\d\d(?::|_|-|%3A)?\d\d(?:(?::|_|-|%3A)?\d\d)?)Z?"
)
_LENS_NAME_WITHOUT_TIME = re.compile(r"(?P<contact>[^/]+?)_analysis(?P<redacted>_redacted)?[_.]")
_FOLDER_DAY = re.compile(r"(\d{4})/(\d\d)/(\d\d)/[^/]*$")


class LensName(NamedTuple):
    """What a Contact Lens file name says. ``analysed_at``: ISO 8601, None if it names no time."""

    contact_id: str
    is_redacted: bool
    analysed_at: str | None


def lens_name(source_name: str) -> LensName:
    """Read a Contact Lens file name (its time is that of the analysis, not of the call).

    Raises:
        FieldError: the name has not the form ``<ContactId>_analysis_...``.
    """
    name = source_name.rpartition("/")[2]
    match = _LENS_NAME.match(name)
    if match:
        digits = re.sub(r"\D", "", match["time"].replace("%3A", "")).ljust(6, "0")
        clock = f"{digits[:2]}:{digits[2:4]}:{digits[4:]}"
        return LensName(match["contact"], bool(match["redacted"]), f"{match['day']}T{clock}Z")
    match = _LENS_NAME_WITHOUT_TIME.match(name)
    if not match:
        raise FieldError("source_name")
    return LensName(match["contact"], bool(match["redacted"]), None)


def lens_artefact(record: Record) -> str:
    """``redacted`` if the name or the document says so, else ``original``."""
    document = value_of(record, "document")
    metadata = value_of(document, "ContentMetadata") if isinstance(document, dict) else None
    output = value_of(metadata, "Output") if isinstance(metadata, dict) else None
    is_redacted = lens_name(text_of(record, "source_name")).is_redacted
    return "redacted" if is_redacted or str(output).lower() == "redacted" else "original"


def _lens_key(record: Record) -> str:
    return f"{lens_name(text_of(record, 'source_name')).contact_id}:{lens_artefact(record)}"


def _lens_day(record: Record) -> date:
    source_name = text_of(record, "source_name")
    analysed_at = lens_name(source_name).analysed_at
    if analysed_at:
        return iso_day({"source_name": analysed_at}, "source_name")
    folder = _FOLDER_DAY.search(source_name)
    if not folder:
        raise FieldError("source_name")
    return iso_day({"source_name": "-".join(folder.groups())}, "source_name")


def _pull_contact_records(context: PullContext, day: date) -> Iterator[Item]:
    return read_folders(context, PROVIDER, [f"contact_records/{by_day(day)}"])


def _pull_flow_logs(context: PullContext, day: date) -> Iterator[Item]:
    return read_folders(context, PROVIDER, [f"flow_logs/{by_day(day)}"])


def _pull_contact_lens(context: PullContext, day: date) -> Iterator[Item]:
    """Each file as ``{"source_name": ..., "document": ...}``, because only the name has the ID."""
    store = drop_store(context, PROVIDER)
    voice = "contact_lens/Analysis/Voice/"
    for key in deliveries(store, [f"{voice}{by_day(day)}", f"{voice}Redacted/{by_day(day)}"]):
        for item in read_delivery(context, store, key, document=True):
            yield _named(key, item) if isinstance(item, Line) else item


def _named(key: str, item: Line) -> Line:
    name = key.rpartition("/")[2]
    if not _LENS_NAME.match(name):
        name = "/".join(key.split("/")[-4:])
    raw = b'{"source_name":%b,"document":%b}' % (msgspec.json.encode(name), item.raw)
    return Line(raw, {"source_name": name, "document": item.value})


STREAMS = (
    Stream(
        provider=PROVIDER,
        name="contact_records",
        kind="drop",
        key=lambda record: text_of(record, "ContactId"),
        day=lambda record: iso_day(record, "InitiationTimestamp"),
        pull=_pull_contact_records,
    ),
    Stream(
        provider=PROVIDER,
        name="flow_logs",
        kind="drop",
        key=content_key,
        day=lambda record: iso_day(record, "Timestamp"),
        pull=_pull_flow_logs,
    ),
    Stream(
        provider=PROVIDER,
        name="contact_lens",
        kind="drop",
        key=_lens_key,
        day=_lens_day,
        pull=_pull_contact_lens,
    ),
)
