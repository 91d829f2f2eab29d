"""The redaction step over landing objects: pure, write-once, and honest about what is broken."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from ingest.redaction import RedactionError, policy_version, redact_stream
from ingest.redaction import objects as objects_module
from ingest.redaction import policy as policy_module
from ingest.redaction import step as step_module
from ingest.redaction.parquet import SCHEMA
from ingest.redaction.policy import POLICY_FILE, load_policy
from ingest.redaction.tokens import caller_token
from ingest.registry import all_streams, get_stream
from ingest.store import open_store
from tests.ingest.redaction.estates import DAYS, FIRST, land, redacted_rows, settings_in

CALLS = get_stream("twilio", "calls")
BASE = f"policy={policy_version()}"


def call(number: int, **fields: Any) -> bytes:
    return json.dumps({"sid": f"CA{number:032x}", "status": "completed", **fields}).encode()


def files_of(root: str) -> dict[str, bytes]:
    """Every file below a folder, without the sidecars' instant of redaction."""
    found = {}
    for path in sorted(Path(root).rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if path.suffix == ".json" and b"redacted_at" in data:
                data = json.dumps({**json.loads(data), "redacted_at": None}).encode()
            found[path.relative_to(root).as_posix()] = data
    return found


def sidecars(settings: Any) -> list[dict[str, Any]]:
    paths = sorted((Path(settings.redacted) / BASE / "_objects" / CALLS.prefix).glob("*.json"))
    return [json.loads(path.read_text()) for path in paths]


def test_a_landing_object_becomes_one_parquet_object_and_one_sidecar(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    line = call(1, **{"from": "+14155552671"})
    key = land(settings, CALLS, FIRST, line, call(2))
    outcome = redact_stream(settings, CALLS)
    row, other = redacted_rows(settings, CALLS)
    assert list(row) == SCHEMA.names
    assert row["record_hash"] == hashlib.sha256(line).hexdigest()
    assert json.loads(row["record"])["from"] == caller_token(settings.token_key, "4155552671")
    assert row["record_key"] == f"CA{1:032x}"
    assert (row["landing_object"], row["landing_line"], row["part"]) == (key, 1, 0)
    assert row["landed_at"] == datetime(2026, 5, 4, tzinfo=UTC)
    assert (row["redaction_state"], row["redaction_classes"], row["drift"]) == ("clean", [], [])
    assert row["policy_version"] == policy_version()
    assert other["landing_line"] == 2
    (sidecar,) = sidecars(settings)
    assert sidecar["received"] == sidecar["redacted"] == sidecar["rows"] == 2
    assert sidecar["states"] == {"clean": 2}
    assert (sidecar["dt"], sidecar["landing_object"]) == ("2026-05-01", key)
    assert outcome.objects == (key,)
    assert outcome.days == ("2026-05-01",)


def test_an_object_is_redacted_once(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    land(settings, CALLS, FIRST, call(1))
    redact_stream(settings, CALLS)
    before = files_of(settings.redacted)
    again = redact_stream(settings, CALLS)
    assert (again.objects, again.skipped, again.rows) == ((), 1, 0)
    assert files_of(settings.redacted) == before


def test_a_run_that_died_between_its_two_writes_is_made_good(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    land(settings, CALLS, FIRST, call(1), b'{"status": "no sid"}')
    redact_stream(settings, CALLS)
    before = files_of(settings.redacted)
    for kind in ("dt=2026*.json", "2026*.parquet"):
        for path in Path(settings.redacted).rglob(kind):
            path.unlink()
        assert redact_stream(settings, CALLS).rows == 1
        assert files_of(settings.redacted) == before


def test_the_same_input_gives_the_same_bytes_with_one_worker_or_two(
    estates: dict[str, Path], tmp_path: Path
) -> None:
    landing = str(estates["faulty"] / "landing")
    results = []
    for workers in (1, 2):
        settings = settings_in(tmp_path / str(workers), landing=landing)
        for name in ("twilio.calls", "livekit.session_reports"):
            redact_stream(settings, get_stream(*name.split(".")), workers=workers)
        results.append(files_of(settings.redacted))
    assert results[0] == results[1]
    assert len(results[0]) > 10


def test_counts_reconcile_over_an_estate(estates: dict[str, Path], tmp_path: Path) -> None:
    """received = redacted + rejected for every object, and every landed line is received."""
    home = estates["faulty"]
    settings = settings_in(tmp_path, landing=str(home / "landing"))
    for stream in all_streams():
        outcome = redact_stream(settings, stream, workers=1)
        rows = redacted_rows(settings, stream)
        lines = {(row["landing_object"], row["landing_line"]) for row in rows}
        assert outcome.received == len(lines) + outcome.rejected
        assert outcome.rows == len(rows) > 0
        assert outcome.rejected == 0
        assert set(outcome.days) <= {str(day) for day in DAYS} | {"2026-05-04", "2026-05-05"}


def test_a_corrupt_object_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    store = open_store(settings.landing)
    good = land(settings, CALLS, FIRST, call(1))
    lying = good.replace(good.rpartition("-")[2], "0" * 16 + ".jsonl.zst")
    store.put(lying, store.get(good))
    broken = good.replace(good.rpartition("-")[2], "1" * 16 + ".jsonl.zst")
    store.put(broken, store.get(good)[:-6])
    noise = good.replace(good.rpartition("-")[2], "2" * 16 + ".jsonl.zst")
    store.put(noise, b"this is no zstd frame")
    with pytest.raises(RedactionError) as error:
        redact_stream(settings, CALLS)
    assert all(key in str(error.value) for key in (lying, broken, noise))
    assert good not in str(error.value)
    assert {row["landing_object"] for row in redacted_rows(settings, CALLS)} == {good}
    assert [sidecar["landing_object"] for sidecar in sidecars(settings)] == [good]


def test_a_line_that_cannot_be_redacted_is_rejected_and_the_others_go_on(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    deep = b'{"sid":"CA1","x":' * 80 + b"1" + b"}" * 80
    lines = [call(1), b'{"status": "x 4111111111111111"}', b"[1]", b"{not json", deep, call(2)]
    land(settings, CALLS, FIRST, *lines)
    outcome = redact_stream(settings, CALLS)
    assert (outcome.received, outcome.rows, outcome.rejected) == (6, 2, 4)
    folder = Path(settings.redacted) / BASE / "_rejects" / CALLS.prefix
    rejects = sorted((json.loads(p.read_text()) for p in folder.iterdir()), key=lambda r: r["line"])
    assert [(r["line"], r["reason"]) for r in rejects] == [
        (2, "no_key"),
        (3, "not_an_object"),
        (4, "bad_json"),
        (5, "too_deep"),
    ]
    assert rejects[0]["sha256"] == hashlib.sha256(lines[1]).hexdigest()
    assert rejects[0]["bytes"] == len(lines[1])
    assert not any("4111" in path.read_text() for path in folder.iterdir())


def test_landing_rejects_are_told_of_without_their_content(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    body = b"{broken 4111111111111111"
    name = f"20260504T000000000000Z-{hashlib.sha256(body).hexdigest()[:16]}.invalid_json"
    open_store(settings.landing).put(f"{CALLS.prefix}_rejects/{name}.bin", body)
    redact_stream(settings, CALLS)
    redact_stream(settings, CALLS)
    folder = Path(settings.redacted) / BASE / "_rejects" / CALLS.prefix
    (path,) = folder.iterdir()
    assert json.loads(path.read_text()) == {
        "provider": "twilio",
        "stream": "calls",
        "object": f"{CALLS.prefix}_rejects/{name}.bin",
        "line": None,
        "reason": "invalid_json",
        "bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "landed_at": "2026-05-04T00:00:00+00:00",
    }


def test_readers_find_an_empty_object_where_nothing_landed(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    outcome = redact_stream(settings, CALLS)
    assert outcome.objects == ()
    assert redacted_rows(settings, CALLS) == []
    names = set(files_of(settings.redacted))
    empty = f"{BASE}/twilio/calls/dt=0001-01-01/_empty.parquet"
    assert {empty, f"{BASE}/_objects/_empty.json", f"{BASE}/_rejects/_empty.json"} <= names


def test_another_token_key_is_refused(tmp_path: Path) -> None:
    """Half of the tokens under another key would join to nothing, silently."""
    redact_stream(settings_in(tmp_path), CALLS)
    with pytest.raises(RedactionError, match="CALLSTORY_TOKEN_KEY"):
        redact_stream(settings_in(tmp_path, token_key=b"1" * 32), CALLS)


def test_spans_become_one_row_each(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    spans = get_stream("otlp", "spans")
    members = [
        {"traceId": "AB" * 16, "spanId": f"{n:016X}", "startTimeUnixNano": "1777600000000000000"}
        for n in (1, 2)
    ]
    line = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": members}]}]}).encode()
    land(settings, spans, FIRST, line)
    outcome = redact_stream(settings, spans)
    rows = redacted_rows(settings, spans)
    digest = hashlib.sha256(line).hexdigest()
    assert [r["record_hash"] for r in rows] == [f"{digest}:0", f"{digest}:1"]
    assert [r["record_key"] for r in rows] == [f"{'ab' * 16}:{n:016x}" for n in (1, 2)]
    assert (outcome.received, outcome.rows) == (1, 2)


def test_a_worker_gets_no_secret_but_the_token_key(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, twilio_auth_token="not-for-workers")
    land(settings, CALLS, FIRST, call(1))
    store = open_store(settings.landing)
    (job,) = step_module._jobs(settings, CALLS, store, BASE)
    assert "not-for-workers" not in str(vars(type(job))) + repr(job)
    assert repr(settings.token_key) not in repr(job)


def test_a_change_of_policy_writes_new_objects_and_leaves_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S0-147: each row carries its policy's version; the sidecar of its object says when it ran."""
    settings = settings_in(tmp_path)
    key = land(settings, CALLS, FIRST, call(1, note="ask for Jennifer at the desk"))
    redact_stream(settings, CALLS)
    before = files_of(settings.redacted)
    document = yaml.safe_load(POLICY_FILE.read_text())
    document["text_rules"] = [r for r in document["text_rules"] if not r["id"].startswith("name-l")]
    changed = tmp_path / "policy.yml"
    changed.write_text(yaml.safe_dump(document))
    policy = load_policy(changed)
    for module in (policy_module, objects_module):
        monkeypatch.setattr(module, "default_policy", lambda: policy)
    objects_module._redactor.cache_clear()
    try:
        assert redact_stream(settings, CALLS).rows == 1
        assert redact_stream(settings, CALLS).skipped == 1
    finally:
        objects_module._redactor.cache_clear()
    after = files_of(settings.redacted)
    assert policy.version != BASE.removeprefix("policy=")
    assert {name: data for name, data in after.items() if name.startswith(BASE)} == before
    (path,) = Path(settings.redacted).glob(f"policy={policy.version}/twilio/calls/dt=2026*/*")
    (row,) = pq.ParquetFile(path).read().to_pylist()
    assert json.loads(row["record"])["note"] == "ask for Jennifer at the desk"
    assert (row["policy_version"], row["landing_object"]) == (policy.version, key)
    (path,) = Path(settings.redacted).glob(f"policy={policy.version}/_objects/twilio/calls/*")
    sidecar = json.loads(path.read_text())
    assert (sidecar["landing_object"], sidecar["policy_version"]) == (key, policy.version)
    assert datetime.fromisoformat(sidecar["redacted_at"]).tzinfo is not None
