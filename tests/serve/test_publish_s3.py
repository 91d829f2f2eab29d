"""Publication to S3: objects first, manifest last, then one PUT of the pointer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from click.testing import CliRunner
from moto.server import ThreadedMotoServer

from serve.changes import changes_since
from serve.cli import main
from serve.publish import publish, rollback
from serve.zone import open_zone
from tests.serve.changing_warehouse import build, change, keep_log, known_calls
from tests.serve.conftest import DAY, passing_report, restamp
from tests.serve.fixture_warehouse import BUILD, DAYS, call_id, twilio_sid
from tests.serve.versions import put

ZONE = "s3://marts/published"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    boto3.client("s3", endpoint_url=url).create_bucket(Bucket="marts")
    yield url
    server.stop()


def test_publish_look_up_and_go_back(
    warehouse: Path, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = boto3.client("s3", endpoint_url=endpoint)

    def pointer() -> dict:
        return json.loads(
            client.get_object(Bucket="marts", Key="published/current.json")["Body"].read()
        )

    assert publish(warehouse, ZONE, BUILD, passing_report(), 3, endpoint).changed
    assert not publish(warehouse, ZONE, BUILD, passing_report(), 3, endpoint).changed
    assert pointer()["path"] == f"versions/{BUILD}"
    keys = [o["Key"] for o in client.list_objects_v2(Bucket="marts")["Contents"]]
    assert f"published/versions/{BUILD}/parquet/call_turn/call_date={DAY}/data_0.parquet" in keys
    restamp(warehouse, "build-b")
    publish(warehouse, ZONE, "build-b", passing_report("build-b"), 3, endpoint)
    assert rollback(ZONE, None, endpoint) == BUILD
    assert pointer()["build_id"] == BUILD

    monkeypatch.setenv("CALLSTORY_S3_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("CALLSTORY_DATA", str(tmp_path / "data"))
    sid = twilio_sid(DAYS[0], "ivr_to_agent", 3)
    result = CliRunner().invoke(main, ["find", sid, "--json", "--published", ZONE])
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)["call"]["canonicalCallId"]
    assert found == call_id(DAYS[0], "ivr_to_agent", 3)


def test_a_version_is_whole_and_the_gates_may_go_on_from_it(
    warehouse: Path, endpoint: str, tmp_path: Path
) -> None:
    zone = "s3://marts/others"
    keep_log(warehouse)
    publish(warehouse, zone, BUILD, passing_report(), 3, endpoint)
    calls = known_calls(warehouse)[:1]
    build(warehouse, "build-b", calls, change(calls, "x"))
    base = changes_since(warehouse, open_zone(zone, endpoint))
    assert base is not None
    assert (base.build_id, base.sequence, base.folder) == (BUILD, 1, None)
    publish(warehouse, zone, "build-b", passing_report("build-b"), 3, endpoint)
    told = open_zone(zone, endpoint).builds()
    whole = put(warehouse, tmp_path / "whole", "build-b")
    assert [one["went_on_from"] for one in told] == [None, None]
    assert told[1]["tables"] == whole["tables"]
