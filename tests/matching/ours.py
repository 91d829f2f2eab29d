"""The one place where benchmark and scores call the matcher."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tests.matching.sides import Sides

ACCEPTED = "accepted"


def match(sides: Sides, workdir: Path) -> pa.Table:
    """Candidate pairs as ``scoring.PAIR_SCHEMA`` and ``decision``, of all that the matcher kept.

    It is given both sides whole, and of the truth the keyed pairs only.
    """
    from orchestration.matching import match_sides

    keyed = sides.keyed().drop_columns("keyed")
    return match_sides(sides.left, sides.right, keyed, workdir)


def accepted(pairs: pa.Table) -> pa.Table:
    """The pairs that the matcher decided for."""
    return pairs.filter(pc.equal(pairs["decision"], ACCEPTED))
