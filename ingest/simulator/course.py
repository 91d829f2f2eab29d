"""The course of a call: who does what when, by route."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

from ingest.simulator import texts
from ingest.simulator.dialogue import Dialogue
from ingest.simulator.ivr import Flow
from ingest.simulator.plan import Plan
from ingest.simulator.world import Call, Contact, Turn, make_media, start_call, start_second

IVR_NUMBER = "+18005550199"
_AGENT_OUTCOMES = (("resolved", 0.62), ("escalated", 0.22), ("abandoned", 0.11), ("callback", 0.05))
_IVR_OUTCOMES = (("resolved", 0.74), ("abandoned", 0.22), ("callback", 0.04))
_FORCED = (("voicemail", "callback"), ("very_short", "abandoned"))


def build_call(seed: int, plan: Plan) -> Call:
    """The whole call of a plan; a pure function of its arguments."""
    rng = Random(f"{seed}|call|{plan.ordinal}")
    weights = _IVR_OUTCOMES if plan.route == "ivr_only" else _AGENT_OUTCOMES
    outcome = rng.choices([o for o, _ in weights], [w for _, w in weights])[0]
    outcome = next((o for trait, o in _FORCED if trait in plan.faults), outcome)
    call = start_call(seed, plan, rng.choice(texts.SCENARIOS), outcome, rng)
    call.disconnected_by = "caller" if outcome == "abandoned" or rng.random() < 0.7 else "callee"
    call.has_ticket = bool(plan.follows) or plan.is_followed or rng.random() < 0.28
    call.media = make_media(rng)
    if "transfer" in plan.faults:
        call.second = start_second(seed, call)
    _ROUTES[plan.route](call)
    return call


def _ivr_only(call: Call) -> None:
    rng = call.rng
    flow = Flow(call, 0, call.start_ms)
    contact = Contact("INBOUND", call.start_ms, 0)
    call.contacts.append(contact)
    flow.enter()
    chosen = flow.menu()
    if call.outcome == "abandoned" and rng.random() < 0.6:
        contact.disconnect_reason = "CUSTOMER_DISCONNECT"
        _finish(call, flow.at_ms + rng.randrange(500, 9000))
    elif call.outcome == "resolved" and chosen and rng.random() < 0.45:
        flow.keypad(payment=rng.random() < 0.4)
        flow.say(texts.IVR_BALANCE)
        flow.step("Disconnect")
        _finish(call, flow.at_ms)
    else:
        flow.to_queue(call.scenario.queue)
        _queue_and_person(call, 0, flow.at_ms)
        _finish(call, call.contacts[-1].end_ms)


def _ivr_to_agent(call: Call) -> None:
    rng = call.rng
    flow = Flow(call, 0, call.start_ms)
    contact = Contact("INBOUND", call.start_ms, 0)
    call.contacts.append(contact)
    flow.enter()
    if flow.menu() and rng.random() < 0.4:
        flow.keypad(payment=False)
    flow.to_number(call.plan.agent_number)
    contact.transfer_to, contact.transfer_ms = call.plan.agent_number, flow.at_ms + 1200
    _agent_leg(call, flow.at_ms + rng.randrange(200, 900))
    if call.outcome == "escalated":
        call.contacts.append(Contact("TRANSFER", call.agents_end_ms, 0))
        back = Flow(call, 1, call.agents_end_ms)
        back.to_queue(call.scenario.queue)
        _queue_and_person(call, 1, back.at_ms)
        _finish(call, call.contacts[-1].end_ms)
    else:
        contact.disconnect_reason = _reason(call)
        hung_up = call.agents_end_ms + 300 + call.plan.hangup_ms
        _finish(call, max(hung_up, contact.transfer_ms + 500))


def _direct_to_agent(call: Call) -> None:
    _agent_leg(call, call.start_ms)
    end = call.agents_end_ms
    if call.outcome == "escalated":
        call.human_end_ms = end = call.agents_end_ms + call.rng.randrange(60_000, 420_000)
    _finish(call, end)


def _web_call(call: Call) -> None:
    _agent_leg(call, call.start_ms)
    _finish(call, call.agent_end_ms)


def _agent_leg(call: Call, at_ms: int) -> None:
    """The voice agent's part: rings, joins, talks."""
    rng = call.rng
    call.agent_start_ms = at_ms
    call.is_recorded = rng.random() < 0.8
    begin = call.room_ms + rng.randrange(2200, 4500)
    talk = Dialogue(call, begin, "transcript", automated=True)
    if call.has("voicemail"):
        talk.agent(texts.VOICEMAIL)
        call.turns = talk.turns
    elif call.has("very_short"):
        _cut(call, talk.run(until=0))
        return
    elif call.second:
        call.turns = talk.run(hand_over=True)
    else:
        until = rng.randrange(1, 3) if call.outcome == "abandoned" else None
        call.turns = talk.run(until=until, hand_over=call.outcome == "escalated")
    call.agent_end_ms = talk.at_ms + rng.randrange(300, 2500)
    if call.second:
        _agent_leg(call.second, call.agent_end_ms + rng.randrange(400, 1500))


