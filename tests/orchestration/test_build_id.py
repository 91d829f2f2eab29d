"""A build's name changes with everything its tables depend on, and with nothing else."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from ingest.settings import Settings
from orchestration.build import build_id

pytestmark = pytest.mark.xdist_group("orchestration")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        landing="",
        redacted=str(tmp_path),
        published="",
        warehouse=tmp_path / "w",
    )


@pytest.fixture
def redacted(tmp_path: Path) -> Path:
    folder = tmp_path / "policy=1.0-aaaaaaaa"
    (folder / "twilio" / "calls" / "dt=2026-05-01").mkdir(parents=True)
    (folder / "twilio" / "calls" / "dt=2026-05-01" / "1.parquet").write_bytes(b"rows")
    (folder / "_rejects" / "twilio").mkdir(parents=True)
    (folder / "_token_key.txt").write_text("mark")
    return folder


def test_the_same_inputs_have_the_same_name(settings: Settings, redacted: Path) -> None:
    assert build_id(settings, redacted) == build_id(settings, redacted)


def test_another_policy_is_another_build(settings: Settings, redacted: Path) -> None:
    other = redacted.with_name("policy=2.0-bbbbbbbb")
    shutil.copytree(redacted, other)
    assert build_id(settings, other) != build_id(settings, redacted)


def test_another_token_key_is_another_build(settings: Settings, redacted: Path) -> None:
    before = build_id(settings, redacted)
    (redacted / "_token_key.txt").write_text("other")
    assert build_id(settings, redacted) != before


@pytest.mark.parametrize("name", ["twilio/calls/dt=2026-05-01/2.parquet", "_rejects/twilio/1.json"])
def test_one_object_more_is_another_build(settings: Settings, redacted: Path, name: str) -> None:
    before = build_id(settings, redacted)
    (redacted / name).write_bytes(b"")
    assert build_id(settings, redacted) != before


def test_another_sample_rate_is_another_build(settings: Settings, redacted: Path) -> None:
    sampled = dataclasses.replace(settings, trace_sample_rate=0.1)
    assert build_id(sampled, redacted) != build_id(settings, redacted)
