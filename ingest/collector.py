"""Python's cycle collector, while records stream through."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_CONTAINERS = 100_000


@contextmanager
def rare_collections() -> Iterator[None]:
    """Within it the cycle collector runs seldom.

    A decoded record is thousands of dicts and lists without a cycle. By default the collector looks
    through them after every 700 new ones and finds nothing, which costs a third of landing's time.
    """
    before = gc.get_threshold()
    gc.set_threshold(_CONTAINERS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
