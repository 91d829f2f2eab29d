"""Readers of one field: every wire form of an instant, and hostile values."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.fields import FieldError, content_key, epoch_day, iso_day, rfc2822_day, text_of
from ingest.registry import Stream, all_streams


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021-04-13T00:14:31.581Z", date(2021, 4, 13)),
        ("2021-04-13T00:14:31Z", date(2021, 4, 13)),
        ("2021-04-13T23:30:00-02:00", date(2021, 4, 14)),
        ("2021-04-13T00:30:00", date(2021, 4, 13)),
    ],
)
def test_iso_instants(text: str, day: date) -> None:
    assert iso_day({"at": text}, "at") == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Fri, 18 Oct 2019 17:00:00 +0000", date(2019, 10, 18)),
        ("Mon, 14 Feb 2022 00:23:00 +0100", date(2022, 2, 13)),
        ("Fri, 18 Oct 2019 23:00:00 -0000", date(2019, 10, 18)),
    ],
)
def test_rfc_2822_instants(text: str, day: date) -> None:
    assert rfc2822_day({"at": text}, "at") == day


@pytest.mark.parametrize(
    ("value", "per_second", "day"),
    [
        (1692985556, 1, date(2023, 8, 25)),
        ("1692985556", 1, date(2023, 8, 25)),
        (1692985556.75, 1, date(2023, 8, 25)),
        ("1544712660000000000", 10**9, date(2018, 12, 13)),
        (1544712660000000000, 10**9, date(2018, 12, 13)),
    ],
)
def test_unix_instants(value: Any, per_second: int, day: date) -> None:
    assert epoch_day({"at": value}, "at", per_second) == day


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", " ", "soon", True, [], {}, "0", 0, -1, "NaN", "1e400", 10**30),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1970-01-01T00:00:00Z"),
        *("Mon, 99 Feb 2022 00:23:00 +0100", "Fri, 18 Oct 9999 23:00:00 -2359", "1" * 5000),
    ],
)
def test_an_unusable_instant_is_named_by_its_field_only(value: Any) -> None:
    for reader in (iso_day, rfc2822_day, epoch_day):
        with pytest.raises(FieldError) as caught:
            reader({"createdAt": value}, "createdAt")
        assert str(caught.value) == "createdAt"


def test_names_are_read_in_any_capitalisation() -> None:
    assert text_of({"contactId": "a"}, "ContactId") == "a"
    assert text_of({"contactid": "b", "ContactId": "a"}, "ContactId") == "a"


@pytest.mark.parametrize("value", [None, "", "  ", True, 1.5, [], {}])
def test_no_key_is_not_a_key(value: Any) -> None:
    with pytest.raises(FieldError):
        text_of({"id": value}, "id")


def test_a_content_key_is_of_the_content_alone() -> None:
    assert content_key({"a": 1, "b": {"c": 2, "d": 3}}) == content_key(
        {"b": {"d": 3, "c": 2}, "a": 1}
    )
    assert content_key({"a": 1}) != content_key({"a": "1"})
    assert len(content_key({})) == 32


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)
NAMES = (
    *(
        "ContactId",
        "InitiationTimestamp",
        "Timestamp",
        "source_name",
        "document",
        "sid",
        "call_sid",
    ),
    *(
        "date_created",
        "created_time",
        "start_time",
        "timestamp",
        "id",
        "createdAt",
        "room",
        "job_id",
    ),
    *("resourceSpans", "updated_at", "generated_timestamp", "ContentMetadata", "creationTime"),
)


@pytest.mark.parametrize("stream", all_streams(), ids=lambda s: f"{s.provider}.{s.name}")
@settings(deadline=None, derandomize=True)
@given(record=st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_any_json_object_has_a_key_and_a_day_or_a_field_error(
    stream: Stream, record: dict[str, Any]
) -> None:
    """One hostile record must not stop a pull: anything but FieldError would."""
    for read in (stream.key, stream.day):
        try:
            read(record)
        except FieldError as error:
            assert str(error) in {*NAMES, "startTimeUnixNano"}  # noqa: PT017
    try:
        rows = stream.explode(record)
    except FieldError:
        return
    assert all(isinstance(key, str) and isinstance(row, dict) for key, row in rows)
