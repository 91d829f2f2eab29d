"""The published zone: immutable versions and the one pointer that says which is current.

Locally the pointer is a symbolic link ``current``, replaced by rename; on S3 it is one object
``current.json``, replaced by one request. A reader that has an old version open keeps reading it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from ingest.store import open_store

DATABASE = "callstory.duckdb"
MANIFEST = "manifest.json"
PARQUET = "parquet"
VERSIONS = "versions"
CURRENT = "current"
_TEMPORARY = ".tmp-"
_FOLDER_MODE = 0o750
_BUILD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


class ZoneError(Exception):
    """A build that is not there, or a name that is no build's."""


def checked_build(build_id: str) -> str:
    """The build id, unless it could be a path.

    Raises:
        ZoneError: when it is not a plain name.
    """
    if not _BUILD.fullmatch(build_id):
        raise ZoneError("a build id is letters, digits, dots, dashes and underscores")
    return build_id


class Zone(Protocol):
    """A place that holds versions. ``builds`` lists manifests, oldest publication first."""

    def current(self) -> str | None:
        """The build that readers see."""

    def has(self, build_id: str) -> bool:
        """Whether the version is complete."""

    def builds(self) -> list[dict[str, Any]]:
        """Manifests of all versions, oldest publication first."""

    def workspace(self) -> contextlib.AbstractContextManager[Path]:
        """An empty folder to write a version in; gone afterwards unless it was added."""

    def add(self, build_id: str, folder: Path) -> None:
        """Make a finished folder a version."""

    def point(self, build_id: str) -> None:
        """Make a version the current one, in one step."""

    def prune(self, keep: int) -> list[str]:
        """Remove the oldest versions but ``keep``, never the current one; what went."""

    def remove(self, build_id: str) -> None:
        """Remove a version that is not the current one, wherever it lies."""

    def local_version(self, build_id: str, cache: Path) -> Path:
        """A local folder with the version's DuckDB file and manifest."""


def open_zone(published: str, endpoint_url: str | None = None) -> Zone:
    """Open a folder or ``s3://bucket/prefix`` as the published zone."""
    if published.startswith("s3://"):
        return S3Zone(published, endpoint_url)
    return LocalZone(Path(published).expanduser())


def sync(path: Path) -> None:
    """Bring a file or folder to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _by_publication(manifests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(manifests, key=lambda m: (str(m.get("published_at")), str(m.get("build_id"))))


def go_back(zone: Zone, build_id: str | None = None) -> str:
    """Point at an older version: the named one, or the one published before the current.

    Raises:
        ZoneError: when there is none.
    """
    builds = [str(manifest["build_id"]) for manifest in zone.builds()]
    current = zone.current()
    if build_id is None:
        earlier = builds[: builds.index(current)] if current in builds else []
        if not earlier:
            raise ZoneError(f"no version was published before {current or 'anything'}")
        build_id = earlier[-1]
    if build_id not in builds:
        raise ZoneError(f"no version {build_id}; there are: {', '.join(builds) or 'none'}")
    zone.point(build_id)
    return build_id


class LocalZone:
    """A folder on this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def current(self) -> str | None:
        """See ``Zone.current``."""
        link = self.root / CURRENT
        return link.readlink().name if link.is_symlink() else None

    def has(self, build_id: str) -> bool:
        """See ``Zone.has``."""
        return (self.version(build_id) / MANIFEST).is_file()

    def builds(self) -> list[dict[str, Any]]:
        """See ``Zone.builds``."""
        paths = (self.root / VERSIONS).glob(f"[!.]*/{MANIFEST}")
        return _by_publication([json.loads(path.read_text()) for path in paths])

    @contextlib.contextmanager
    def workspace(self) -> Iterator[Path]:
        """See ``Zone.workspace``: beside the versions, so that adding is one rename."""
        versions = self.root / VERSIONS
        versions.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
        for place in (self.root, versions):
            place.chmod(_FOLDER_MODE)
        for left_over in versions.glob(f"{_TEMPORARY}*"):
            shutil.rmtree(left_over, ignore_errors=True)
        folder = versions / f"{_TEMPORARY}{secrets.token_hex(8)}"
        folder.mkdir(mode=_FOLDER_MODE)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def add(self, build_id: str, folder: Path) -> None:
        """See ``Zone.add``."""
        folder.rename(self.version(build_id))
        sync(self.root / VERSIONS)

    def point(self, build_id: str) -> None:
        """See ``Zone.point``: a new link under another name, then one rename over the old."""
        link = self.root / f"{_TEMPORARY}{secrets.token_hex(8)}"
        link.symlink_to(Path(VERSIONS) / checked_build(build_id), target_is_directory=True)
        link.replace(self.root / CURRENT)
        sync(self.root)

    def prune(self, keep: int) -> list[str]:
        """See ``Zone.prune``: each goes in one rename, so that nobody sees half of it."""
        current = self.current()
        others = [m["build_id"] for m in self.builds() if m["build_id"] != current]
        gone = others[: max(0, len(others) - (keep - 1))]
        for build_id in gone:
            self.remove(build_id)
        return gone

    def remove(self, build_id: str) -> None:
        """See ``Zone.remove``."""
        folder = self.version(build_id)
        shutil.rmtree(folder.rename(folder.with_name(f"{_TEMPORARY}{secrets.token_hex(8)}")))

    def local_version(self, build_id: str, cache: Path) -> Path:  # noqa: ARG002 (interface)
        """See ``Zone.local_version``: the version in place."""
        return self.version(build_id)

    def version(self, build_id: str) -> Path:
        """The folder of a version, whether it is there or not."""
        return self.root / VERSIONS / checked_build(build_id)


