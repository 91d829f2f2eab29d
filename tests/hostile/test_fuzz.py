"""A short fuzz run of the landing normaliser; ``make fuzz`` goes on for longer.

The staging models are fuzzed by the mutants of ``test_hostile_values.py``'s one build.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from ingest.members import lenient_list, lenient_object
from tests.hostile.normaliser import check_delivery

SEED = 4002
bounded = settings(
    max_examples=1500,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


@seed(SEED)
@bounded
@given(number=st.integers(0, 2**63))
def test_damage_stays_with_the_damaged_record(number: int) -> None:
    check_delivery(number)


@seed(SEED)
@bounded
@given(data=st.binary(max_size=60))
def test_any_bytes_are_a_whole_container_or_refused(data: bytes) -> None:
    for lenient, around in ((lenient_object, b"{%b}"), (lenient_list, b"[%b]")):
        try:
            found = lenient(around % data)
        except ValueError:
            continue
        parts = found if isinstance(found, list) else [bytes(part) for part in found.values()]
        assert all(part in data for part in parts)


@pytest.mark.parametrize("bad", [b"[1", b"1]", b"{", b'"', b"[1]]", b"[1] [2]", b""])
def test_what_is_cut_off_is_no_container(bad: bytes) -> None:
    with pytest.raises(ValueError, match=r"shape|end|cut off"):
        lenient_list(bad)
