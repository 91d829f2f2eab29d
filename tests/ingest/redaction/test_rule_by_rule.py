"""Each rule of the policy finds its own example when it is the only rule (S0-145).

So a rule that stops working fails here even where another rule would have caught its example. The
rule for every other long number is with it, because a long number that no rule names is withheld.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ingest.redaction.masking import TextResult
from ingest.redaction.policy import POLICY_FILE
from ingest.redaction.rules import Mode, TextRules

RULES: dict[str, dict[str, Any]] = {
    rule["id"]: rule for rule in yaml.safe_load(POLICY_FILE.read_text())["text_rules"]
}

# id: texts in which [[...]] is what has to go whole and nothing else may
EXAMPLES = {
    "phone-international": [
        "[[+44 20 7946 0958]] please",
        "[[plus one five five five two three four nine]]",
    ],
    "card": [
        "it is [[4111-1111-1111-1112]]",
        "[[four double one triple one four two four two four two]]",
    ],
    "ssn": ["[[078-05-1120]]", "my social is [[one two three four five six seven eight nine]]"],
    "phone": [
        "ring [[(415) 555-2671 ext 12]] now",
        "[[oh seven seven double oh nine one one two three]]",
    ],
    "long-number": ["nr [[12345678]]", "[[seven four one two nine oh eight]]"],
    "cvv": [
        "cvv [[one two three]]",
        "[[321]] is the security code",
        "three digits are [[4 0 9]] on the back",
    ],
    "cvv-place": [
        "[[315]] is next to the signature",
        "on the other side there is [[0 4 4 1]]",
    ],
    "expiry": ["exp [[04/27]]", "it expires in [[june of twenty nine]]", "valid thru [[11 26]]"],
    "ssn-part": ["the last four of my social are [[6 7 8 9]]"],
    "card-part": ["it's the visa ending in [[4242]]", "last four digits of the card are [[5878]]"],
    "pin": ["my pin's [[nineteen eighty two]]", "[[7788]] is my pin"],
    "one-time-code": [
        "the code I got is [[5 5 1 2 9]]",
        "i got [[ninety one forty four oh two]] as the code",
    ],
    "password": [
        "my password is [[hunter2]]",
        "the passphrase is [[correct horse battery]] and it fails",
        "i tried [[tiger underscore nine eight]] as my password",
    ],
    "national-id-cued": [
        "passport number is [[X12345]]",
        "license number [[s five three zero dash four]]",
    ],
    "account": ["account number [[AC-449-2213]]", "sort code [[20-45-67]]"],
    "member": ["member id is [[XWB123456]]", "policy number [[HP 2231 99]]"],
    "medical-record": ["mrn [[00451238]]", "patient id [[P-88213]]"],
    "account-bare": ["account [[651188]]"],
    "id-bare": ["my id is [[88213 7]]"],
    "phone-cued": ["call me at [[555 261]]"],
    "birth-date": [
        "i was born on [[march third nineteen seventy five]]",
        "my birthday's [[the ninth of october sixty one]]",
        "[[june 3rd 1977]] is my date of birth",
    ],
    "post-code": ["zip code [[94107]]", "postcode is [[s w one a one a a]]"],
    "secret-key-cued": ["the api key is [[a1b2c3d4]]"],
    "address": [
        "I live at [[1600 Pennsylvania Avenue Northwest, Washington DC 20500]]",
        "my address is [[forty two cedar ridge lane springfield illinois six two seven oh four]]",
        "it's [[15 Elm St. Apt 4B, Portland, OR 97205]]",
        "[[PO Box 442, Dayton, Ohio 45402]]",
    ],
    "post-code-shape": ["near [[SW1A 1AA]] somewhere", "in [[K1A 0B1]]", "at [[TX 75201]]"],
    "spelled-code": ["[[delta echo eight nine three seven oh four oh oh four four]]"],
    "iban": ["[[GB29 NWBK 6016 1331 9268 19]] and that", "[[DE89370400440532013000]]"],
    "national-id": ["it is [[QQ 12 34 56 C]]", "dni [[12345678Z]]"],
    "ip-address": ["from [[192.168.1.10]] again", "[[2001:db8::ff00:42:8329]]"],
    "ip-address-spoken": ["server [[ten dot zero dot zero dot one]] fails"],
    "url-credentials": [
        "[[https://bob:hush@example.com/x]]",
        "[[https://example.com/r?token=abc123]]",
    ],
    "api-key": ["[[AKIAIOSFODNN7EXAMPLE]]", "[[sk-live-51HxYz8aBcDeFgHiJk]]"],
    "hex-secret": ["we set it to [[42cd2844ea854ee301c4d0b8ff990802]]"],
    "random-token": ["use [[wJalrXUtnFEMIK7MDENG2bPxRfiCY3]] there"],
    "email": ["[[j.smith+x@example.co.uk]] is it"],
    "email-spoken": [
        "it's [[j dot smith at gmail dot com]]",
        "[[jane doe all one word at gmail dot com]]",
        "is [[m a r i a dot k at outlook dot com]]",
        "to [[nadia dot haddad add mail dot example dot com]]",
    ],
    "name": [
        "my name is [[Peter Miller]] and I need help",
        "my name's [[siobhan o'brien]]",
        "my last name is [[plumbing]]",
        "tell [[mister alvarez]] that",
    ],
    "name-likely": [
        "put it under [[tom and denise walker]] please",
        "you're speaking with [[bill wood]]",
        "it's in my wife's name [[Quilla]]",
    ],
    "name-listed": ["this is [[Aisha Okafor]] again"],
    "name-before": ["[[sean patel]] speaking"],
    "spelled": [
        "it's [[g a r c i a]] okay",
        "[[s as in sam m as in mary]]",
        "[[kilo oscar whiskey alpha]]",
    ],
}
ELSEWHERE = {
    "known-value": "test_known_values",
    "answer": "test_conversation",
}


def alone(rule_id: str, text: str, mode: Mode = Mode.PLAIN) -> TextResult:
    """What the rule finds by itself."""
    rules = [RULES[rule_id], RULES["long-number"]] if rule_id != "long-number" else [RULES[rule_id]]
    return TextRules(rules)._redact(text, mode)


def test_every_rule_has_an_example() -> None:
    assert set(EXAMPLES) | set(ELSEWHERE) == set(RULES)


CASES = [(rule_id, text) for rule_id, texts in EXAMPLES.items() for text in texts]


@pytest.mark.parametrize(("rule_id", "marked"), CASES)
def test_a_rule_finds_what_it_is_for(rule_id: str, marked: str) -> None:
    text, wanted = "", set()
    for i, part in enumerate(marked.replace("]] [[", " ").replace("]]", "[[").split("[[")):
        wanted |= set(range(len(text), len(text) + len(part))) if i % 2 else set()
        text += part
    result = alone(rule_id, text)
    found = {i for start, end in result.spans for i in range(start, end)}
    letters = {i for i, char in enumerate(text) if char.isalnum()}
    assert found & letters == wanted & letters, result.text
    assert RULES[rule_id]["class"] in result.classes
    assert RULES[rule_id]["replacement"] in result.text


HARMLESS = [
    "my order number is 48392 and the total was $1,234.56",
    "we moved here in nineteen ninety eight and two thousand fourteen",
    "between nine thirty and ten forty five, or from 9 to 12 and 2 to 5",
    "I need 2 of the 500, 3 of the 250 and 10 of the 1000",
    "model XR 2200, product code AB12, row 34 seat 5",
    "version 10.4.2.1 of the app",
    "flight UA 2231 leaves at seven forty five",
    "my offer expires on the 5th of march",
    "my password is not working, my password is wrong, my password isn't accepted",
    "I forgot my pin, I tried 3 times",
    "two weeks on the way, and I need one more place",
    "the confirmation code is X7K2 and the error code 4041",
    "I'm happy with it, thank you so much, this is ridiculous",
    "take a look at harborline dot com, it's at home dot painting",
    "it takes 3 to 5 business days, the u s a is far",
    "in 12 months or by may, will you?",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_hard_negatives_stay(text: str) -> None:
    rules = TextRules(list(RULES.values()))
    assert rules.redact(text).text == text
