"""Configuration: the only module that reads environment variables.

Every setting is one variable, listed in ``VARIABLES`` (the README's table is checked against it). A
missing or wrong value fails before any work, naming the variable and never its value.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

PROVIDERS = ("amazon_connect", "livekit", "otlp", "twilio", "zendesk")
DROP_PROVIDERS = ("amazon_connect", "livekit", "otlp")
MIN_TOKEN_KEY_BYTES = 32

# variable -> (default, what it does)
VARIABLES: dict[str, tuple[str, str]] = {
    "CALLSTORY_DATA": ("data", "folder under which the four places below lie unless they are set"),
    "CALLSTORY_LANDING": ("$CALLSTORY_DATA/landing", "landing zone: folder or s3://bucket/prefix"),
    "CALLSTORY_REDACTED": (
        "$CALLSTORY_DATA/redacted",
        "redacted zone: folder or s3://bucket/prefix",
    ),
    "CALLSTORY_WAREHOUSE": ("$CALLSTORY_DATA/warehouse.duckdb", "warehouse file (local disk only)"),
    "CALLSTORY_PUBLISHED": (
        "$CALLSTORY_DATA/published",
        "published zone: folder or s3://bucket/prefix",
    ),
    "CALLSTORY_S3_ENDPOINT_URL": ("", "S3 endpoint, for stores that are not AWS"),
    "CALLSTORY_TOKEN_KEY": ("", "secret key of the caller tokens, at least 32 bytes (required)"),
    "CALLSTORY_PROVIDERS": (",".join(PROVIDERS), "which providers are on, comma-separated"),
    "CALLSTORY_START_DATE": ("2026-01-01", "first day that can be run (YYYY-MM-DD)"),
    "CALLSTORY_LOOKBACK_DAYS": ("3", "days before yesterday that the daily schedule runs again"),
    "CALLSTORY_KEEP_VERSIONS": ("5", "how many published versions stay on disk"),
    "CALLSTORY_WORKERS": ("2", "processes of the redaction step"),
    "CALLSTORY_MAX_RECORD_BYTES": ("1048576", "a larger record is rejected"),
    "CALLSTORY_MAX_OBJECT_BYTES": (
        "67108864",
        "uncompressed size at which a landing object is split",
    ),
    "CALLSTORY_MAX_REJECTS": ("1000", "rejects in one pull at which the pull stops"),
    "CALLSTORY_OPERATOR": (
        "",
        "login under which `callstory accept` records; the system's if empty",
    ),
    "CALLSTORY_TRACE_SAMPLE_RATE": ("1.0", "share of successful calls whose traces are kept"),
    "CALLSTORY_TURN_TEXT": ("strict", "level of text that is published: strict or redacted"),
    "CALLSTORY_HEURISTIC_LINKS": ("on", "whether the marts show links without a key: on or off"),
    "CALLSTORY_AMAZON_CONNECT_DROPS": ("", "folder or s3:// prefix of Amazon Connect's deliveries"),
    "CALLSTORY_LIVEKIT_DROPS": (
        "",
        "folder or s3:// prefix of LiveKit webhooks and session reports",
    ),
    "CALLSTORY_OTLP_DROPS": ("", "folder or s3:// prefix of the OpenTelemetry collector's export"),
    "CALLSTORY_TWILIO_ACCOUNT_SID": ("", "Twilio account SID (AC and 32 hex digits)"),
    "CALLSTORY_TWILIO_AUTH_TOKEN": ("", "Twilio auth token (secret)"),
    "CALLSTORY_TWILIO_API_URL": ("https://api.twilio.com", "Twilio REST API"),
    "CALLSTORY_TWILIO_INSIGHTS_URL": ("https://insights.twilio.com", "Twilio Voice Insights API"),
    "CALLSTORY_ZENDESK_URL": ("", "Zendesk base URL, https://<subdomain>.zendesk.com"),
    "CALLSTORY_ZENDESK_EMAIL": ("", "Zendesk user of the API token"),
    "CALLSTORY_ZENDESK_API_TOKEN": ("", "Zendesk API token (secret)"),
}


class SettingsError(Exception):
    """A setting is missing or wrong; the message names every variable concerned."""


@dataclass(frozen=True)
class Settings:
    """One run's configuration. Secrets are kept out of ``repr``.

    ``landing``, ``redacted``, ``published`` and ``drops`` are a folder or ``s3://bucket/prefix``;
    ``warehouse`` is a local file. ``trace_sample_rate`` is in [0, 1].
    ``turn_text`` is the level of text that is published, ``strict`` or ``redacted``;
    ``heuristic_links`` says whether the marts show links without a key, ``on`` or ``off``.
    """

    data_dir: Path
    landing: str
    redacted: str
    published: str
    warehouse: Path
    s3_endpoint_url: str | None = None
    token_key: bytes = field(default=b"", repr=False)
    providers: tuple[str, ...] = PROVIDERS
    start_date: date = date(2026, 1, 1)
    lookback_days: int = 3
    keep_versions: int = 5
    workers: int = 2
    max_record_bytes: int = 1 << 20
    max_object_bytes: int = 64 << 20
    max_rejects: int = 1000
    trace_sample_rate: float = 1.0
    turn_text: str = "strict"
    heuristic_links: str = "on"
    drops: Mapping[str, str] = field(default_factory=dict)
    twilio_account_sid: str = ""
    twilio_auth_token: str = field(default="", repr=False)
    twilio_api_url: str = "https://api.twilio.com"
    twilio_insights_url: str = "https://insights.twilio.com"
    zendesk_url: str = ""
    zendesk_email: str = ""
    zendesk_api_token: str = field(default="", repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and check every variable of ``VARIABLES``.

        Raises:
            SettingsError: naming each missing or wrong variable, all at once.
        """
        return _Reader(os.environ if environ is None else environ).settings()


