"""Ways to announce a value, other than those of the corpus, and prompts that ask for one."""

from __future__ import annotations

import pytest

from ingest.redaction.scoring import redact_conversation, redact_line

SAID = {
    "four eight one": """
        my cvc2 is _|the cvv number's _|the three numbers on the back are _|_ is my security code
        on the back of the card there's _|and the last three on the back are _|_ on the back
        _ is what's printed on the back|the security number on the card is _|c i d _
        the little code by the signature is _|the number on the signature strip is _
        on the flip side it says _|security digits _|the code is _ on the back of the visa
        the three digit security code that's the three digits on the back is _
        seven one two scratch that _ is my security code
    """,
    "oh four twenty nine": """
        it'll expire _|the card is valid till _|valid up to _|card's good till _|good thru date is _
        the exp is _|my visa runs out in _|and the month and year are _|_ is when it expires
        the date on the front of the card is _|end date on the card _|with an expiry of _
        the mastercard lasts until _|_ that's the expiry date|it expires no wait _
    """,
    "the ninth of october sixty one": """
        i was born on _|my b day is _|d o b _|the dob on file should be _|_ is my birthday
        _ is when i was born|birth date of the insured _|day of birth _|his dob's _
        for date of birth put _|my date of birth um let me think it's _
    """,
    "nine oh two one oh": """
        the zip on the account is _|zip code for billing is _|_ is my zip|_ zip code
        use _ for the zip
        i'm in the _ zip code|the zip it's registered to is _|billing zip _|my postal code um it's _
    """,
    "s w one a one a a": "my post code's _|_ is my postcode|_ that's the postcode",
    "four four one nine two seven": """
        my mrn is _|m r n number _|my chart number's _|patient identifier _|my hospital id is _
        _ is my medical record number|the wristband says _|health number is _|my nhs number is _
        the record number they gave me is _|my file number at the clinic is _|medical id _
    """,
    "priya fernandes": """
        you're speaking with _|the account's in the name of _|it's in my wife's name _|i go by _
        people call me _|call me _|i'm calling on behalf of _|the patient is _
        the policy holder is _
        the reservation is for _|registered to _|addressed to _|made out to _|it's listed as _
        my daughter _ has an appointment|the primary on the account is _|the name on it is _
        my first name is _|my maiden name was _|mister _|_ is my name|this is _ i called yesterday
    """,
}
LINES = [
    (line.strip(), value)
    for value, lines in SAID.items()
    for part in lines.split("|")
    for line in part.strip().splitlines()
]
ASKED = {
    "number": """
        flip the card over and read me the digits by the signature strip|what is the security number
        and what are the last three numbers on the reverse|c v c|three digits from the back please
        and when's that card good until|what month and year does it say|when does that card run out
        exp date|good through|chart number|can you read the number on your wristband
        what's the account
    """,
    "identity": """
        when were you born|and your d o b|what day were you born|what zip is the card registered to
        which zip code do you live in|who's this|what should i call you|first and last please
        who is the appointment for|whose name is the account in|and you are|letter by letter please
    """,
}
PROMPTS = [
    (line.strip(), kind)
    for kind, lines in ASKED.items()
    for part in lines.split("|")
    for line in part.strip().splitlines()
]
REPROMPTS = [
    "Sorry, I didn't get that. Could you say it again?",
    "pardon?",
    "once more please",
    "i'm afraid you're breaking up a bit there, what was that?",
    "okay, one moment please, let me look that up",
    "thanks",
]


@pytest.mark.parametrize(("line", "value"), LINES)
def test_a_value_goes_however_it_is_announced(line: str, value: str) -> None:
    text = redact_line(line.replace("_", value)).text
    assert set(text.split()).isdisjoint(set(value.split()) - {"a", "the", "of"}), text


@pytest.mark.parametrize(("prompt", "kind"), PROMPTS)
def test_a_prompt_makes_its_answer_go(prompt: str, kind: str) -> None:
    answer = "four eight one" if kind == "number" else "plumbing ladder"
    out = redact_conversation([("agent", prompt), ("caller", answer)])
    assert set(out[1].text.split()).isdisjoint(answer.split())


@pytest.mark.parametrize("between", REPROMPTS)
def test_a_question_stays_open_until_it_is_answered(between: str) -> None:
    turns = [
        ("agent", "what is your full name"), ("caller", "plumb"), ("agent", between),
        ("caller", "plumbing"), ("agent", between), ("caller", "not"),
    ]  # fmt: skip
    out = redact_conversation(turns)
    assert [out[i].text for i in (1, 3, 5)] == ["[ANSWER]"] * 3


def test_a_delay_is_no_answer_and_another_subject_ends_the_question() -> None:
    turns = [
        ("agent", "what is your full name"), ("caller", "hold on please"), ("caller", "plumbing"),
        ("agent", "how many boxes would you like"), ("caller", "the large ones"),
    ]  # fmt: skip
    out = redact_conversation(turns)
    assert [out[i].text for i in (1, 2, 4)] == ["hold on please", "[ANSWER]", "the large ones"]


@pytest.mark.parametrize(
    "text",
    [
        "call me back tomorrow", "call me when it's ready", "the account is under review",
        "the patient is waiting", "it's listed as delivered", "registered to vote",
        "put down the phone",
        "the coupon expires in june", "my subscription runs out in june twenty six",
        "the warranty is good until twenty twenty eight", "i'm on the back porch",
        "it's under the sink",
        "the number on the back of the router is seven four one two", "my son has a fever",
        "i'm calling for a refund", "the name is wrong", "the three digits in the area code",
        "the account number is locked and the bill was three thirty five pounds",
    ],
)  # fmt: skip
def test_what_only_looks_like_an_announcement_stays(text: str) -> None:
    assert redact_line(text).text == text
