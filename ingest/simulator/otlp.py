"""Traces of the voice agent as OTLP/JSON spans.

Shapes: the OTLP specification's JSON mapping (hex IDs, 64-bit integers as strings, enums as
numbers) and the span names of livekit-agents.
"""

from __future__ import annotations

from typing import Any

from ingest.simulator.clock import nanos
from ingest.simulator.gaps import exports_trace
from ingest.simulator.livekit import trace_alias, wire_trace_id
from ingest.simulator.models import models_of
from ingest.simulator.otlp_batch import Attr, attr
from ingest.simulator.records import Alias, Record
from ingest.simulator.world import Call, Tool, Turn

PROVIDER = "otlp"
INTERNAL, CLIENT = 1, 3


def render(call: Call, skew_ms: int) -> list[Record]:
    """Every span of one call."""
    if not call.ids.trace_id or not exports_trace(call):
        return []
    session, *others = _Trace(call, skew_ms).spans()
    return others if call.has("unfinished_call") else [session, *others]


class _Trace:
    """Writes the spans of one session under one trace."""

    def __init__(self, call: Call, skew_ms: int) -> None:
        self.call = call
        self.skew_ms = skew_ms
        self.models = models_of(call)
        self.records: list[Record] = []
        trace_id = self.key_trace = wire_trace_id(call)
        # Hex IDs are case-insensitive on the wire; the specification's own example is upper case.
        self.upper = call.plan.ordinal % 20 == 7
        self.trace_id = trace_id.upper() if self.upper else trace_id
        self.trace_aliases = trace_alias(call)
        self.context, self.context_aliases = self._context()
        self.job = [attr("lk.job_id", call.ids.job_id)]
        self.job_aliases: tuple[Alias, ...] = (("livekit_job_id", call.ids.job_id),)
        self.speech = call.ids.job_id[3:]
        if call.has("unlinked_trace"):
            self.job, self.job_aliases, self.speech = [], (), trace_id[:12]
        # An older release stamps the session and its turns only.
        self.stamps_all = call.plan.ordinal % 10 != 3
        self.resource = f"{call.environment}|{self.models.agent_version}|{call.region}"
        self.root = ""

    def _context(self) -> tuple[list[Attr], tuple[Alias, ...]]:
        """What the application stamps on the session and its turns: the other systems' IDs."""
        call, ids = self.call, self.call.ids
        if call.has("unlinked_trace"):
            return [], ()
        pairs = [("lk.room_sid", ids.room_sid, "livekit_room_sid")]
        if call.plan.ordinal % 4 and not call.has("stripped_room_name"):
            pairs.append(("lk.pii.room_name", ids.room_name, "livekit_room_name"))
        if ids.livekit_sip_call_id:
            pairs.append(("lk.sip.call.id", ids.livekit_sip_call_id, "livekit_sip_call_id"))
        if not call.has("missing_sip_headers"):
            stamps_sid = call.plan.ordinal % 5 < 3 or call.has("stripped_room_name")
            if ids.sip_call_sid and stamps_sid:
                pairs.append(("call.sid", ids.sip_call_sid, "twilio_call_sid"))
            if call.is_canonical_passed:
                pairs.append(("canonical_call_id", ids.canonical_call_id, "canonical_call_id"))
        return [attr(k, v) for k, v, _ in pairs], tuple((ns, v) for _, v, ns in pairs)

    def add(
        self,
        name: str,
        start_ms: int,
        end_ms: int,
        attributes: list[Attr],
        *,
        parent: str | None = None,
        kind: int = INTERNAL,
        stamped: bool = False,
        error: str = "",
        events: list[dict[str, Any]] | None = None,
    ) -> str:
        """One span; returns its ID. ``stamped``: it carries the session's context."""
        span_id = f"{self.call.rng.getrandbits(64):016x}"
        aliases = self.trace_aliases
        if stamped:
            attributes = [*self.job, *self.context, *attributes]
            aliases += self.job_aliases + self.context_aliases
        elif self.stamps_all:
            attributes = [*self.job, *attributes]
            aliases += self.job_aliases
        body: dict[str, Any] = {
            "traceId": self.trace_id,
            "spanId": span_id.upper() if self.upper else span_id,
            "parentSpanId": (parent.upper() if self.upper else parent) if parent else "",
            "flags": 256,
            "name": name,
            "kind": kind,
            "startTimeUnixNano": nanos(start_ms + self.skew_ms),
            "endTimeUnixNano": nanos(max(start_ms, end_ms) + self.skew_ms),
            "attributes": attributes,
            "events": events or [],
            "status": {"code": 2, "message": error} if error else {},
        }
        key = f"{self.key_trace}:{span_id}"
        self.records.append(Record(PROVIDER, "spans", key, body, end_ms, aliases, self.resource))
        return span_id

    def spans(self) -> list[Record]:
        """The session and its turns; the root is exported last, as it ends last."""
        call, models = self.call, self.models
        self.root = self.add(
            "agent_session",
            call.room_ms + 900,
            call.agent_end_ms + 500,
            [
                attr("gen_ai.agent.id", models.agent_id),
                attr("gen_ai.agent.version", models.agent_version),
                attr("agent.prompt_version", models.prompt_version),
                attr("stt.provider", models.stt_provider),
                attr("tts.provider", models.tts_provider),
                attr("tts.voice_id", models.voice_id),
                attr("gen_ai.request.model", models.llm_model),
            ],
            stamped=True,
        )
        for number, turn in enumerate(call.turns):
            speech = f"speech_{self.speech}{number:02d}"
            if turn.speaker == "user":
                self.user_turn(turn, speech)
            else:
                self.agent_turn(turn, speech)
        return self.records

    def user_turn(self, turn: Turn, speech: str) -> None:
        """The caller's turn: recognition, end of turn, intent."""
        intent = self.call.scenario.intent if turn.confidence > 0.6 else "unclear"
        heard = turn.end_ms + turn.transcription_ms
        done = turn.end_ms + turn.end_of_turn_ms
        parent = self.add(
            "user_turn",
            turn.start_ms,
            done,
            [
                attr("lk.speech_id", speech),
                attr("lk.user_transcript", turn.text),
                attr("lk.transcript_confidence", turn.confidence),
            ],
            parent=self.root,
            stamped=True,
        )
        self.add(
            "stt_processing",
            turn.start_ms,
            heard,
            [
                attr("lk.speech_id", speech),
                attr("stt.provider", self.models.stt_provider),
                attr("gen_ai.request.model", self.models.stt_model),
                attr("lk.transcript_confidence", turn.confidence),
            ],
            parent=parent,
            kind=CLIENT,
        )
        self.add(
            "eou_detection",
            heard,
            done,
            [
                attr("lk.eou.probability", round(0.5 + turn.confidence / 2.1, 4)),
            ],
            parent=parent,
        )
        self.add(
            "intent_classification",
            heard,
            heard + 35,
            [
                attr("lk.speech_id", speech),
                attr("intent.name", intent),
                attr("intent.confidence", round(turn.confidence * 0.97, 4)),
            ],
            parent=parent,
        )

    def agent_turn(self, turn: Turn, speech: str) -> None:
        """The agent's turn: model, tools, voice."""
        models = self.models
        begin = turn.start_ms - turn.ttft_ms - turn.ttfb_ms
        first = min([begin, *(t.start_ms for t in turn.tools)])
        attributes = [
            attr("lk.speech_id", speech),
            attr("lk.interrupted", turn.is_interrupted),
            attr("gen_ai.operation.name", "invoke_agent"),
            attr("gen_ai.agent.id", models.agent_id),
            attr("agent.prompt_version", models.prompt_version),
        ]
        if turn.e2e_ms:
            attributes.append(attr("lk.e2e_latency", turn.e2e_ms / 1000))
        events = []
        if turn.guardrail:
            events.append(
                {
                    "timeUnixNano": nanos(begin + turn.ttft_ms + self.skew_ms),
                    "name": "guardrail.blocked",
                    "attributes": [
                        attr("guardrail.name", turn.guardrail),
                        attr("guardrail.action", "replace_response"),
                    ],
                }
            )
        parent = self.add(
            "agent_turn",
            first,
            turn.end_ms,
            attributes,
            parent=self.root,
            stamped=True,
            events=events,
        )
        for tool in turn.tools:
            self.tool(tool, parent, speech)
        self.model_spans(turn, parent, speech, begin)
        self.voice_spans(turn, parent, speech)

    def tool(self, tool: Tool, parent: str, speech: str) -> None:
        """One tool call, with what went in and came out."""
        # The session report tells tool calls by the same ID.
        known = [attr("lk.function_tool.id", tool.call_id)] if self.job else []
        self.add(
            "function_tool",
            tool.start_ms,
            tool.end_ms,
            [
                attr("lk.speech_id", speech),
                attr("gen_ai.operation.name", "execute_tool"),
                *known,
                attr("lk.function_tool.name", tool.name),
                attr("lk.function_tool.arguments", tool.arguments),
                attr("lk.function_tool.output", tool.output),
                attr("lk.function_tool.is_error", tool.is_error),
            ],
            parent=parent,
            error="upstream_timeout" if tool.is_error else "",
        )

    def model_spans(self, turn: Turn, parent: str, speech: str, begin: int) -> None:
        """The language model's node and the request in it."""
        models = self.models
        done = begin + turn.ttft_ms + 6 * len(turn.text)
        naming = "gen_ai.system" if models.uses_old_names else "gen_ai.provider.name"
        node = self.add(
            "llm_node",
            begin,
            done,
            [attr("lk.speech_id", speech), attr("lk.response.ttft", turn.ttft_ms / 1000)],
            parent=parent,
        )
        self.add(
            "llm_request_run",
            begin + 2,
            done - 2,
            [
                attr("lk.speech_id", speech),
                attr("gen_ai.operation.name", "chat"),
                attr(naming, models.llm_provider),
                attr("gen_ai.request.model", models.llm_model),
                attr("gen_ai.response.model", f"{models.llm_model}-2026-04-14"),
                attr("gen_ai.usage.input_tokens", 900 + 3 * len(turn.text)),
                attr("gen_ai.usage.output_tokens", 4 + len(turn.text) // 4),
                attr("lk.response.ttft", turn.ttft_ms / 1000),
            ],
            parent=node,
            kind=CLIENT,
        )

    def voice_spans(self, turn: Turn, parent: str, speech: str) -> None:
        """The speech synthesis node and the request in it."""
        models = self.models
        begin = turn.start_ms - turn.ttfb_ms
        node = self.add(
            "tts_node",
            begin,
            turn.end_ms,
            [attr("lk.speech_id", speech), attr("lk.response.ttfb", turn.ttfb_ms / 1000)],
            parent=parent,
        )
        self.add(
            "tts_request_run",
            begin + 1,
            turn.end_ms - 200,
            [
                attr("lk.speech_id", speech),
                attr("tts.provider", models.tts_provider),
                attr("tts.voice_id", models.voice_id),
                attr("gen_ai.request.model", models.tts_model),
                attr("lk.response.ttfb", turn.ttfb_ms / 1000),
            ],
            parent=node,
            kind=CLIENT,
        )
