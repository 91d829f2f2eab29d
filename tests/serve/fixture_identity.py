"""A warehouse with the three identity tables that ``callstory why`` reads, written by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingest.redaction.tokens import published_id

SCHEMA = """
create schema identity;
create table identity.int_identity__alias_observation (
    record_id varchar, landed_at timestamp, started_at timestamp, ended_at timestamp,
    namespace varchar, alias_value varchar, instance bigint, role varchar, alias_rank integer,
    kind varchar, is_associating_record boolean, unusable_reason varchar);
create table identity.int_identity__record_call (
    record_id varchar, canonical_call_id varchar, provider varchar, stream varchar,
    is_associating_record boolean);
create table identity.int_identity__withheld (
    record_id varchar, canonical_call_id varchar, namespace varchar, alias_value varchar,
    instance bigint, reason varchar, anchor_count bigint);
"""
KINDS = {
    "livekit_room_name": "scoped",
    "sip_call_id": "scoped",
    "crm_ticket_id": "associating",
    "call_reference": "associating",
}
KEY = "k" * 32
A, B = "CA" + "a" * 32, "CA" + "b" * 32
HOSTILE = 'x\x1b[2J\u202e", \nlivekit_room_name,y,,"'
QUOTED = 'Smith, "Jo"'
LANDED = datetime(2026, 5, 2, 3, 0)
EARLY = int(datetime(2026, 5, 1, 8, 0, tzinfo=UTC).timestamp() * 1_000_000)
LATE = int(datetime(2026, 5, 1, 20, 30, tzinfo=UTC).timestamp() * 1_000_000)


class Estate:
    """Collects rows; ``write`` makes the file."""

    def __init__(self) -> None:
        self.calls: dict[tuple[str, str | None], bool] = {}
        self.stated: list[tuple[Any, ...]] = []
        self.withheld: list[tuple[Any, ...]] = []

    def record(
        self, call: str | None, record_id: str, *statements: str, ticket: bool = False
    ) -> None:
        """A record of a call; a statement is "namespace value role rank [instance]"."""
        self.calls[record_id, call] = ticket
        for statement in statements:
            namespace, value, role, rank, *instance = statement.split(" ")
            told = {"role": role, "rank": int(rank), "ticket": ticket}
            self.state(record_id, namespace, value, instance=int(*instance), **told)

    def state(
        self,
        record_id: str,
        namespace: str,
        value: str,
        *,
        role: str = "call",
        rank: int = 1,
        instance: int = 0,
        unusable: str | None = None,
        ticket: bool = False,
    ) -> None:
        """One more statement of a record."""
        kind = KINDS.get(namespace, "identifying")
        self.stated.append(
            (record_id, LANDED, LANDED, LANDED, namespace, value, instance, role, rank, kind,
             ticket, unusable)
        )  # fmt: skip

    def withhold(
        self, call: str | None, record_id: str, namespace: str, value: str, reason: str
    ) -> None:
        """A guard withheld a statement, which stands among the others all the same."""
        self.state(record_id, namespace, value)
        self.withheld.append((record_id, call, namespace, value, 0, reason, 4))

    def write(self, path: Path) -> Path:
        """The file."""
        calls = [
            (record, call, record.split(".")[0], record.split(":")[0].split(".")[1], ticket)
            for (record, call), ticket in self.calls.items()
            if call
        ]
        with duckdb.connect(str(path)) as connection:
            connection.execute(SCHEMA)
            for table, rows in (
                ("alias_observation", self.stated),
                ("record_call", calls),
                ("withheld", self.withheld),
            ):
                if rows:
                    marks = ", ".join("?" * len(rows[0]))
                    connection.executemany(
                        f"insert into identity.int_identity__{table} values ({marks})", rows
                    )
        return path


def identity_warehouse(path: Path) -> Path:
    """Calls of every shape that matters, each for one or two tests."""
    estate = Estate()
    _chain_of_bridges(estate)
    _without_bridges(estate)
    _apart(estate)
    _odd_values(estate)
    _traps(estate)
    return estate.write(path)


def _chain_of_bridges(estate: Estate) -> None:
    """Two chains in which every link is a bridge and every alias is stated by two records."""
    add = estate.record
    add("call_a", f"twilio.calls:{A}", f"twilio_call_sid {A} inbound_parent 1")
    add("call_a", f"twilio.summaries:{A}", f"twilio_call_sid {A} call 1",
        f"sip_call_id s@1 sip_header 2 {EARLY}")  # fmt: skip
    add("call_a", "livekit.webhooks:EV_1", f"sip_call_id s@1 sip_header 2 {EARLY}",
        "livekit_room_sid RM_1 room 1")  # fmt: skip
    add("call_a", "livekit.session_reports:AJ_1", "livekit_job_id AJ_1 job 1",
        "livekit_room_sid RM_1 room 2", "livekit_room_sid RM_1 first_room 3")  # fmt: skip
    add("call_a", "otlp.spans:S1", "otel_trace_id t1 trace 1", "livekit_job_id AJ_1 job 2")
    add("call_a", "zendesk.tickets:7", "crm_ticket_id 7 ticket 1", f"call_reference {A} call 2",
        ticket=True)  # fmt: skip
    add("call_b", f"twilio.events:{B}", f"twilio_call_sid {B} call 1")
    add("call_b", f"twilio.calls:{B}", f"twilio_call_sid {B} call 1",
        "otel_trace_id t2 derived_trace_id 3")  # fmt: skip
    add("call_b", "otlp.spans:S2", "otel_trace_id t2 trace 3", "livekit_job_id AJ_2 job 3")
    add("call_b", "livekit.session_reports:AJ_2", "livekit_job_id AJ_2 job 1")


def _without_bridges(estate: Estate) -> None:
    add = estate.record
    # A ring: F to G over X and Y, or over Z.
    for record, *aliases in (
        ("r1", "F", "X"), ("r2", "F", "Z"), ("r3", "X", "Y"), ("r4", "Y", "G"), ("r5", "Z", "G"),
    ):  # fmt: skip
        add("call_c", f"twilio.calls:{record}", *(f"otel_trace_id {a} trace 1" for a in aliases))
    # Two and two records with one room name between them.
    for record in ("p1", "p2", "q1", "q2"):
        add("call_d", f"livekit.webhooks:{record}", f"livekit_job_id {record[0].upper()}D job 1",
            f"livekit_room_name room-d room 2 {EARLY}")  # fmt: skip
    # One record in the middle of a figure of eight.
    for record, *aliases in (
        ("u1", "FE", "A1"), ("u2", "FE", "A2"), ("m", "A1", "A2", "B1", "B2"),
        ("v1", "B1", "GE"), ("v2", "B2", "GE"),
    ):  # fmt: skip
        add("call_e", f"otlp.spans:{record}", *(f"otel_trace_id {a} trace 1" for a in aliases))
    # Tied by twenty-five records, each of which states both.
    for number in range(25):
        add("call_many", f"otlp.spans:many{number:02}", "otel_trace_id many1 trace 1",
            "livekit_job_id many2 job 2")  # fmt: skip


def _apart(estate: Estate) -> None:
    for call, job, began in (("call_f1", "JF1", EARLY), ("call_f2", "JF2", LATE)):
        estate.record(call, f"livekit.session_reports:{job}", f"livekit_job_id {job} job 1",
                      f"livekit_room_name lobby room 2 {began}")  # fmt: skip
    for call, job in (("call_h1", "JH1"), ("call_h2", "JH2")):
        record = f"livekit.session_reports:{job}"
        estate.record(call, record, f"livekit_job_id {job} job 1")
        estate.withhold(call, record, "otel_trace_id", "feed", "too_many_anchors")
        estate.state(record, "otel_trace_id", "not a trace", unusable="malformed")
    estate.withhold("call_h1", "livekit.session_reports:JH1", "otel_trace_id", "solo", "span")
    # A guard withheld one side's statement only.
    estate.record("call_i1", "otlp.spans:i1", "otel_trace_id ti1 trace 1")
    estate.withhold("call_i1", "otlp.spans:i1", "livekit_job_id", "JI2", "calls_apart_in_time")
    estate.record("call_i2", "livekit.session_reports:i2", "livekit_job_id JI2 job 1")


def _odd_values(estate: Estate) -> None:
    estate.record("call_g", "amazon_connect.contact_records:g", "connect_contact_id s@1 root 1",
                  "twilio_recording_sid REg recording 2")  # fmt: skip
    for value, job in ((HOSTILE, "JX"), (QUOTED, "JQ"), (published_id(KEY.encode(), "Jo's"), "JK")):
        record = f"livekit.session_reports:{job}"
        estate.record(f"call_{job}", record, f"livekit_job_id {job} job 1")
        estate.state(record, "livekit_room_name", value, role="room", rank=2, instance=EARLY)
    estate.record(None, "twilio.events:lost", "twilio_call_sid lost call 1")


def _traps(estate: Estate) -> None:
    """What a chain must not use, and what must not be taken for another."""
    add = estate.record
    # Two records between LW and RW, and a withheld value that would tie them with one record less;
    # the same value in another namespace of the same record is not withheld.
    add("call_w", "otlp.spans:w1", "otel_trace_id LW trace 1", "livekit_job_id JW job 2")
    add("call_w", "otlp.spans:w2", "livekit_job_id JW job 1", "livekit_job_id KW job 2")
    add("call_w", "otlp.spans:w3", "livekit_job_id KW job 1", "otel_trace_id RW trace 2")
    for record in ("w1", "w3"):
        estate.withhold(
            "call_w", f"otlp.spans:{record}", "otel_trace_id", "KW", "span_over_maximum"
        )
    # Two minted IDs in one call: a conflict over its ID, and both join.
    add("call_v", "amazon_connect.contact_records:v", "connect_contact_id v root 1")
    add("call_v", "livekit.session_reports:v", "livekit_job_id JV job 1")
    for record in ("amazon_connect.contact_records:v", "livekit.session_reports:v"):
        estate.withhold("call_v", record, "canonical_call_id", "mine", "several_minted_ids_in_call")
    # A ticket states an alias that would tie two others, and one of another call.
    add("call_w", "zendesk.tickets:8", "otel_trace_id LW trace 1", "otel_trace_id RW trace 1",
        ticket=True)  # fmt: skip
    add("call_w", "zendesk.tickets:9", "call_reference AJ_2 call 1", ticket=True)
    # The same two room names in two calls: by two records, and later by one.
    add("call_s1", "livekit.webhooks:s1", f"livekit_room_name ra room 1 {EARLY}",
        "livekit_room_sid RM_s room 1")  # fmt: skip
    add("call_s1", "livekit.webhooks:s2", f"livekit_room_name rb room 1 {EARLY}",
        "livekit_room_sid RM_s room 1")  # fmt: skip
    add("call_s2", "livekit.webhooks:s3", f"livekit_room_name ra room 1 {LATE}",
        f"livekit_room_name rb room 1 {LATE}")  # fmt: skip
