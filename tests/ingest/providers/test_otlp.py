"""OpenTelemetry: the official example, batches made into rows, and drops."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

from ingest.fields import content_key
from ingest.landing import land_stream
from ingest.registry import get_stream
from tests.ingest.helpers import DAY, landed, settings_in

SPANS = get_stream("otlp", "spans")


def batch(*spans: dict, resource: dict | None = None) -> dict:
    return {"resourceSpans": [{"resource": resource or {}, "scopeSpans": [{"spans": list(spans)}]}]}


def attributes(**values: dict) -> list[dict]:
    return [{"key": key, "value": value} for key, value in values.items()]


def test_the_official_example(contracts_dir: Path) -> None:
    record = json.loads((contracts_dir / "otel/otlp_trace.json").read_text())
    assert SPANS.key(record) == content_key(record)
    assert SPANS.day(record) == date(2018, 12, 13)
    assert SPANS.explode(record) == [
        (
            "5b8efff798038103d269b633813fc60c:eee19b7ec3c1b174",
            {
                "traceId": "5b8efff798038103d269b633813fc60c",
                "spanId": "eee19b7ec3c1b174",
                "parentSpanId": "eee19b7ec3c1b173",
                "name": "I'm a server span",
                "kind": 2,
                "startTimeUnixNano": "1544712660000000000",
                "endTimeUnixNano": "1544712661000000000",
                "status": {"code": 0},
                "attributes": {"my.span.attr": "some value"},
                "resource": {"service.name": "my.service"},
                "scope": "my.library",
                "events": [],
            },
        )
    ]


def test_every_kind_of_value_becomes_flat() -> None:
    listed = {"arrayValue": {"values": [{"stringValue": "a"}, {"intValue": "2"}]}}
    mapped = {"kvlistValue": {"values": attributes(k={"boolValue": True}, l=listed)}}
    [(_, row)] = SPANS.explode(
        batch(
            {
                "attributes": attributes(
                    text={"stringValue": "x"},
                    whole={"intValue": "9007199254740993"},
                    number={"intValue": 7},
                    real={"doubleValue": 0.25},
                    flag={"boolValue": False},
                    bytes={"bytesValue": "AAE="},
                    empty={},
                    listed=listed,
                    nothing_listed={"arrayValue": {}},
                    mapped=mapped,
                )
            }
        )
    )
    assert row["attributes"] == {
        "text": "x",
        "whole": 9007199254740993,
        "number": 7,
        "real": 0.25,
        "flag": False,
        "bytes": "AAE=",
        "empty": None,
        "listed": '["a",2]',
        "nothing_listed": "[]",
        "mapped": '{"k":true,"l":["a",2]}',
    }


def test_times_given_as_numbers_and_status_given_by_name() -> None:
    [(_, row)] = SPANS.explode(
        batch(
            {
                "startTimeUnixNano": 1777593600000000000,
                "status": {"code": "STATUS_CODE_ERROR", "message": "not kept"},
                "events": [{"name": "guardrail.blocked", "timeUnixNano": 1777593600000000001}],
            }
        )
    )
    assert row["startTimeUnixNano"] == "1777593600000000000"
    assert row["status"] == {"code": 2}
    assert row["events"] == [
        {"name": "guardrail.blocked", "timeUnixNano": "1777593600000000001", "attributes": {}}
    ]


def test_unknown_fields_of_a_span_stay_to_be_counted_as_drift() -> None:
    [(_, row)] = SPANS.explode(batch({"flags": 256, "traceState": "", "newThing": 1}))
    assert row["newThing"] == 1
    assert {"flags", "traceState"}.isdisjoint(row)


def test_a_batch_has_a_row_a_span_and_a_span_without_ids_its_content_as_key() -> None:
    named = {"traceId": "AB", "spanId": "CD"}
    rows = SPANS.explode(batch(named, {"name": "no ids"}))
    assert [key for key, _ in rows] == ["ab:cd", content_key(rows[1][1])]


def test_names_before_the_rename_of_scopes_are_read() -> None:
    old = {
        "resourceSpans": [
            {
                "instrumentationLibrarySpans": [
                    {"instrumentationLibrary": {"name": "lib"}, "spans": [{"spanId": "1"}]}
                ]
            }
        ]
    }
    [(_, row)] = SPANS.explode(old)
    assert row["scope"] == "lib"


def test_the_day_is_the_earliest_usable_start() -> None:
    record = batch(
        {"startTimeUnixNano": "1777680000000000000"},
        {"startTimeUnixNano": "0"},
        {"startTimeUnixNano": "1777679999999999999"},
    )
    assert SPANS.day(record) == date(2026, 5, 1)


def test_exports_land_by_the_time_of_their_spans(tmp_path: Path) -> None:
    folder = tmp_path / "drops/otlp/spans/year=2026/month=05/day=01/hour=00/minute=05"
    folder.mkdir(parents=True)
    late, own = (
        json.dumps(batch({"startTimeUnixNano": str(seconds * 10**9)})).encode()
        for seconds in (1777593599, 1777593601)
    )
    (folder / "traces_1.json.gz").write_bytes(gzip.compress(late + b"\n" + own + b"\n"))
    settings = settings_in(tmp_path)
    outcome = land_stream(settings, SPANS, [DAY])
    assert outcome.days_touched == {date(2026, 4, 30), date(2026, 5, 1)}
    assert sorted(landed(settings, SPANS.prefix).values()) == sorted([[late], [own]])
