"""Which version of a record is staged does not depend on which of them landed last."""

from __future__ import annotations

from typing import Any

import pytest

from tests.identity.test_call_ids import FIRST, LATER
from tests.identity.warehouse import RedactedZone
from tests.incremental.runner import DbtBuilds

pytestmark = pytest.mark.xdist_group("dbt")

NOON, MORNING = "2026-05-01T12:00:00Z", "2026-05-01T10:00:00Z"


def analysis(analysed_at: str) -> tuple[str, dict[str, Any]]:
    document = {"Version": analysed_at, "Transcript": []}
    record = {"contact_id": "c-1", "artefact": "original", "analysed_at": analysed_at}
    return "c-1:original", {**record, "document": document}


def event(room: str, state: str) -> tuple[str, dict[str, Any]]:
    """Webhooks with one ID: other rooms are other events, another state is another version."""
    return "EV_1", {
        "id": "EV_1",
        "event": "participant_joined",
        "createdAt": "1777622400",
        "room": {"sid": room, "name": room},
        "participant": {"sid": "PA_1", "state": state},
    }


ANALYSES = [analysis(NOON), analysis(MORNING)]
EVENTS = [event("RM_1", "JOINED"), event("RM_1", "ACTIVE"), event("RM_2", "JOINED")]


@pytest.fixture(scope="module")
def staged(
    dbt: DbtBuilds, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[list[Any], list[Any]]]:
    """Analyses and webhooks as staged, once per order of landing."""
    found = []
    for name, step in (("forth", 1), ("back", -1)):
        home = tmp_path_factory.mktemp(name)
        zone = RedactedZone(home / "redacted")
        for landed_at, place in ((FIRST, 0), (LATER, 1)):
            zone.land("amazon_connect", "contact_lens", [ANALYSES[::step][place]], landed_at)
        zone.land("livekit", "webhooks", EVENTS[::step][:1], FIRST)
        zone.land("livekit", "webhooks", EVENTS[::step][1:], LATER)
        with zone.build(dbt, home / "warehouse.duckdb") as connection:
            analyses = connection.execute(
                "select document_version, source_version"
                " from staging.stg_amazon_connect__contact_lens"
            ).fetchall()
            events = connection.execute(
                "select record_id, room_sid, participant_state"
                " from staging.stg_livekit__webhook order by record_id"
            ).fetchall()
        found.append((analyses, events))
    return found


def test_the_newest_analysis_is_the_one_made_last(
    staged: list[tuple[list[Any], list[Any]]],
) -> None:
    # 12:00 UTC of 1 May 2026, in microseconds.
    assert [analyses for analyses, _ in staged] == [[(NOON, 1_777_636_800_000_000)]] * 2


def test_two_events_with_one_id_are_staged_and_content_picks_the_version(
    staged: list[tuple[list[Any], list[Any]]],
) -> None:
    (_, forth), (_, back) = staged
    assert forth == back
    assert sorted(room for _, room, _ in forth) == ["RM_1", "RM_2"]
