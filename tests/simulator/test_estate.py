"""Generation: reproducible bytes, the layout of the drops, and the two profiles."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.fields import content_key
from ingest.registry import all_streams
from ingest.simulator import Estate, generate
from ingest.simulator.faults import FAULTS, HISTORY_FAULTS, PROFILES, FaultProfile
from tests.simulator.conftest import START, spans, truth


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_same_arguments_give_the_same_bytes(profile: str, tmp_path: Path) -> None:
    made = [
        generate(tmp_path / name, calls=30, days=2, start=START, seed=5, profile=profile)
        for name in ("a", "b")
    ]
    assert fingerprint(made[0].out) == fingerprint(made[1].out)


def test_another_process_with_another_hash_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    generate(tmp_path / "a", calls=12, days=1, start=START, seed=5, profile="faulty")
    command = [
        sys.executable,
        "-m",
        "ingest.simulator",
        "--calls",
        "12",
        "--days",
        "1",
        "--seed",
        "5",
        "--profile",
        "faulty",
        "--out",
        str(tmp_path / "b"),
    ]
    done = subprocess.run(
        command,
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONHASHSEED": "123"},
        cwd=Path(__file__).parents[2],
    )
    assert json.loads(done.stdout)["calls"] == 12
    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b")


def test_another_seed_gives_other_calls(tmp_path: Path) -> None:
    for seed in (1, 2):
        generate(tmp_path / str(seed), calls=5, days=1, start=START, seed=seed)
    keys = [
        {tuple(a) for r in map(json.loads, lines.splitlines()) for a in r["aliases"]}
        for lines in ((tmp_path / s / "truth/calls.jsonl").read_text() for s in "12")
    ]
    assert not {a for a in keys[0] & keys[1] if a[0] != "zendesk_ticket_id"}


def test_generating_again_replaces_what_was_there(tmp_path: Path) -> None:
    generate(tmp_path, calls=20, days=1, start=START, seed=1)
    generate(tmp_path, calls=5, days=1, start=START, seed=2)
    generate(tmp_path / "fresh", calls=5, days=1, start=START, seed=2)
    for part in ("drops", "http", "truth"):
        assert fingerprint(tmp_path / part) == fingerprint(tmp_path / "fresh" / part)


def test_clean_estate_arrives_within_its_days(clean: Estate) -> None:
    days = {d.strftime("%Y/%m/%d") for d in clean.days}
    folders = [p.relative_to(clean.drops).as_posix() for p in clean.drops.rglob("*") if p.is_file()]
    for name in folders:
        if name.startswith("otlp/"):
            parts = dict(p.split("=") for p in name.split("/") if "=" in p)
            assert f"{parts['year']}/{parts['month']}/{parts['day']}" in days
        else:
            assert any(f"/{day}/" in name for day in days), name


def test_clean_estate_is_resolvable_throughout(clean: Estate) -> None:
    assert clean.resolvable == clean.calls == 120
    assert set(clean.faults) == {"duplicate_delivery"}


def test_every_record_has_a_key_and_a_day_for_the_pipeline(clean_wire: dict) -> None:
    """The simulator and ``ingest.registry`` name the same streams and read the same keys."""
    streams = {f"{s.provider}.{s.name}": s for s in all_streams()}
    assert set(streams) == set(clean_wire)
    for name, records in clean_wire.items():
        for record in records:
            assert streams[name].key(record)
            assert streams[name].day(record).year == 2026


def test_records_are_counted_as_delivered(faulty: Estate, faulty_wire: dict) -> None:
    for name, records in faulty_wire.items():
        if name not in {"otlp.spans", "amazon_connect.contact_lens", "livekit.session_reports"}:
            assert len({content_key(r) for r in records}) <= faulty.records[name]
    doubled = sum("batch" in f["detail"] for f in truth(faulty, "faults"))
    assert len(spans(faulty_wire)) >= faulty.records["otlp.spans"]
    assert (len(spans(faulty_wire)) > faulty.records["otlp.spans"]) == (doubled > 0)


def test_drops_can_go_to_a_store(tmp_path: Path) -> None:
    kept: dict[str, bytes] = {}
    arguments = {"calls": 8, "days": 1, "start": START, "seed": 3}
    generate(tmp_path / "a", **arguments, put=kept.__setitem__)
    generate(tmp_path / "b", **arguments)
    on_disk = {
        p.relative_to(tmp_path / "b/drops").as_posix(): p.read_bytes()
        for p in (tmp_path / "b/drops").rglob("*")
        if p.is_file()
    }
    assert kept == on_disk
    assert not (tmp_path / "a/drops").exists()


@pytest.mark.parametrize(
    ("name", "rates"),
    [("dirty", {}), ("clean", {"no_such_fault": 0.1}), ("clean", {"missing_trace": 1.5})],
)
def test_wrong_profiles_are_refused(name: str, rates: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"there are|between 0 and 1"):
        FaultProfile.of(name, rates)


def test_faulty_profile_has_every_fault() -> None:
    # Sampling is a policy of the collector's, which the pipeline has to be told.
    history = {*HISTORY_FAULTS, "missing_telephony", "clock_drift"}
    assert set(PROFILES["faulty"]) == set(FAULTS) - history - {"sampled_trace"}


@pytest.mark.parametrize(("calls", "days"), [(0, 1), (1, 0)])
def test_an_empty_estate_is_refused(calls: int, days: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        generate(tmp_path, calls=calls, days=days, start=START, seed=1)
