"""``callstory raw``: one verbatim record, for a reason, once the audit log has been told."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import boto3
import duckdb
import pytest
from click.testing import CliRunner, Result
from moto.server import ThreadedMotoServer

import ingest.access.raw as raw_module
from ingest.registry import get_stream
from ingest.settings import Settings
from serve.cli import main
from tests.ingest.redaction.estates import FIRST, land, settings_in

CALLS, SPANS = get_stream("twilio", "calls"), get_stream("otlp", "spans")
SID, OTHER = "CA" + "1" * 32, "CA" + "2" * 32
LINE = b'{"sid":"%b",  "from":"+14155550100", "note":"\\u001b[2J"}' % SID.encode()


def run(home: Path, *arguments: str, **environment: str) -> Result:
    variables = {"CALLSTORY_DATA": str(home), "CALLSTORY_LANDING": str(home / "landing")}
    return CliRunner().invoke(main, ["raw", *arguments], env={**variables, **environment})


def shown(home: Path, record: str, *more: str, **environment: str) -> Result:
    asked = ("--show-personal-data", "--reason", "case 7")
    return run(home, record, *asked, *more, **environment)


def audit(home: Path) -> list[dict]:
    path = home / "audit" / "access.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def landed(tmp_path: Path) -> Settings:
    settings = settings_in(tmp_path)
    land(settings, CALLS, FIRST, b'{"sid":"%b"}' % OTHER.encode(), LINE)
    return settings


@pytest.mark.parametrize("name", [f"twilio.calls:{SID}", f"twilio/calls/{SID}"])
def test_the_verbatim_line_is_shown_and_told(landed: Settings, name: str) -> None:
    result = shown(landed.data_dir, name)
    assert result.exit_code == 0, result.output
    assert result.stdout_bytes == LINE + b"\n"
    (entry,) = audit(landed.data_dir)
    assert entry["record"] == name
    assert entry["reason"] == "case 7"
    assert entry["bytes"] == len(LINE)
    assert entry["line"] == 2
    assert entry["by"]
    assert entry["at"]
    assert "+14155550100" not in json.dumps(entry)
    path = landed.data_dir / "audit" / "access.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_every_look_is_a_line_of_its_own(landed: Settings) -> None:
    for _ in range(2):
        assert shown(landed.data_dir, f"twilio.calls:{SID}").exit_code == 0
    assert len(audit(landed.data_dir)) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        (f"twilio.calls:{SID}", "--reason", "case 7"),
        (f"twilio.calls:{SID}", "--show-personal-data"),
        (f"twilio.calls:{SID}", "--show-personal-data", "--reason", "  "),
    ],
)
def test_without_the_flag_or_a_reason_nothing_is_shown(
    landed: Settings, arguments: tuple[str, ...]
) -> None:
    result = run(landed.data_dir, *arguments)
    assert result.exit_code == 2
    assert "4155550100" not in result.output
    assert audit(landed.data_dir) == []


def test_what_cannot_be_audited_is_not_shown(landed: Settings) -> None:
    for spoil in ("a folder", "open to others", "a link"):
        path = landed.data_dir / "audit" / "access.jsonl"
        path.parent.mkdir(exist_ok=True)
        if spoil == "a folder":
            path.mkdir()
        elif spoil == "open to others":
            path.rmdir()
            path.touch(mode=0o666)
            path.chmod(0o644)
        else:
            path.unlink()
            path.symlink_to(landed.data_dir / "elsewhere")
        result = shown(landed.data_dir, f"twilio.calls:{SID}")
        assert result.exit_code == 1, spoil
        assert "nothing is shown" in result.output
        assert "4155550100" not in result.output


def test_the_line_is_on_disk_before_anything_is_shown(
    landed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Showing dies: the audit line stands all the same."""

    def broken(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("serve.cli_access.click.echo", broken)
    assert shown(landed.data_dir, f"twilio.calls:{SID}").exit_code != 0
    assert len(audit(landed.data_dir)) == 1


def test_an_object_that_is_not_what_its_name_says_is_not_shown(landed: Settings) -> None:
    (path,) = (landed.data_dir / "landing" / "twilio" / "calls" / f"dt={FIRST}").iterdir()
    key = path.rename(path.with_name(path.name.replace(path.name[-26:-10], "0" * 16)))
    result = shown(landed.data_dir, f"twilio.calls:{SID}")
    assert result.exit_code == 1
    assert "is not what its name says" in result.output
    assert key.exists()


@pytest.mark.parametrize("name", ["twilio.calls:nobody", "twilio.nothing:x", "../../etc/passwd"])
def test_what_is_not_there_is_not_found(landed: Settings, name: str) -> None:
    result = shown(landed.data_dir, name)
    assert result.exit_code == 1
    assert audit(landed.data_dir) == []


def test_a_span_is_shown_without_the_other_calls_of_its_batch(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    spans = [
        {"traceId": f"{n}" * 32, "spanId": f"{n}" * 16, "name": f"span {n}"} for n in range(1, 4)
    ]
    batch = {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}
    land(settings, SPANS, FIRST, json.dumps(batch).encode())
    result = shown(tmp_path, f"otlp.spans:{'2' * 32}:{'2' * 16}")
    assert json.loads(result.stdout)["name"] == "span 2"
    assert "span 1" not in result.stdout
    assert "as parsed" in result.stderr


def test_versions_are_told_apart(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    older, newer = (b'{"sid":"%b","v":%d}' % (SID.encode(), n) for n in (1, 2))
    land(settings, CALLS, FIRST, older, newer)
    assert shown(tmp_path, f"twilio.calls:{SID}").stdout_bytes == newer + b"\n"
    assert shown(tmp_path, f"twilio.calls:{SID}", "--version", "2").stdout_bytes == older + b"\n"
    assert shown(tmp_path, f"twilio.calls:{SID}", "--version", "3").exit_code == 1


def test_where_the_warehouse_knows_the_record_no_other_object_is_read(
    landed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = f"twilio/calls/dt={FIRST}/"
    other = land(landed, CALLS, FIRST.replace(day=2), b'{"sid":"CA3"}')
    (key,) = (
        path.relative_to(landed.landing).as_posix()
        for path in Path(landed.landing, known).iterdir()
    )
    with duckdb.connect(str(landed.warehouse)) as connection:
        connection.execute("create schema staging")
        connection.execute(
            "create table staging.stg_landing__received as select 'twilio' as provider,"
            " 'calls' as stream, ? as record_key, ? as landing_object, 2 as landing_line",
            [SID, key],
        )
    read: list[str] = []
    real = raw_module.read_lines
    monkeypatch.setattr(
        raw_module, "read_lines", lambda store, name: read.append(name) or real(store, name)
    )
    result = shown(landed.data_dir, f"twilio.calls:{SID}")
    assert result.stdout_bytes == LINE + b"\n"
    assert read == [key]
    assert other != key


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_from_s3(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ACCESS_KEY_ID", "k"), ("SECRET_ACCESS_KEY", "s")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.client("s3", endpoint_url=endpoint)
    client.create_bucket(Bucket="zone")
    local = settings_in(tmp_path / "local")
    key = land(local, CALLS, FIRST, LINE)
    client.upload_file(str(Path(local.landing) / key), "zone", f"landing/{key}")
    place = {"CALLSTORY_LANDING": "s3://zone/landing", "CALLSTORY_S3_ENDPOINT_URL": endpoint}
    result = shown(tmp_path / "home", f"twilio.calls:{SID}", **place)
    assert result.stdout_bytes == LINE + b"\n", result.output
    assert len(audit(tmp_path / "home")) == 1