@dataclass(frozen=True)
class Places:
    """What looking a call up needs: never a provider's password.

    ``published`` is a folder or ``s3://bucket/prefix``; ``token_key`` is empty when none is set;
    ``warehouse`` need not be there; ``landing`` is for ``callstory raw`` alone.
    """

    published: str
    data_dir: Path
    s3_endpoint_url: str | None = None
    token_key: bytes = field(default=b"", repr=False)
    warehouse: Path = Path("data/warehouse.duckdb")
    landing: str = "data/landing"

    @classmethod
    def from_env(
        cls, published: str | None = None, environ: Mapping[str, str] | None = None
    ) -> Places:
        """Read these variables; ``published`` overrides its own."""
        reader = _Reader(os.environ if environ is None else environ)
        key = reader.text("CALLSTORY_TOKEN_KEY").encode()
        return cls(
            published or reader.text("CALLSTORY_PUBLISHED"),
            Path(reader.text("CALLSTORY_DATA")).expanduser(),
            reader.text("CALLSTORY_S3_ENDPOINT_URL") or None,
            key if len(key) >= MIN_TOKEN_KEY_BYTES else b"",
            reader.warehouse(),
            reader.text("CALLSTORY_LANDING"),
        )


def variable(name: str) -> str:
    """One variable, or its default, unchecked: for what Dagster needs when it loads the code."""
    return _Reader(os.environ).text(name)


