"""Which rules a gate report was written under: other rules, and everything is judged anew."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from expectations.limits import Limits


def rules(limits: Limits) -> str:
    """A name that follows from the gates' code, their limits and the detector's libraries.

    What operators accepted is not in it: it speaks of single days, and each is judged when it
    changes.
    """
    digest = hashlib.sha256(json.dumps(limits.to_json(), sort_keys=True).encode())
    for package in ("google-re2", "phonenumbers", "presidio-analyzer"):
        digest.update(version(package).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
