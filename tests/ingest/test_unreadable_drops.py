"""A delivery that cannot be opened is told, and does not take its neighbours with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.landing import land_stream
from ingest.registry import get_stream
from ingest.settings import Settings

DAY = date(2026, 5, 1)
RECORD = b'{"id":"EV_1","event":"room_started","createdAt":"1777622400"}\n'


def dangling(folder: Path) -> str:
    (folder / "dangling.jsonl").symlink_to(folder / "nowhere")
    return "dangling.jsonl"


def backslashed(folder: Path) -> str:
    (folder / "a\\b.jsonl").write_bytes(RECORD)
    return "a\\b.jsonl"


@pytest.mark.parametrize("spoil", [dangling, backslashed])
def test_the_neighbour_of_an_unreadable_delivery_lands(tmp_path: Path, spoil) -> None:
    folder = tmp_path / "drops" / "webhooks" / "2026" / "05" / "01" / "09"
    folder.mkdir(parents=True)
    (folder / "good.jsonl").write_bytes(RECORD)
    name = spoil(folder)
    settings = Settings(
        data_dir=tmp_path,
        landing=str(tmp_path / "landing"),
        redacted="",
        published="",
        warehouse=tmp_path / "w",
        drops={"livekit": str(tmp_path / "drops")},
    )

    outcome = land_stream(settings, get_stream("livekit", "webhooks"), [DAY])

    assert (outcome.records_landed, outcome.rejected) == (1, 1)
    [reject] = (tmp_path / "landing" / "livekit" / "webhooks" / "_rejects").iterdir()
    assert reject.name.endswith(".unreadable.bin")
    assert reject.read_bytes().decode().endswith(f"/{name}")
