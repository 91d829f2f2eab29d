"""What was asked decides how an answer is read (S0-145; answers split over turns)."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.redaction.engine import Redactor
from ingest.redaction.policy import default_policy

KEY = b"k" * 32


def talk(*turns: tuple[str, str]) -> list[str]:
    """The turns' texts after redaction of a session report with them."""
    items = [{"type": "message", "role": role, "content": [text]} for role, text in turns]
    record: dict[str, Any] = {"chat_history": {"items": items}}
    Redactor(default_policy(), "livekit.session_reports", KEY).redact(record)
    return [item["content"] for item in record["chat_history"]["items"]]


def test_a_number_split_over_turns_goes_from_every_turn() -> None:
    said = talk(
        ("assistant", "Can I have your card number, please?"),
        ("user", "sure four two four two"),
        ("assistant", "Okay."),
        ("user", "four two four two"),
        ("assistant", "mm-hmm"),
        ("user", "then 1 2 3 4"),
    )
    assert said[1] == "sure [ANSWER]"
    assert said[3] == "[ANSWER]"
    assert said[5] == "then [ANSWER]"


def test_the_same_words_stay_where_nothing_was_asked() -> None:
    assert talk(("assistant", "How may I help you?"), ("user", "I need four two"))[1] == (
        "I need four two"
    )


def test_a_change_of_subject_ends_the_suspicion() -> None:
    said = talk(
        ("assistant", "What is your account number?"),
        ("user", "four two"),
        ("assistant", "Which of the tariffs would you like to have from next month on?"),
        ("user", "number two"),
    )
    assert said[3] == "number two"


def test_a_whole_answer_and_a_remark_end_the_suspicion() -> None:
    said = talk(
        ("assistant", "What is your phone number?"),
        ("user", "415 555 2671"),
        ("assistant", "Thank you, I found your account."),
        ("user", "I called at around nine, order 4821"),
    )
    assert said[1] == "[PHONE]"
    assert said[3] == "I called at around nine, order 4821"


def test_the_suspicion_lasts_eight_turns() -> None:
    said = talk(
        ("assistant", "Please tell me your account number."),
        *[("user", f"{n % 10} {n % 10}") for n in range(1, 11)],
    )
    assert said[1:] == ["[ANSWER]"] * 8 + ["9 9", "0 0"]


def test_an_answer_to_a_prompt_for_a_name_goes_whole_and_its_spelling_too() -> None:
    said = talk(
        ("assistant", "May I have your full name?"),
        ("user", "plumbing"),
        ("assistant", "Could you spell that for me?"),
        ("user", "p l u m as in mother"),
        ("assistant", "Thank you, what can I do for you today?"),
        ("user", "my lamp is broken"),
    )
    assert said[1] == said[3] == "[ANSWER]"
    assert said[5] == "my lamp is broken"


def test_an_agent_who_reads_the_number_back_is_masked() -> None:
    said = talk(
        ("assistant", "What is your social security number?"),
        ("user", "one two three"),
        ("assistant", "So that is 1 2 3 4 5?"),
    )
    assert said[1:] == ["[ANSWER]", "So that is [ANSWER]?"]


def test_system_prompts_ask_as_agents_do() -> None:
    assert talk(("system", "Please enter your PIN."), ("user", "4 4"))[1] == "[ANSWER]"


def test_contact_lens_excerpts_follow_the_turn_they_are_cut_from() -> None:
    """IssuesDetected repeats the turn's words, so it must not undo what the turn lost."""
    answer = {"ParticipantId": "CUSTOMER", "Content": "it is plumbing"}
    answer["IssuesDetected"] = [{"Text": "it is plumbing"}]
    question = {"ParticipantId": "AGENT", "Content": "What is your name?"}
    record: dict[str, Any] = {"document": {"Transcript": [question, answer]}}
    Redactor(default_policy(), "amazon_connect.contact_lens", KEY).redact(record)
    assert "plumbing" not in str(record)


