"""The few settings that reading needs; a look-up must not ask for a provider's password.

Names and defaults are those of ``ingest.settings``; what a run needs is checked there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingest.settings import MIN_TOKEN_KEY_BYTES


@dataclass(frozen=True)
class Places:
    """Where published data lies (folder or ``s3://``) and the key of the caller tokens, if set."""

    published: str
    data_dir: Path
    s3_endpoint_url: str | None = None
    token_key: bytes = field(default=b"", repr=False)

    @classmethod
    def from_env(
        cls, published: str | None = None, environ: Mapping[str, str] | None = None
    ) -> Places:
        """Read ``CALLSTORY_DATA``, ``_PUBLISHED``, ``_S3_ENDPOINT_URL`` and ``_TOKEN_KEY``.

        Args:
            published: overrides the variable.
            environ: overrides the process's environment.
        """
        given = os.environ if environ is None else environ
        data_dir = Path(given.get("CALLSTORY_DATA") or "data").expanduser()
        key = given.get("CALLSTORY_TOKEN_KEY", "").strip().encode()
        return cls(
            published or given.get("CALLSTORY_PUBLISHED") or str(data_dir / "published"),
            data_dir,
            given.get("CALLSTORY_S3_ENDPOINT_URL") or None,
            key if len(key) >= MIN_TOKEN_KEY_BYTES else b"",
        )
