"""The provider-neutral world: what truly happened on one call, before any system writes it down.

All instants are UTC epoch milliseconds of a perfect clock; durations are milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

from ingest.simulator.ids import Identity
from ingest.simulator.plan import Caller, Plan, plan_identity, second_identity
from ingest.simulator.secrets import Secret
from ingest.simulator.texts import Scenario

OUTCOMES = ("resolved", "escalated", "abandoned", "callback")
ENVIRONMENTS = ("production", "production", "production", "staging")


@dataclass(slots=True)
class Tool:
    """One tool call of the agent; ``arguments`` and ``output`` are JSON text."""

    name: str
    call_id: str
    arguments: str
    output: str
    is_error: bool
    start_ms: int
    end_ms: int


@dataclass(slots=True)
class Turn:
    """One utterance. Latencies in milliseconds; those of the other side are 0."""

    speaker: str
    text: str
    start_ms: int
    end_ms: int
    safe_text: str = ""
    """The text with every planted secret replaced, as Contact Lens would redact it."""
    confidence: float = 1.0
    transcription_ms: int = 0
    end_of_turn_ms: int = 0
    ttft_ms: int = 0
    ttfb_ms: int = 0
    e2e_ms: int = 0
    is_interrupted: bool = False
    guardrail: str = ""
    tools: list[Tool] = field(default_factory=list)


@dataclass(slots=True)
class FlowStep:
    """One executed block of a Connect flow."""

    module: str
    at_ms: int
    flow: str
    contact: int
    parameters: dict[str, str] = field(default_factory=dict)
    results: str | None = None
    external: dict[str, str] | None = None


@dataclass(slots=True)
class Contact:
    """One Connect contact (a leg, not a call)."""

    method: str
    start_ms: int
    end_ms: int
    queue: str = ""
    enqueue_ms: int = 0
    dequeue_ms: int = 0
    agent: str = ""
    agent_ms: int = 0
    transfer_to: str = ""
    transfer_ms: int = 0
    disconnect_reason: str | None = None
    turns: list[Turn] = field(default_factory=list)


@dataclass(slots=True)
class Media:
    """Audio path of the telephony leg."""

    loss_pct: float
    jitter_avg: float
    jitter_max: float
    latency_ms: int
    codec: str
    edge: str
    pdd_ms: int
    has_silence: bool


@dataclass(slots=True)
class Call:
    """Everything that happened on one call."""

    plan: Plan
    ids: Identity
    rng: Random
    environment: str
    language: str
    region: str
    campaign: str
    scenario: Scenario
    outcome: str
    end_ms: int = 0
    disconnected_by: str = "caller"
    contacts: list[Contact] = field(default_factory=list)
    steps: list[FlowStep] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    agent_start_ms: int = 0
    """When the leg to the agent begins; 0 if there is none."""
    agent_end_ms: int = 0
    human_end_ms: int = 0
    """End of the Twilio leg to a person; 0 if there is none."""
    media: Media | None = None
    is_recorded: bool = False
    has_ticket: bool = False
    secrets: list[tuple[Secret, str]] = field(default_factory=list)
    """Planted secrets and the kind of place: transcript, human_transcript, keypad, tool."""
    second: Call | None = None
    """The agent session to which the first one handed over, as a call of that session alone."""

    @property
    def start_ms(self) -> int:
        """When the caller dialled."""
        return self.plan.start_ms

    @property
    def caller(self) -> Caller:
        """Who calls."""
        return self.plan.caller

    def has(self, fault: str) -> bool:
        """Whether the plan dealt this fault to the call."""
        return fault in self.plan.faults

    @property
    def sessions(self) -> list[Call]:
        """The agent sessions, as calls: this one and the one it handed over to."""
        return [self, self.second] if self.second else [self]

    @property
    def room_ms(self) -> int:
        """When the agent's room is asked for: a little after the leg to it begins."""
        return self.agent_start_ms + self.plan.setup_ms

    @property
    def agents_end_ms(self) -> int:
        """When the last agent session ends."""
        return self.sessions[-1].agent_end_ms

    @property
    def is_outbound(self) -> bool:
        """Whether the agent's side dialled."""
        return self.has("voicemail")

    def number_on(self, side: str) -> str:
        """The caller's number as the side (telephony, agent) learned it; empty if it never did."""
        return "" if side in self.plan.withheld else self.caller.number

    @property
    def is_canonical_passed(self) -> bool:
        """Whether the operator's own ID reached the systems downstream of the ingress."""
        return bool(self.ids.canonical_call_id) and not self.has("missing_connect_link")


def make_media(rng: Random) -> Media:
    """Mostly a good line; one in fifteen loses packets, one in twenty has silence."""
    bad = rng.random() < 0.07
    jitter = rng.uniform(8.0, 30.0) if bad else rng.uniform(0.2, 3.0)
    return Media(
        loss_pct=round(rng.uniform(3.0, 9.0), 2) if bad else round(rng.uniform(0.0, 0.4), 2),
        jitter_avg=round(jitter, 5),
        jitter_max=round(jitter * rng.uniform(1.5, 4.0), 5),
        latency_ms=round(rng.uniform(180, 420) if bad else rng.uniform(20, 90)),
        codec=rng.choice(("pcmu", "pcmu", "pcmu", "opus", "pcma")),
        edge=rng.choice(("ashburn", "ashburn", "umatilla", "dublin", "frankfurt")),
        pdd_ms=round(rng.lognormvariate(6.6, 0.6)),
        has_silence=rng.random() < 0.05,
    )


def start_call(seed: int, plan: Plan, scenario: Scenario, outcome: str, rng: Random) -> Call:
    """A call with its surroundings drawn and nothing of its course."""
    return Call(
        plan=plan,
        ids=plan_identity(seed, plan),
        rng=rng,
        environment=rng.choice(ENVIRONMENTS),
        language="es-US" if rng.random() < 0.1 else "en-US",
        region="eu-central-1" if rng.random() < 0.15 else "us-west-2",
        campaign="spring-tariff" if rng.random() < 0.12 else "",
        scenario=scenario,
        outcome=outcome,
    )


def start_second(seed: int, call: Call) -> Call:
    """The session that follows the call's first one: the same call with other identifiers.

    It shares the call's random numbers and planted secrets.
    """
    return replace(call, ids=second_identity(seed, call.plan, call.ids), second=None, turns=[])