class _Reader:
    """Reads variables and collects every complaint before raising."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def text(self, name: str) -> str:
        default = VARIABLES[name][0]
        if default.startswith("$CALLSTORY_DATA/"):
            data = self.environ.get("CALLSTORY_DATA") or VARIABLES["CALLSTORY_DATA"][0]
            default = str(Path(data).expanduser() / default.removeprefix("$CALLSTORY_DATA/"))
        return self.environ.get(name, "").strip() or default

    def required(self, name: str, provider: str) -> str:
        value = self.text(name)
        if not value:
            self.problems.append(
                f"{name} is not set (provider {provider} is on): {VARIABLES[name][1]}"
            )
        return value

    def integer(self, name: str, least: int) -> int:
        try:
            value = int(self.text(name))
        except ValueError:
            value = least - 1
        if value < least:
            self.problems.append(f"{name} must be a whole number of at least {least}")
        return value

    def share(self, name: str) -> float:
        try:
            value = float(self.text(name))
        except ValueError:
            value = -1.0
        if not 0.0 <= value <= 1.0:
            self.problems.append(f"{name} must be a share between 0 and 1")
        return value

    def one_of(self, name: str, values: tuple[str, ...]) -> str:
        value = self.text(name)
        if value not in values:
            self.problems.append(f"{name} must be one of: {', '.join(values)}")
        return value

    def providers(self) -> tuple[str, ...]:
        chosen = tuple(p.strip() for p in self.text("CALLSTORY_PROVIDERS").split(",") if p.strip())
        unknown = [p for p in chosen if p not in PROVIDERS]
        if unknown or not chosen:
            self.problems.append(f"CALLSTORY_PROVIDERS must name some of: {', '.join(PROVIDERS)}")
        return chosen

    def day(self, name: str) -> date:
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            self.problems.append(f"{name} must be a date, YYYY-MM-DD")
            return date(1970, 1, 1)

    def url(self, name: str, provider: str) -> str:
        value = self.required(name, provider)
        if value and not value.startswith(("http://", "https://")):
            self.problems.append(f"{name} must start with http:// or https://")
        return value.rstrip("/")

    def token_key(self) -> bytes:
        key = self.text("CALLSTORY_TOKEN_KEY").encode()
        if len(key) < MIN_TOKEN_KEY_BYTES:
            self.problems.append(
                f"CALLSTORY_TOKEN_KEY must be set to at least {MIN_TOKEN_KEY_BYTES} bytes"
            )
        return key

    def warehouse(self) -> Path:
        value = self.text("CALLSTORY_WAREHOUSE")
        if "://" in value:
            self.problems.append("CALLSTORY_WAREHOUSE must be a file on local disk")
        return Path(value).expanduser()

    def settings(self) -> Settings:
        providers = self.providers()
        drops = {
            p: self.required(f"CALLSTORY_{p.upper()}_DROPS", p)
            for p in DROP_PROVIDERS
            if p in providers
        }
        twilio, zendesk = "twilio" in providers, "zendesk" in providers
        settings = Settings(
            data_dir=Path(self.text("CALLSTORY_DATA")).expanduser(),
            landing=self.text("CALLSTORY_LANDING"),
            redacted=self.text("CALLSTORY_REDACTED"),
            published=self.text("CALLSTORY_PUBLISHED"),
            warehouse=self.warehouse(),
            s3_endpoint_url=self.text("CALLSTORY_S3_ENDPOINT_URL") or None,
            token_key=self.token_key(),
            providers=providers,
            start_date=self.day("CALLSTORY_START_DATE"),
            lookback_days=self.integer("CALLSTORY_LOOKBACK_DAYS", 0),
            keep_versions=self.integer("CALLSTORY_KEEP_VERSIONS", 1),
            workers=self.integer("CALLSTORY_WORKERS", 1),
            max_record_bytes=self.integer("CALLSTORY_MAX_RECORD_BYTES", 1024),
            max_object_bytes=self.integer("CALLSTORY_MAX_OBJECT_BYTES", 65536),
            max_rejects=self.integer("CALLSTORY_MAX_REJECTS", 1),
            trace_sample_rate=self.share("CALLSTORY_TRACE_SAMPLE_RATE"),
            turn_text=self.one_of("CALLSTORY_TURN_TEXT", ("strict", "redacted")),
            heuristic_links=self.one_of("CALLSTORY_HEURISTIC_LINKS", ("on", "off")),
            drops=drops,
            twilio_account_sid=self.required("CALLSTORY_TWILIO_ACCOUNT_SID", "twilio")
            if twilio
            else "",
            twilio_auth_token=self.required("CALLSTORY_TWILIO_AUTH_TOKEN", "twilio")
            if twilio
            else "",
            twilio_api_url=self.url("CALLSTORY_TWILIO_API_URL", "twilio"),
            twilio_insights_url=self.url("CALLSTORY_TWILIO_INSIGHTS_URL", "twilio"),
            zendesk_url=self.url("CALLSTORY_ZENDESK_URL", "zendesk") if zendesk else "",
            zendesk_email=self.required("CALLSTORY_ZENDESK_EMAIL", "zendesk") if zendesk else "",
            zendesk_api_token=self.required("CALLSTORY_ZENDESK_API_TOKEN", "zendesk")
            if zendesk
            else "",
        )
        if self.problems:
            raise SettingsError("settings are wrong:\n  " + "\n  ".join(self.problems))
        return settings
