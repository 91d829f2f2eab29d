"""Where objects lie: a local folder or an S3 prefix, behind one small interface.

Objects are write-once: ``put`` never overwrites. ``replace`` is for pointers only, ``delete`` for
retention and erasure only (``ingest.access``). A key is a
relative path with ``/``; what a provider sent never becomes part of one. Standard library only at
import time (boto3 comes in with the first ``s3://`` location), so that light commands stay light.
"""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import IO, Any, Protocol

from ingest.errors import PermanentError

_TEMPORARY = ".tmp-"
_OWNER_ONLY = 0o600

Keys = list[str]
Paths = list[Path]


class StoreError(PermanentError):
    """A location or key that cannot be used, or an object that is not there."""


class Store(Protocol):
    """Objects under one location. Missing objects raise ``StoreError``."""

    def put(self, key: str, data: bytes) -> bool:
        """Write a new object whole or not at all; False if the key exists already."""

    def put_file(self, key: str, path: Path) -> bool:
        """The same from a local file of any size."""

    def replace(self, key: str, data: bytes) -> None:
        """Write over whatever is there, atomically. For pointers only."""

    def get(self, key: str) -> bytes:
        """The object's bytes."""

    def open(self, key: str) -> IO[bytes]:
        """The object as a stream, for objects that may be large."""

    def exists(self, key: str) -> bool:
        """Whether the object is there."""

    def size(self, key: str) -> int:
        """The object's size in bytes."""

    def list(self, prefix: str) -> Keys:
        """Keys that start with ``prefix``, sorted."""

    def delete(self, key: str) -> None:
        """Remove the object, with every older version that the place keeps; none is no error."""

    def mirror(self, prefix: str, local_dir: Path) -> Paths:
        """Local files of all objects under ``prefix``; downloads those that are not there yet.

        Files of objects that are gone go as well.
        """


def open_store(location: str, endpoint_url: str | None = None) -> Store:
    """Open a store.

    Args:
        location: A folder, or ``s3://bucket/prefix``.
        endpoint_url: S3 endpoint, for stores that are not AWS.
    """
    if location.startswith("s3://"):
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        if not bucket:
            raise StoreError("an S3 location needs a bucket: s3://bucket/prefix")
        from ingest.s3 import S3Store

        return S3Store(bucket, prefix, endpoint_url)
    return LocalStore(Path(location))


def checked(key: str) -> str:
    """The key, unless it could leave the store, whatever it was made from.

    Raises:
        StoreError: it is no plain relative path.
    """
    parts = key.split("/")
    if "\\" in key or "\0" in key or any(part in {"", ".", ".."} for part in parts):
        raise StoreError("a key must be a relative path without empty or dotted parts")
    return key


class LocalStore:
    """A folder. Files are readable by their owner only (0600, folders 0700)."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser()

    def put(self, key: str, data: bytes) -> bool:
        """See ``Store.put``: temporary name, sync, rename."""
        return self._write(key, lambda file: file.write(data))

    def put_file(self, key: str, path: Path) -> bool:
        """See ``Store.put_file``."""
        with path.open("rb") as source:
            return self._write(key, lambda file: shutil.copyfileobj(source, file, 1 << 20))

    def replace(self, key: str, data: bytes) -> None:
        """See ``Store.replace``."""
        self._write(key, lambda file: file.write(data), overwrite=True)

    def get(self, key: str) -> bytes:
        """See ``Store.get``."""
        with self.open(key) as file:
            return file.read()

    def open(self, key: str) -> IO[bytes]:
        """See ``Store.open``."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            raise StoreError(f"no object {key}") from None

    def exists(self, key: str) -> bool:
        """See ``Store.exists``."""
        return self._path(key).is_file()

    def size(self, key: str) -> int:
        """See ``Store.size``."""
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            raise StoreError(f"no object {key}") from None

    def list(self, prefix: str) -> Keys:
        """See ``Store.list``: walks only the folder that the prefix names."""
        folder = self.root / prefix.rpartition("/")[0]
        keys = []
        for directory, _, names in os.walk(folder):
            base = Path(directory).relative_to(self.root).as_posix()
            keys += [
                name if base == "." else f"{base}/{name}"
                for name in names
                if not name.startswith(_TEMPORARY)
            ]
        return sorted(key for key in keys if key.startswith(prefix))

    def delete(self, key: str) -> None:
        """See ``Store.delete``: lasting, also through a power cut."""
        path = self._path(key)
        if path.exists():
            path.unlink()
            _sync_folder(path.parent)

    def mirror(self, prefix: str, local_dir: Path) -> Paths:  # noqa: ARG002 (interface)
        """See ``Store.mirror``: the files in place, nothing is copied."""
        return [self.root / key for key in self.list(prefix)]

    def _path(self, key: str) -> Path:
        return self.root / checked(key)

    def _write(self, key: str, fill: Any, *, overwrite: bool = False) -> bool:
        path = self._path(key)
        if path.exists() and not overwrite:
            return False
        _make_private(path.parent)
        temporary = path.parent / f"{_TEMPORARY}{secrets.token_hex(8)}"
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
            with os.fdopen(handle, "wb") as file:
                fill(file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return True


def _make_private(folder: Path) -> None:
    """Create the folder and missing parents for the owner alone (mkdir's mode skips parents)."""
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the rename last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