def test_session_events_are_a_conversation_of_their_own() -> None:
    events = [
        {
            "type": "conversation_item_added",
            "item": {"role": "assistant", "content": ["Your name?"]},
        },
        {"type": "user_input_transcribed", "transcript": "plumb", "is_final": False},
        {"type": "user_input_transcribed", "transcript": "plumbing", "is_final": True},
    ]
    record: dict[str, Any] = {"events": events}
    redaction = Redactor(default_policy(), "livekit.session_reports", KEY).redact(record)
    assert [e.get("transcript") for e in record["events"]] == [None, "[ANSWER]", "[ANSWER]"]
    assert record["events"][2]["transcript_redaction"] == {
        "state": "redacted",
        "classes": ["answer"],
        "strict": "[ANSWER]",
        "candidates": [],
    }
    assert redaction.state == "redacted"


def test_a_tool_that_collects_a_value_asks_for_it() -> None:
    """The slot of a tool is a prompt as well: "collect_card_number"."""
    call = {"type": "function_call", "name": "collectEmailAddress", "arguments": "{}"}
    said = {"type": "message", "role": "user", "content": ["plumbing"]}
    record: dict[str, Any] = {"chat_history": {"items": [call, said]}}
    Redactor(default_policy(), "livekit.session_reports", KEY).redact(record)
    assert record["chat_history"]["items"][1]["content"] == "[ANSWER]"


def test_a_tool_that_only_looks_up_asks_for_nothing() -> None:
    call = {"type": "function_call", "name": "lookup_email", "arguments": "{}"}
    said = {"type": "message", "role": "user", "content": ["it is broken"]}
    record: dict[str, Any] = {"chat_history": {"items": [call, said]}}
    Redactor(default_policy(), "livekit.session_reports", KEY).redact(record)
    assert record["chat_history"]["items"][1]["content"] == "it is broken"


@pytest.mark.parametrize(
    ("prompt", "answer", "left"),
    [
        ("zip code", "nine four", "[ANSWER]"),
        ("date of birth for the patient", "june fourteenth", "[ANSWER]"),
        ("go ahead with the long number", "four two one nine", "[ANSWER]"),
        ("and when does it expire", "eight of twenty nine", "[ANSWER]"),
        ("who do i have on the line", "denise", "[ANSWER]"),
        ("i just texted you a code can you read it", "one five four", "[ANSWER]"),
        ("what's your order number", "four two one nine", "four two one nine"),
        ("My name is Ava, how can I help", "my lamp is broken", "my lamp is broken"),
        ("I found your account number", "I called twice", "I called twice"),
        ("your name, please", "one moment please", "one moment please"),
    ],
)
def test_prompts_are_told_from_other_sentences(prompt: str, answer: str, left: str) -> None:
    assert talk(("assistant", prompt), ("user", answer))[1] == left


def test_an_agent_who_repeats_the_name_is_masked_even_later() -> None:
    said = talk(
        ("assistant", "May I have your name?"),
        ("user", "it's thandiwe plumbing"),
        ("assistant", "thandiwe plumbing"),
        ("assistant", "I will check that for you, the next bill comes on Monday."),
        ("assistant", "Goodbye Thandiwe."),
    )
    assert said[2] == "[ANSWER]"
    assert said[4] == "Goodbye [KNOWN]."


def test_the_last_letter_of_an_answer_goes() -> None:
    said = talk(
        ("assistant", "what national insurance number do we have"),
        ("user", "a b"),
        ("assistant", "yes"),
        ("user", "one two three four five six"),
        ("assistant", "and the last letter"),
        ("user", "c"),
        ("assistant", "lovely all done"),
        ("user", "when is the payment, on the second"),
    )
    assert said[1] == said[3] == said[5] == "[ANSWER]"
    assert said[7] == "when is the payment, on the second"