class S3Zone:
    """A prefix on S3. Old versions are left to a lifecycle rule; only an erasure removes them."""

    def __init__(self, location: str, endpoint_url: str | None) -> None:
        self.store = open_store(location, endpoint_url)

    def current(self) -> str | None:
        """See ``Zone.current``."""
        pointer = f"{CURRENT}.json"
        if not self.store.exists(pointer):
            return None
        return str(json.loads(self.store.get(pointer))["build_id"])

    def has(self, build_id: str) -> bool:
        """See ``Zone.has``: the manifest is uploaded last."""
        return self.store.exists(self._key(build_id, MANIFEST))

    def builds(self) -> list[dict[str, Any]]:
        """See ``Zone.builds``."""
        keys = [key for key in self.store.list(f"{VERSIONS}/") if key.endswith(f"/{MANIFEST}")]
        return _by_publication([json.loads(self.store.get(key)) for key in keys])

    @contextlib.contextmanager
    def workspace(self) -> Iterator[Path]:
        """See ``Zone.workspace``."""
        with tempfile.TemporaryDirectory(prefix="callstory-publish-") as name:
            yield Path(name)

    def add(self, build_id: str, folder: Path) -> None:
        """See ``Zone.add``."""
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        for path in sorted(files, key=lambda p: p.name == MANIFEST):
            self.store.put_file(self._key(build_id, path.relative_to(folder).as_posix()), path)

    def point(self, build_id: str) -> None:
        """See ``Zone.point``."""
        pointer = {
            "build_id": checked_build(build_id),
            "path": f"{VERSIONS}/{build_id}",
            "moved_at": datetime.now(UTC).isoformat(),
        }
        self.store.replace(f"{CURRENT}.json", json.dumps(pointer).encode())

    def prune(self, keep: int) -> list[str]:  # noqa: ARG002 (interface)
        """See the class: nothing goes."""
        return []

    def remove(self, build_id: str) -> None:
        """See ``Zone.remove``: the manifest first, so that nobody takes the rest for a version."""
        self.store.delete(self._key(build_id, MANIFEST))
        for key in self.store.list(f"{VERSIONS}/{checked_build(build_id)}/"):
            self.store.delete(key)

    def local_version(self, build_id: str, cache: Path) -> Path:
        """See ``Zone.local_version``: downloaded once, versions never change."""
        folder = cache / checked_build(build_id)
        for name in (DATABASE, MANIFEST):
            self.store.mirror(self._key(build_id, name), cache / ".download")
            downloaded = cache / ".download" / self._key(build_id, name)
            if not (folder / name).exists():
                folder.mkdir(parents=True, exist_ok=True)
                downloaded.rename(folder / name)
        return folder

    def _key(self, build_id: str, name: str) -> str:
        return f"{VERSIONS}/{checked_build(build_id)}/{name}"
