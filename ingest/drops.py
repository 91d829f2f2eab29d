"""Drops: objects that a provider delivers to a folder or S3 prefix, by delivery day.

A day's pull reads that day's folder. What is delivered late lies in a later folder, lands with that
folder's day, and goes to its own ``dt``; ``LandOutcome.days_touched`` names it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import PermanentError
from ingest.records import Item, Reject, read_object
from ingest.store import Store, StoreError, open_store

if TYPE_CHECKING:
    from ingest.registry import PullContext

# Written by people and tools, not by providers: checksums, markers, editors' leftovers.
_NO_DELIVERY = ("_SUCCESS", ".DS_Store", ".crc", ".md5", ".sha256", ".tmp")


def drop_store(context: PullContext, provider: str) -> Store:
    """The place of the provider's deliveries.

    Raises:
        PermanentError: the setting is missing, or names a folder that is not there (which would
            look like days without calls); the message names the setting.
    """
    location = context.settings.drops.get(provider, "")
    if not location:
        raise PermanentError(f"CALLSTORY_{provider.upper()}_DROPS is not set")
    if "://" not in location and not Path(location).expanduser().is_dir():
        raise PermanentError(f"CALLSTORY_{provider.upper()}_DROPS names no folder that is there")
    return open_store(location, context.settings.s3_endpoint_url)


def deliveries(store: Store, folders: Sequence[str]) -> list[str]:
    """Keys of all delivered objects under the folders, each once, in order."""
    keys = {key for folder in folders for key in store.list(folder)}
    return sorted(key for key in keys if not key.endswith(_NO_DELIVERY))


def read_delivery(
    context: PullContext, store: Store, key: str, *, document: bool = False
) -> Iterator[Item]:
    """Records and rejects of one object; what cannot be opened is a reject that holds its name."""
    try:
        yield from read_object(lambda: store.open(key), context.limits, document=document)
    except StoreError:
        yield Reject("unreadable", io.BytesIO(key.encode(errors="surrogateescape")))


def read_folders(context: PullContext, provider: str, folders: Sequence[str]) -> Iterator[Item]:
    """Records and rejects of every object under the folders."""
    store = drop_store(context, provider)
    for key in deliveries(store, folders):
        yield from read_delivery(context, store, key)


def by_day(day: date) -> str:
    """``YYYY/MM/DD/``, as Firehose and Contact Lens lay out their folders (in UTC)."""
    return f"{day:%Y/%m/%d}/"
