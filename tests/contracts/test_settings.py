"""Settings: every variable documented, every wrong value named, no secret shown."""

from __future__ import annotations

import pytest

from ingest.settings import VARIABLES, Settings, SettingsError
from tests.conftest import ROOT

GOOD = {
    "CALLSTORY_DATA": "somewhere",
    "CALLSTORY_TOKEN_KEY": "k" * 32,
    "CALLSTORY_AMAZON_CONNECT_DROPS": "drops/connect",
    "CALLSTORY_LIVEKIT_DROPS": "s3://bucket/livekit",
    "CALLSTORY_OTLP_DROPS": "drops/otlp",
    "CALLSTORY_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "CALLSTORY_TWILIO_AUTH_TOKEN": "very-secret-token",
    "CALLSTORY_ZENDESK_URL": "https://acme.zendesk.com/",
    "CALLSTORY_ZENDESK_EMAIL": "ops@acme.example",
    "CALLSTORY_ZENDESK_API_TOKEN": "another-secret",
}


def test_places_follow_the_data_folder_unless_set() -> None:
    settings = Settings.from_env(GOOD | {"CALLSTORY_PUBLISHED": "s3://mart/published"})
    assert (settings.landing, settings.redacted) == ("somewhere/landing", "somewhere/redacted")
    assert settings.published == "s3://mart/published"
    assert settings.zendesk_url == "https://acme.zendesk.com"


@pytest.mark.parametrize("name", [n for n in GOOD if n != "CALLSTORY_DATA"])
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({k: v for k, v in GOOD.items() if k != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CALLSTORY_PROVIDERS", "twilio,acme"),
        ("CALLSTORY_PROVIDERS", " , "),
        ("CALLSTORY_TOKEN_KEY", "short"),
        ("CALLSTORY_TRACE_SAMPLE_RATE", "5%"),
        ("CALLSTORY_KEEP_VERSIONS", "0"),
        ("CALLSTORY_WORKERS", "two"),
        ("CALLSTORY_START_DATE", "01.05.2026"),
        ("CALLSTORY_WAREHOUSE", "s3://bucket/warehouse.duckdb"),
        ("CALLSTORY_TWILIO_API_URL", "api.twilio.com"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        Settings.from_env(GOOD | {name: value})
    if name == "CALLSTORY_TOKEN_KEY":
        assert value not in str(caught.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({})
    assert "CALLSTORY_TOKEN_KEY" in str(caught.value)
    assert "CALLSTORY_ZENDESK_URL" in str(caught.value)


def test_a_provider_that_is_off_needs_no_settings() -> None:
    settings = Settings.from_env(
        {
            "CALLSTORY_TOKEN_KEY": "k" * 32,
            "CALLSTORY_PROVIDERS": "livekit",
            "CALLSTORY_LIVEKIT_DROPS": "drops",
        }
    )
    assert settings.providers == ("livekit",)


def test_secrets_are_not_in_the_representation() -> None:
    shown = repr(Settings.from_env(GOOD))
    for secret in ("k" * 32, "very-secret-token", "another-secret"):
        assert secret not in shown


def test_every_variable_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [name for name in VARIABLES if f"`{name}`" not in readme] == []
