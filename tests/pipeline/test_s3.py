"""Everything but the warehouse on an S3 endpoint: drops, landing, redacted and published zones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.harness import FIRST, LAST, ROOT, new_run

pytestmark = pytest.mark.xdist_group("orchestration")

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def upload(endpoint: str, folder: Path, prefix: str) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="estate")
    for path in folder.rglob("*"):
        if path.is_file():
            client.upload_file(str(path), "estate", f"{prefix}/{path.relative_to(folder)}")


def test_a_day_runs_from_s3_to_s3_and_is_found_there(endpoint: str, tmp_path: Path) -> None:
    run = new_run(tmp_path, calls=10, seed=21)
    upload(endpoint, run.estate / "drops", "drops")
    places = {
        f"CALLSTORY_{zone}": f"s3://estate/{zone.lower()}"
        for zone in ("LANDING", "REDACTED", "PUBLISHED")
    }
    drops = {
        f"CALLSTORY_{provider.upper()}_DROPS": f"s3://estate/drops/{provider}"
        for provider in ("amazon_connect", "livekit", "otlp")
    }
    extra = {**places, **drops, **CREDENTIALS, "CALLSTORY_S3_ENDPOINT_URL": endpoint}

    result = run.run(FIRST, LAST, **extra)

    assert result.returncode == 0, result.stdout + result.stderr
    assert not (tmp_path / "data" / "landing").exists()
    assert not (tmp_path / "data" / "published").exists()
    call = next(c for c in run.truth("calls") if c["route"] == "direct_to_agent")
    sid = next(value for namespace, value in call["aliases"] if namespace == "twilio_call_sid")
    found = subprocess.run(
        [sys.executable, "-m", "serve.cli", "find", sid, "--json"],
        cwd=ROOT,
        env={**os.environ, **run.environment, **extra},
        capture_output=True,
        text=True,
        check=True,
    )
    story = json.loads(found.stdout)
    assert story["call"]["route"] == "direct_to_agent"
    assert len(story["events"]) > 5
