"""Redaction: the step between the landing zone and everything that others may read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.redaction.policy import policy_version
    from ingest.redaction.step import RedactionError, RedactOutcome, redact_stream

__all__ = ["RedactOutcome", "RedactionError", "policy_version", "redact_stream"]


def __getattr__(name: str) -> Any:
    """Load on first use: the look-up command takes ``tokens`` from here and must start fast."""
    if name == "policy_version":
        from ingest.redaction import policy

        return policy.policy_version
    if name in __all__:
        from ingest.redaction import step

        return getattr(step, name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
