"""Which rules a gate report was written under: other rules, and everything is judged anew."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path


def rules(missing_block: float, missing_warn: float) -> str:
    """A name that follows from the gates' code, their thresholds and the detector's library.

    Args:
        missing_block: as ``gates.run_gates`` takes it.
        missing_warn: the same.
    """
    digest = hashlib.sha256(f"{missing_block!r}|{missing_warn!r}".encode())
    digest.update(version("phonenumbers").encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
