"""Which text of a turn is published, and names that another provider's record knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.identity.test_call_ids import CONTACT, LEG, contact, joined, leg
from tests.identity.warehouse import RedactedZone
from tests.incremental.runner import DbtBuilds

pytestmark = pytest.mark.xdist_group("dbt")

TEXT = "oh Grace says grace and Ümit will pay"
STRICT = "oh Grace says grace and [MASKED] will pay"
WORDS = {"Grace": 3, "grace": 14, "Ümit": 24, "will": 29}
# Keyed tokens of folded words, as the redaction step writes them.
TOKENS = {"Grace": "t-grace", "grace": "t-grace", "Ümit": "t-umit", "will": "t-will"}


def turn(state: str) -> dict[str, Any]:
    candidates = [
        {"start": at, "end": at + len(word), "token": TOKENS[word]} for word, at in WORDS.items()
    ]
    beside = {"state": state, "classes": [], "strict": STRICT, "candidates": candidates}
    return {"type": "message", "role": "user", "content": TEXT, "content_redaction": beside}


def zone_in(root: Path, known: list[str]) -> RedactedZone:
    """One call: a contact record knows a name, an agent's session report has the turns. Another
    call has the same turn, and nothing that knows a name."""
    zone = RedactedZone(root)
    key, record = contact(CONTACT, 8)
    zone.land("amazon_connect", "contact_records", [(key, {**record, "_known": known})])
    zone.land("twilio", "calls", [leg(LEG, 8)])
    ties = {"sip.twilio.callSid": LEG, "sip.amazon.contactId": CONTACT}
    zone.land("livekit", "webhooks", [joined("EV_1", 1777622520, "RM_1", **ties)])
    items = [
        {**turn(state), "id": state, "created_at": 1777622521} for state in ("clean", "withheld")
    ]
    for job, room, said in (("AJ_1", "RM_1", items), ("AJ_2", "RM_2", items[:1])):
        report = {"job_id": job, "room_id": room, "timestamp": 1777622530}
        zone.land(
            "livekit", "session_reports", [(job, {**report, "chat_history": {"items": said}})]
        )
    return zone


@pytest.mark.parametrize(
    ("level", "known", "told"),
    [
        ("strict", ["t-grace"], ("oh [NAME] says [NAME] and [MASKED] will pay", STRICT)),
        ("redacted", ["t-grace", "t-umit"], ("oh [NAME] says [NAME] and [NAME] will pay", TEXT)),
    ],
)
def test_published_text(
    dbt: DbtBuilds, tmp_path: Path, level: str, known: list[str], told: tuple[str, str]
) -> None:
    zone = zone_in(tmp_path / "redacted", known)
    dbt.over(zone.root, None, {"CALLSTORY_TURN_TEXT": level})
    warehouse = tmp_path / "warehouse.duckdb"
    dbt.build(warehouse=warehouse, select=["+call_turn"])
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select redaction_state, text, redaction_classes from marts.call_turn order by 1"
        ).fetchall()
    masked, unmasked = told
    assert rows == [
        ("clean", unmasked, []),
        ("redacted", masked, ["known"]),
        ("withheld", None, ["known"]),
    ]
