"""What can go wrong while fetching and landing, classed once: try again, or tell a person.

Messages name the stream, the endpoint and a status; never a body, a URL's query or a credential.
"""

from __future__ import annotations


class IngestError(Exception):
    """Any failure of a pull."""


class PermanentError(IngestError):
    """Trying again will not help: wrong credentials, wrong address, unexpected shape."""


class TransientError(IngestError):
    """Trying again later may help: rate limit, server error, connection lost."""


class TruncatedFetch(TransientError):  # noqa: N818 (named for what happened)
    """A body was cut off. What came of it is thrown away and never lands."""


class TooManyRejects(PermanentError):  # noqa: N818 (named for what happened)
    """A pull met more rejects than the settings allow; they are kept, the pull stopped."""
