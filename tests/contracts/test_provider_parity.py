"""A provider is complete in every layer, or this names the file that is missing."""

from __future__ import annotations

import pytest
import yaml

from ingest.registry import all_streams
from ingest.settings import PROVIDERS
from tests.conftest import ROOT

DBT = ROOT / "dbt_project" / "models"

PLACES = {
    "wire": "ingest/providers/{p}.py",
    "simulator": "ingest/simulator/{p}.py",
    "staging sources": "dbt_project/models/staging/{p}/_{p}__sources.yml",
    "aliases": "dbt_project/models/identity/aliases/int_identity__{p}_aliases.sql",
    "events": "dbt_project/models/events/envelopes/int_events__{p}.sql",
    "tests": "tests/ingest/providers/test_{p}.py",
}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("layer", sorted(PLACES))
def test_provider_has_a_file_in_the_layer(provider: str, layer: str) -> None:
    path = ROOT / PLACES[layer].format(p=provider)
    assert path.exists(), f"{provider} has no {layer}: {path.relative_to(ROOT)} is missing"


def test_the_registry_and_the_settings_name_the_same_providers() -> None:
    assert {stream.provider for stream in all_streams()} == set(PROVIDERS)


def test_every_stream_is_a_dbt_source_with_its_own_asset_key() -> None:
    keys = set()
    for path in DBT.glob("staging/*/_*__sources.yml"):
        for source in yaml.safe_load(path.read_text())["sources"]:
            for table in source["tables"]:
                meta = table.get("meta") or table.get("config", {}).get("meta", {})
                keys.add(tuple(meta["dagster"]["asset_key"]))
    wanted = {("redacted", stream.provider, stream.name) for stream in all_streams()}
    assert wanted <= keys
