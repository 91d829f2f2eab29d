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
MOST_PAYLOAD = 120
# What helps programs and not readers of a timeline.
HIDDEN_ENDINGS = {"id", "sid", "pointer", "location", "version"}
HIDDEN = {"module_type", "event_name", "span_name", "service_name", "status_code"}
MOST_INDENT = 60
LAYERS = {
    "ivr": "IVR",
    "telephony": "telephony",
    "agent": "agent",
    "trace": "agent",
    "crm": "outcome",
}
OUTCOMES = ("call.escalated", "call.resolved")
Row = dict[str, Any]


def story_text(story: Story) -> str:
    """The whole story of one call, wrapped to ``WIDTH`` columns."""
    blocks = [
        "\n".join([_header(story.call), *_part_now_in(story.part_now_in)]),
        "\n".join(_wrapped(*line) for line in question_lines(story.call)),
        "Identifiers\n" + "\n".join([*_aliases(story.aliases), *_links(story.links)]),
        "Completeness\n" + "\n".join(_completeness(story)),
        "Timeline (minutes:seconds from the start; --json shows every field)\n"
        + "\n".join(_timeline(story)),
    ]
    rest = list(_transcript(story))
    if rest:
        blocks.append("Turns without an event\n" + "\n".join(rest))
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


def _part_now_in(others: list[str]) -> Iterator[str]:
    if others:
        told = ", ".join(clean(other) for other in others)
        yield _wrapped("", f"Part of what was published under this ID is now in: {told}.")


def _aliases(aliases: list[Row]) -> Iterator[str]:
    for alias in aliases:
        role = f" ({alias['canonical_role']})" if alias["canonical_role"] else ""
        name = f"  {alias['namespace']}{role}"
        how = "" if alias["link_method"] == "explicit" else f" (guess, {alias['confidence']:.3f})"
        yield _wrapped(f"{clean(name):<46}  ", clean(alias["alias_value"]) + how)


def _links(links: list[Row]) -> Iterator[str]:
    """Other calls that may be part of this one: no record says so."""
    for link in links:
        other = clean(link["linked_call_id"] or link["linked_record_id"])
        told = f"{other}, confidence {link['confidence']:.3f} ({clean(link['pair'])})"
        if link["status"] == "linked":
            yield _wrapped("  linked without a key to ", told)
        else:
            why = "several are as likely" if link["status"] == "ambiguous" else "not proved"
            yield _wrapped("  perhaps one with ", f"{told}: {why}")


def _completeness(story: Story) -> Iterator[str]:
    missing = [row for row in story.completeness if row["is_required"] and not row["is_present"]]
    required = sum(1 for row in story.completeness if row["is_required"])
    yield f"  {required - len(missing)} of {required} required identifiers are there"
    for row in missing:
        where = f", at the boundary {row['boundary']}" if row["boundary"] else ""
        yield _wrapped(
            f"  missing {clean(row['canonical_role'])}: ", clean(f"{row['reason']}{where}")
        )
        if row.get("setting"):
            yield _wrapped("    look at: ", clean(f"{row['setting']} ({row['setting_document']})"))
    for row in story.exceptions:
        told = (
            f"{row['day']}, route {row['route']}: {row['missing']} of {row['calls']} calls without"
            f" {row['alias']} (exception {row['exception_id']} by {row['accepted_by']}):"
            f" {row['reason']}"
        )
        yield _wrapped("  accepted by an operator: ", clean(told))
    states = Counter(str(turn["redaction_state"]) for turn in story.turns)
    told = ", ".join(f"{count} {clean(state)}" for state, count in sorted(states.items()))
    policy = clean(story.call["redaction_policy_version"])
    yield _wrapped("  redaction: ", f"policy {policy}; turns: {told or 'none'}")


def _timeline(story: Story) -> Iterator[str]:
    start = _zero(story)
    turns = {turn["turn_id"]: turn for turn in story.turns}
    for event in story.events:
        at = event["aligned_at"] or event["occurred_at"]
        name = clean(event["event_type"])
        if event["severity"] not in {"info", "debug", None}:
            name += f" [{clean(event['severity'])}]"
        payload = payload_of(event)
        told = turns.get(payload.get("turn_id")) if isinstance(payload, dict) else None
        if told and name.startswith("transcript."):
            text = f"{clean(told['speaker'])}: {_said(told)}"
        else:
            text = _facts(payload)
        yield _wrapped(f"  {_offset(start, at):>9}  {layer(event):<9}  {name:<30}  ", text)


def _zero(story: Story) -> Any:
    """Where the timeline starts: its first event, since the clocks of the systems were aligned."""
    first = story.events[0] if story.events else {}
    return first.get("aligned_at") or first.get("occurred_at") or story.call["started_at"]


def _transcript(story: Story) -> Iterator[str]:
    """Turns that no event of the timeline tells of."""
    start = _zero(story)
    payloads = [payload_of(event) for event in story.events]
    told = {payload.get("turn_id") for payload in payloads if isinstance(payload, dict)}
    for turn in story.turns:
        if turn["turn_id"] not in told:
            head = f"  {_offset(start, turn['started_at']):>9}  {clean(turn['speaker']):<11}  "
            yield _wrapped(head, _said(turn))


def _said(turn: Row) -> str:
    marks = [clean(turn["redaction_state"])] if turn["redaction_state"] != "clean" else []
    marks += ["interrupted"] if turn["was_interrupted"] else []
    marks += ["low confidence"] if turn["is_low_confidence"] else []
    told = f" [{', '.join(marks)}]" if marks else ""
    return clean(turn["text"] or "(not shown)") + told


def layer(event: Row) -> str:
    """Which part of the call an event tells of: IVR, telephony, agent or outcome."""
    if event["event_type"] in OUTCOMES:
        return "outcome"
    return LAYERS.get(event["source_system"], clean(event["source_system"]))


def _facts(payload: Any) -> str:
    """The payload's facts without its identifiers, which --json shows."""
    if not isinstance(payload, dict):
        return _cut(clean(payload or ""))
    facts = {
        key: value
        for key, value in payload.items()
        if value is not None
        and value is not False
        and value != ""
        and key.rpartition("_")[2] not in HIDDEN_ENDINGS
        and key not in HIDDEN
    }
    if any(isinstance(value, (dict, list)) for value in facts.values()):
        return _cut(clean(json.dumps(facts, ensure_ascii=False)))
    return _cut(", ".join(f"{clean(key)}={clean(number(value))}" for key, value in facts.items()))


def _cut(text: str) -> str:
    return text if len(text) <= MOST_PAYLOAD else f"{text[:MOST_PAYLOAD]}…"


def _wrapped(head: str, text: str) -> str:
    """``head`` and the text beside it, wrapped under itself; words too long for a line are cut."""
    indent = " " * min(len(head), MOST_INDENT)
    lines = textwrap.wrap(
        text, WIDTH, initial_indent=head, subsequent_indent=indent, break_on_hyphens=False
    )
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
