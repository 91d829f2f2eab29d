"""The way through the IVR: blocks of a flow with menus, retries, timeouts and keypad input."""

from __future__ import annotations

from ingest.simulator import texts
from ingest.simulator.ids import INSTANCE_ARN
from ingest.simulator.secrets import Secret, luhn_card
from ingest.simulator.world import Call, FlowStep

TIMEOUT = "Timeout"
NO_MATCH = "NoMatch"
_MENU = {"MaxDigits": "1", "Timeout": "5"}
_LAMBDA_ARN = "arn:aws:lambda:us-west-2:111122223333:function:ivr-customer-lookup"


def queue_arn(queue: str) -> str:
    """The ARN of a queue, made from its name."""
    return f"{INSTANCE_ARN}/queue/{_arn_tail(queue)}"


def _arn_tail(name: str) -> str:
    text = name.encode().hex().ljust(32, "0")[:32]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


class Flow:
    """Writes the blocks that a contact runs through, moving a clock forward."""

    def __init__(self, call: Call, contact: int, at_ms: int, flow: str = texts.FLOW_NAME) -> None:
        self.call = call
        self.rng = call.rng
        self.contact = contact
        self.at_ms = at_ms
        self.flow = flow

    def step(
        self,
        module: str,
        parameters: dict[str, str] | None = None,
        *,
        results: str | None = None,
        external: dict[str, str] | None = None,
        lasts_ms: int = 40,
    ) -> None:
        """One block, logged when it is done."""
        self.at_ms += lasts_ms + self.rng.randrange(30)
        self.call.steps.append(
            FlowStep(
                module, self.at_ms, self.flow, self.contact, parameters or {}, results, external
            )
        )

    def say(self, text: str, *, cut_short: bool = False) -> None:
        """A prompt, played to its end or to the key that stopped it."""
        lasts = len(text) * 52
        self.step("PlayPrompt", {"Text": text}, lasts_ms=lasts // 3 if cut_short else lasts)

    def enter(self) -> None:
        """Greeting and look-up of the customer, which fails now and then."""
        self.step("SetLoggingBehavior", {"LoggingBehavior": "Enable"})
        self.step("SetVoice", {"GlobalVoice": "Joanna"})
        failed = self.rng.random() < 0.05
        self.step(
            "InvokeExternalResource",
            {"FunctionArn": _LAMBDA_ARN, "TimeLimit": "3000"},
            results="Error" if failed else "Success",
            external=None if failed else {"found": "true", "segment": "residential"},
            lasts_ms=3000 if failed else 260,
        )
        self.say(texts.IVR_WELCOME)

    def menu(self) -> bool:
        """The main menu with up to three attempts; whether a choice was made."""
        rng = self.rng
        for attempt in range(3):
            roll = rng.random()
            if roll < 0.76 or (attempt == 2 and roll < 0.9):
                digit = "9" if attempt < 2 and rng.random() < 0.06 else self.call.scenario.digit
                self._ask(digit, rng.randrange(2500, 9000))
                if digit != "9":
                    self._choose(digit)
                    return True
                continue
            self._ask(TIMEOUT if roll < 0.9 else NO_MATCH, 14_000 if roll < 0.9 else 6_000)
            self.say(texts.IVR_RETRY)
        return False

    def _ask(self, result: str, lasts_ms: int) -> None:
        asked = {"Text": texts.IVR_MENU, **_MENU}
        self.step("GetUserInput", asked, results=result, lasts_ms=lasts_ms)

    def _choose(self, digit: str) -> None:
        self.step(
            "SetAttributes",
            {"Key": "menuSelection", "Value": digit, "AddAttributeToRelatedContact": "false"},
        )
        self.step(
            "CheckAttribute",
            {"Attribute": "segment", "Value": "residential", "ComparisonMethod": "Equals"},
            results="residential",
        )

    def keypad(self, *, payment: bool) -> None:
        """Digits typed by the caller: an account number, and a card in self-service payment."""
        account = f"{self.rng.randrange(10**10):010d}"
        self._store(texts.IVR_ACCOUNT, account, 10)
        if payment:
            self._store(texts.IVR_CARD, luhn_card(self.rng), 16)

    def _store(self, prompt: str, digits: str, most: int) -> None:
        self.step(
            "StoreUserInput",
            {"Text": prompt, "MaxDigits": str(most), "Timeout": "10"},
            results=digits,
            lasts_ms=5000 + 450 * len(digits),
        )
        self.call.secrets.append((Secret(digits, "keypad"), "keypad"))

    def to_queue(self, queue: str) -> None:
        """Routes the contact to people."""
        self.step("SetQueue", {"Queue": queue_arn(queue)})
        target = {"TransferType": "Queue", "Queue": queue_arn(queue)}
        self.step("Transfer", target, results="Success")

    def to_number(self, number: str) -> None:
        """Hands the caller to the voice agent's number."""
        self.step(
            "Transfer",
            {"TransferType": "PhoneNumber", "PhoneNumber": number, "Timeout": "30"},
            results="Success",
        )

    def hold(self, waited_ms: int) -> None:
        """Prompts of the waiting loop."""
        for _ in range(min(3, waited_ms // 20_000)):
            self.say(texts.IVR_HOLD)
            self.at_ms += 15_000
