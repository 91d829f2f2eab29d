"""Rejects: what was received and is no record, kept byte for byte beside the landed objects.

``<provider>/<stream>/_rejects/<landed_at>-<sha256 prefix>.<reason>.bin``; the same bytes are kept
once, however often they are delivered.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import IO

from ingest.records import Reject
from ingest.store import Store

_IN_MEMORY = 4 << 20


class RejectBin:
    """The rejects of one stream."""

    def __init__(self, store: Store, prefix: str, stamp: str) -> None:
        self._store = store
        self._folder = f"{prefix}_rejects/"
        self._stamp = stamp
        self._kept = {key.rpartition("-")[2] for key in store.list(self._folder)}

    def keep(self, reject: Reject) -> None:
        """Keep the reject's bytes, unless they are kept already."""
        with reject.body as body, tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
            shutil.copyfileobj(body, copy, 1 << 20)
            copy.seek(0)
            name = f"{hashlib.file_digest(copy, 'sha256').hexdigest()[:16]}.{reject.reason}.bin"
            if name in self._kept:
                return
            copy.seek(0)
            self._write(f"{self._folder}{self._stamp}-{name}", copy)
            self._kept.add(name)

    def _write(self, key: str, copy: IO[bytes]) -> None:
        data = copy.read(_IN_MEMORY)
        if len(data) < _IN_MEMORY:
            self._store.put(key, data)
            return
        with tempfile.NamedTemporaryFile() as file:
            copy.seek(0)
            shutil.copyfileobj(copy, file, 1 << 20)
            file.flush()
            self._store.put_file(key, Path(file.name))
