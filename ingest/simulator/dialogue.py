"""The talk of a call: turns with texts, latencies, tools and planted secrets."""

from __future__ import annotations

from random import Random

import msgspec

from ingest.simulator import secrets, texts
from ingest.simulator.ids import hex_id
from ingest.simulator.secrets import Secret
from ingest.simulator.world import Call, Tool, Turn

_MS_PER_CHAR = 55
_TOOL_NAMES = ("lookup_customer", "take_payment")


class Dialogue:
    """Builds the turns of one conversation, moving a clock forward.

    Args:
        call: the call; its ``secrets`` grow.
        at_ms: when the agent begins to speak.
        place: where the secrets of this talk are said to be (see ``Call.secrets``).
        automated: whether the agent is the voice agent (latencies, tools) or a person.
    """

    def __init__(self, call: Call, at_ms: int, place: str, *, automated: bool) -> None:
        self.call = call
        self.rng: Random = call.rng
        self.at_ms = at_ms
        self.place = place
        self.automated = automated
        self.turns: list[Turn] = []

    def run(self, *, until: int | None = None, hand_over: bool = False) -> list[Turn]:
        """The whole talk, or its first ``until`` exchanges (the caller hung up)."""
        call, rng = self.call, self.rng
        self.agent(rng.choice(texts.GREETINGS) if self.automated else "Hello, how may I help you?")
        for exchanges, (asked, answered) in enumerate(call.scenario.lines):
            if until is not None and exchanges >= until:
                return self.turns
            self.user(asked)
            self.disturb()
            if exchanges == 0:
                self.identify()
            else:
                tool = call.scenario.tool if self.automated and exchanges == 1 else ""
                self.agent(answered, tool=tool)
        if until is not None:
            return self.turns
        if hand_over:
            asked, answered = rng.choice(texts.ESCALATIONS)
            self.user(asked)
            self.agent(answered)
            return self.turns
        if call.scenario.payment:
            self.pay()
        question, thanks = rng.choice(texts.CLOSINGS)
        self.agent(question)
        self.user(thanks)
        return self.turns

    def identify(self) -> None:
        """The agent asks for an identity and the caller gives it."""
        kind = self.call.scenario.identity
        question, answers = texts.IDENTITY[kind]
        self.agent(question)
        self.user(self.rng.choice(answers))
        tool = _TOOL_NAMES[0] if self.automated else ""
        self.agent("Thank you, I found your account.", tool=tool)

    def pay(self) -> None:
        """The caller reads out a card."""
        question, answers, done = texts.PAYMENT
        self.agent(question)
        self.user(self.rng.choice(answers))
        self.agent(done, tool=_TOOL_NAMES[1] if self.automated else "")

    def disturb(self) -> None:
        """Now and then something unclear, or off topic and blocked."""
        roll = self.rng.random()
        if roll < 0.08:
            self.user(self.rng.choice(texts.UNCLEAR), confidence=self.rng.uniform(0.2, 0.55))
            self.agent(texts.REPEAT)
        elif roll < 0.10 and self.automated:
            self.user(self.rng.choice(texts.OFF_TOPIC))
            self.agent(texts.BLOCKED_REPLY)
            self.turns[-1].guardrail = self.rng.choice(texts.GUARDRAILS)

    def user(self, template: str, confidence: float | None = None) -> None:
        """The caller speaks."""
        rng = self.rng
        text, safe, kept = self._fill(template)
        self.call.secrets.extend((secret, self.place) for secret in kept)
        start = self.at_ms + rng.randrange(150, 900)
        turn = Turn("user", text, start, start + 400 + len(text) * _MS_PER_CHAR, safe)
        turn.confidence = round(confidence or min(0.999, rng.gauss(0.93, 0.04)), 4)
        turn.transcription_ms = round(rng.lognormvariate(5.4, 0.35))
        turn.end_of_turn_ms = turn.transcription_ms + rng.randrange(120, 480)
        self.at_ms = turn.end_ms + turn.end_of_turn_ms
        self.turns.append(turn)

    def agent(self, template: str, tool: str = "") -> None:
        """The agent speaks, perhaps after a tool."""
        rng = self.rng
        text, safe, _ = self._fill(template)
        tools = self._tools(tool) if tool else []
        slow = 4.0 if rng.random() < 0.03 else 1.0
        ttft = round(rng.lognormvariate(6.0, 0.3) * slow)
        ttfb = round(rng.lognormvariate(5.1, 0.25) * slow)
        start = self.at_ms + (ttft + ttfb if self.automated else 300)
        end = start + 300 + len(text) * _MS_PER_CHAR
        turn = Turn("agent", text, start, end, safe, ttft_ms=ttft, ttfb_ms=ttfb, tools=tools)
        before = self.turns[-1] if self.turns else None
        if before is not None and before.speaker == "user":
            turn.e2e_ms = start - before.end_ms
        if self.automated and before is not None and rng.random() < 0.07:
            turn.is_interrupted = True
            turn.end_ms = start + (end - start) // 2
        self.at_ms = turn.end_ms
        self.turns.append(turn)

    def _fill(self, template: str) -> tuple[str, str, list[Secret]]:
        """The line, the line as a redactor would leave it, and the secrets in it."""
        if "{" not in template:
            return template, template, []
        rng, caller = self.rng, self.call.caller
        harmless = {
            "amount": str(rng.randrange(20, 400)),
            "order": str(rng.randrange(1000, 9999)),
            "day": rng.choice(texts.DAYS),
        }
        kept: dict[str, Secret] = {}
        if "{card}" in template:
            kept["card"] = secrets.card(rng)
        if "{phone}" in template:
            kept["phone"] = secrets.phone(rng, caller.number)
        if "{email}" in template:
            kept["email"] = secrets.email(rng, caller.email)
        if "{ssn}" in template:
            kept["ssn"] = secrets.ssn(rng)
        text = template.format(**harmless, **{k: s.value for k, s in kept.items()})
        safe = template.format(**harmless, **dict.fromkeys(kept, "[PII]"))
        return text, safe, list(kept.values())

    def _tools(self, name: str) -> list[Tool]:
        """One tool call, or a failed one and its retry."""
        failed = self.rng.random() < 0.08
        retried = failed and self.rng.random() < 0.7
        tools = [self._tool(name, is_error=failed)]
        if retried:
            tools.append(self._tool(name, is_error=False))
        return tools

    def _tool(self, name: str, *, is_error: bool) -> Tool:
        rng, caller = self.rng, self.call.caller
        arguments: dict[str, object] = {"customer_reference": caller.reference}
        if name == _TOOL_NAMES[0]:
            arguments = {"phone": caller.number}
            self.call.secrets.append((Secret(caller.number, "phone"), "tool"))
        elif name == _TOOL_NAMES[1]:
            arguments["amount_cents"] = rng.randrange(2_000, 40_000)
        output: dict[str, object] = (
            {"error": "upstream_timeout", "retryable": True}
            if is_error
            else {"ok": True, "reference": f"R{rng.randrange(10**6):06d}"}
        )
        if self.call.has("unredacted_payload") and not is_error:
            leaked = secrets.luhn_card(rng)
            output["card_on_file"] = leaked
            self.call.secrets.append((Secret(leaked, "card"), "payload"))
        start = self.at_ms + rng.randrange(20, 120)
        end = start + (rng.randrange(2500, 5000) if is_error else rng.randrange(80, 900))
        self.at_ms = end
        encode = msgspec.json.encode
        return Tool(
            name,
            hex_id(rng, "call_", 24),
            encode(arguments).decode(),
            encode(output).decode(),
            is_error,
            start,
            end,
        )
