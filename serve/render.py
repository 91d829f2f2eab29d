"""A call as text for a terminal of 100 columns: header, six questions, gaps, timeline, transcript.

Whatever a provider wrote is escaped: a control character in a menu name must move no cursor.
"""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from serve.as_json import payload_of
from serve.lookup import Found, Story
from serve.questions import question_lines
from serve.text import clean, number

WIDTH = 100
MOST_PAYLOAD = 220
MOST_INDENT = 60
LAYERS = {
    "ivr": "IVR",
    "call": "telephony",
    "recording": "telephony",
    "case": "outcome",
}
OUTCOMES = ("call.escalated", "call.resolved")
Row = dict[str, Any]


def story_text(story: Story) -> str:
    """The whole story of one call, wrapped to ``WIDTH`` columns."""
    blocks = [
        _header(story.call),
        "\n".join(_wrapped(*line) for line in question_lines(story.call)),
        "Identifiers\n" + "\n".join(_aliases(story.aliases)),
        "Completeness\n" + "\n".join(_completeness(story)),
        "Timeline (minutes:seconds from the start)\n" + "\n".join(_timeline(story)),
    ]
    if story.turns:
        blocks.append("Transcript\n" + "\n".join(_transcript(story)))
    return "\n\n".join(blocks)


def matches_text(found: Found) -> str:
    """A list of calls and how to choose one."""
    lines = [f"{found.total} calls match. Choose one: callstory find <call ID>", ""]
    for match in found.matches:
        call = match.call
        lines.append(
            f"  {clean(match.call_id):<32} {_second(call['started_at']):<20}"
            f" {clean(call['route']):<16} {clean(call['outcome']):<11} by {clean(match.found_by)}"
        )
    if found.total > len(found.matches):
        lines.append(f"  and {found.total - len(found.matches)} older ones")
    return "\n".join(line.rstrip() for line in lines)


def _header(call: Row) -> str:
    facts = [call["route"], call["direction"], call["environment"], _duration(call["duration_ms"])]
    outcome = call["outcome"] or "unknown"
    if call["disposition"]:
        outcome += f" (disposition {call['disposition']})"
    title = f"{clean(call['canonical_call_id'])}   {_second(call['started_at'])} UTC"
    told = " · ".join(clean(fact) for fact in facts if fact)
    lines = [title, f"{told} · outcome {clean(outcome)}"]
    if call["is_conflicting"]:
        lines.append("Its identifiers conflict: see the table identity_conflict.")
    return "\n".join(lines)


def _aliases(aliases: list[Row]) -> Iterator[str]:
    for alias in aliases:
        role = f" ({alias['canonical_role']})" if alias["canonical_role"] else ""
        name = f"  {alias['namespace']}{role}"
        yield _wrapped(f"{clean(name):<46}  ", clean(alias["alias_value"]))


def _completeness(story: Story) -> Iterator[str]:
    missing = [row for row in story.completeness if row["is_required"] and not row["is_present"]]
    required = sum(1 for row in story.completeness if row["is_required"])
    yield f"  {required - len(missing)} of {required} required identifiers are there"
    for row in missing:
        where = f", at the boundary {row['boundary']}" if row["boundary"] else ""
        yield _wrapped(
            f"  missing {clean(row['canonical_role'])}: ", clean(f"{row['reason']}{where}")
        )
    states = Counter(str(turn["redaction_state"]) for turn in story.turns)
    told = ", ".join(f"{count} {clean(state)}" for state, count in sorted(states.items()))
    policy = clean(story.call["redaction_policy_version"])
    yield _wrapped("  redaction: ", f"policy {policy}; turns: {told or 'none'}")


def _timeline(story: Story) -> Iterator[str]:
    start = story.call["started_at"]
    for event in story.events:
        at = event["aligned_at"] or event["occurred_at"]
        head = f"  {_offset(start, at):>10}  {layer(event['event_type']):<9}  "
        name = clean(event["event_type"])
        mark = "" if event["severity"] in {"info", "debug", None} else f" [{event['severity']}]"
        yield _wrapped(f"{head}{name + clean(mark):<32}  ", _payload(event))


def _transcript(story: Story) -> Iterator[str]:
    start = story.call["started_at"]
    for turn in story.turns:
        marks = [turn["redaction_state"]] if turn["redaction_state"] not in {"clean", None} else []
        marks += ["interrupted"] if turn["was_interrupted"] else []
        marks += ["low confidence"] if turn["is_low_confidence"] else []
        told = f" [{', '.join(marks)}]" if marks else ""
        head = f"  {_offset(start, turn['started_at']):>10}  {clean(turn['speaker']):<11}  "
        yield _wrapped(head, clean(turn["text"] or "(not shown)") + clean(told))


def layer(event_type: str) -> str:
    """Which part of the call an event type tells of: IVR, telephony, agent or outcome."""
    if event_type in OUTCOMES:
        return "outcome"
    return LAYERS.get(event_type.partition(".")[0], "agent")


def _payload(event: Row) -> str:
    payload = payload_of(event)
    if not isinstance(payload, dict):
        return clean(payload or "")
    if any(isinstance(value, (dict, list)) for value in payload.values()):
        told = clean(json.dumps(payload, ensure_ascii=False))
    else:
        facts = [(key, value) for key, value in payload.items() if value not in {None, ""}]
        told = ", ".join(f"{clean(key)}={clean(number(value))}" for key, value in facts)
    return told if len(told) <= MOST_PAYLOAD else f"{told[:MOST_PAYLOAD]}… (--json shows all)"


def _wrapped(head: str, text: str) -> str:
    """``head`` and the text beside it, wrapped under itself; words too long for a line are cut."""
    indent = " " * min(len(head), MOST_INDENT)
    lines = textwrap.wrap(text, WIDTH, initial_indent=head, subsequent_indent=indent)
    return "\n".join(lines) if lines else head.rstrip()


def _offset(start: str | None, at: str | None) -> str:
    if not start or not at:
        return "-"
    seconds = (datetime.fromisoformat(at) - datetime.fromisoformat(start)).total_seconds()
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    return f"{sign}{int(seconds // 60)}:{seconds % 60:06.3f}"


def _second(instant: str | None) -> str:
    return (instant or "unknown time")[:19].replace("T", " ")


def _duration(milliseconds: int | None) -> str:
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
