"""The audit log: append-only JSON lines that are on disk before what they tell of happens."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_OWNER_ONLY = 0o600


class AuditError(Exception):
    """The line cannot be written, so what it would tell of must not happen."""


def audit_log(data_dir: Path) -> Path:
    """Where the log lies: ``<data>/audit/access.jsonl``."""
    return data_dir / "audit" / "access.jsonl"


def who() -> str:
    """The user of the system, and the host. Not from the environment, which anyone can set."""
    user = os.getuid()
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:
        name = str(user)
    return f"{name}@{socket.gethostname()}"


def append(path: Path, entry: Mapping[str, Any]) -> None:
    """Add one line, ``at`` and ``by`` first, and bring it to disk.

    Raises:
        AuditError: it could not be written whole, or others could read or write the log.
    """
    told = {"at": datetime.now(UTC).isoformat(), "by": who(), **entry}
    line = json.dumps(told, ensure_ascii=True).encode() + b"\n"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        handle = os.open(path, flags, _OWNER_ONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.fstat(handle).st_mode & 0o077:
                raise AuditError(f"others may open the audit log: chmod 600 {path}")
            if os.write(handle, line) != len(line):
                raise AuditError(f"the audit line could not be written whole: {path}")
            os.fsync(handle)
        finally:
            os.close(handle)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise AuditError(f"the audit line cannot be written to {path}: {error.strerror}") from None