def _cut(call: Call, greeting: list[Turn]) -> None:
    """The caller is gone before the agent has said much."""
    call.agent_end_ms = end = call.room_ms + call.rng.randrange(1500, 9000)
    call.turns = [turn for turn in greeting if turn.start_ms < end - 200]
    for turn in call.turns:
        turn.is_interrupted = turn.end_ms > end
        turn.end_ms = min(turn.end_ms, end)


def _queue_and_person(call: Call, index: int, at_ms: int) -> None:
    """Waiting, then one person, then perhaps a colleague in another queue."""
    rng = call.rng
    contact = call.contacts[index]
    waited = round(rng.lognormvariate(10.2, 0.7))
    contact.queue, contact.enqueue_ms = call.scenario.queue, at_ms
    contact.dequeue_ms = at_ms + waited
    Flow(call, index, at_ms, texts.QUEUE_FLOW_NAME).hold(waited)
    if call.outcome == "abandoned":
        contact.end_ms = contact.dequeue_ms
        contact.disconnect_reason = "CUSTOMER_DISCONNECT"
        return
    _person(call, contact)
    if len(call.contacts) < 4 and rng.random() < 0.12:
        method = "QUEUE_TRANSFER" if rng.random() < 0.4 else "TRANSFER"
        contact.transfer_to, contact.transfer_ms = "colleague", contact.end_ms
        contact.disconnect_reason = None
        call.contacts.append(Contact(method, contact.end_ms, 0))
        later = call.contacts[-1]
        later.queue, later.enqueue_ms = "Specialists", later.start_ms
        later.dequeue_ms = later.start_ms + rng.randrange(3000, 60_000)
        _person(call, later)


def _person(call: Call, contact: Contact) -> None:
    contact.agent = call.rng.choice(texts.AGENT_NAMES)
    contact.agent_ms = contact.dequeue_ms
    talk = Dialogue(call, contact.agent_ms + 800, "human_transcript", automated=False)
    contact.turns = talk.run()
    contact.end_ms = talk.at_ms + 600
    contact.disconnect_reason = _reason(call)


def _reason(call: Call) -> str:
    return "CUSTOMER_DISCONNECT" if call.disconnected_by == "caller" else "AGENT_DISCONNECT"


def _finish(call: Call, end_ms: int) -> None:
    call.end_ms = end_ms
    for contact in call.contacts:
        contact.end_ms = contact.end_ms or end_ms


_ROUTES: Mapping[str, Callable[[Call], None]] = MappingProxyType(
    {
        "ivr_only": _ivr_only,
        "ivr_to_agent": _ivr_to_agent,
        "direct_to_agent": _direct_to_agent,
        "web_call": _web_call,
    }
)
