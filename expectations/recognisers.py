"""Presidio's pattern recognisers, with a blank spaCy pipeline: no model, nothing from the network.

They know shapes that digits alone do not tell (IP addresses, national insurance and Medicare
numbers, postcodes and licences beside their words). Starting them takes seconds and a text a
millisecond, so they see only what ``may_match`` leaves, and are imported with the first such text.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from typing import Any

# What a text must hold for any of the recognisers to score it: a test asserts that.
CONTEXT = (
    "driver|driving|license|licence|permit|lic|identification|dls|cdls|member|subscriber"
    "|insurance|policy|postcode|post code|postal code|zip|address|delivery|mailing|shipping"
    "|correspondence|canada|ontario|quebec|alberta|british columbia|code postal"
)
# What stays for whoever filters before, digits in a row apart; RE2 knows these forms too.
SHAPES = (
    r"::|(?:[0-9a-fA-F]{1,4}:){4}|(?:^|[^0-9a-zA-Z_@])[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
    r"|\b[a-zA-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[a-dA-D]\b"
    r"|\b[1-9][a-zA-Z][a-zA-Z0-9][0-9]-?[a-zA-Z][a-zA-Z0-9][0-9]-?[a-zA-Z]{2}[0-9]{2}\b"
)
CODE = r"(?:[a-zA-Z][0-9]|[0-9][a-zA-Z]|[0-9]{6})"
_MAY_MATCH = re.compile(rf"@|{SHAPES}|[0-9](?:[ .\-]?[0-9]){{6}}|(?is:\b(?:{CONTEXT})\b.*{CODE})")
# A pattern alone that Presidio calls medium, or a weak one with a word of its context before it.
_LEAST_SCORE = 0.4
_CHUNK, _OVERLAP = 2048, 128
NAMES = {
    "CREDIT_CARD": "card",
    "EMAIL_ADDRESS": "email",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip",
    "US_SSN": "ssn_like",
    "US_ITIN": "ssn_like",
    "UK_NINO": "national_id",
    "UK_NHS": "national_id",
    "US_MBI": "national_id",
    "US_BANK_NUMBER": "account",
    "US_HEALTH_INSURANCE_MEMBER_ID": "account",
    "US_DRIVER_LICENSE": "licence",
    "US_PASSPORT": "passport",
    "UK_POSTCODE": "post_code",
    "CA_POSTAL_CODE": "post_code",
}


def recognised(text: str) -> frozenset[str]:
    """Classes that Presidio's recognisers see in a text."""
    return everything_recognised(text) if may_match(text) else frozenset()


def may_match(text: str) -> bool:
    """Whether any of them could see something in a text."""
    return bool(_MAY_MATCH.search(text))


def everything_recognised(text: str) -> frozenset[str]:
    """The same without asking first whether any of them could."""
    analyzer = _analyzer()
    found = set()
    for start in range(0, len(text), _CHUNK - _OVERLAP):
        results = analyzer.analyze(text[start : start + _CHUNK], language="en")
        found |= {NAMES.get(result.entity_type, "number") for result in results}
    return frozenset(found)


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer import predefined_recognizers as known
    from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    # At its lowest level it logs the words around a match.
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    # Only the list of suffixes that the package brings along, and no file written for it.
    suffixes = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), fallback_to_snapshot=True)

    class Email(known.EmailRecognizer):
        def validate_result(self, pattern_text: str) -> bool:
            return bool(suffixes(pattern_text).fqdn)

    class Blank(SpacyNlpEngine):
        blank = spacy.blank("en")

        def load(self) -> None:
            self.nlp: Any = {"en": self.blank}

        def process_text(self, text: str, language: str) -> Any:
            document = self.blank(text)
            for token in document:
                token.lemma_ = token.lower_  # a word of context is looked up by its lemma
            return self._doc_to_nlp_artifact(document, language)

    chosen = (
        known.CreditCardRecognizer(), Email(), known.IbanRecognizer(), known.IpRecognizer(),
        known.UsSsnRecognizer(), known.UsItinRecognizer(), known.UsBankRecognizer(),
        known.UsPassportRecognizer(), known.UsLicenseRecognizer(), known.UsMbiRecognizer(),
        known.UsHealthInsuranceMemberIdRecognizer(), known.NhsRecognizer(),
        known.UkNinoRecognizer(), known.UkPostcodeRecognizer(), known.CaPostalCodeRecognizer(),
    )  # fmt: skip
    return AnalyzerEngine(
        registry=RecognizerRegistry(recognizers=list(chosen), supported_languages=["en"]),
        nlp_engine=Blank(),
        supported_languages=["en"],
        default_score_threshold=_LEAST_SCORE,
        # "whole_word": otherwise "us" in "business" would make any code a passport.
        context_aware_enhancer=LemmaContextAwareEnhancer(context_matching_mode="whole_word"),
    )
