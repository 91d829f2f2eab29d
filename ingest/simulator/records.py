"""A rendered provider record on its way to the reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

Alias = tuple[str, str]
"""(namespace, value)"""


@dataclass(slots=True)
class Record:
    """One record in a provider's wire shape.

    ``key`` is the record key under which it lands; ``at_ms`` is when the provider delivers it;
    ``aliases`` are the identifying aliases that the record itself states to belong to one call
    (what identifies nothing, such as a poisoned trace ID, is left out); ``name`` is a file
    name with ``{day}`` where the folder of its day goes (documents), or a resource (spans).
    """

    provider: str
    stream: str
    key: str
    body: dict[str, Any]
    at_ms: int
    aliases: tuple[Alias, ...] = ()
    name: str = ""
    data: bytes = field(default=b"", repr=False)

    def encode(self) -> bytes:
        """The JSON bytes of the body; encoded once."""
        if not self.data:
            self.data = msgspec.json.encode(self.body)
        return self.data
