"""The store's promises, on a folder and on a real HTTP endpoint that speaks S3 (moto's server)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer

from ingest.errors import PermanentError, TransientError
from ingest.landing import land_stream
from ingest.store import LocalStore, Store, StoreError, open_store
from tests.ingest.helpers import DAY, call, fed_stream, landed, settings_in


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A fresh bucket with a prefix, and the endpoint."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    bucket = f"b{uuid4().hex}"
    boto3.client("s3", endpoint_url=s3_url).create_bucket(Bucket=bucket)
    return f"s3://{bucket}/team/zone", s3_url


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "local":
        return open_store(str(tmp_path / "zone"))
    return open_store(*request.getfixturevalue("s3"))


def test_an_object_is_written_once(store: Store) -> None:
    assert store.put("a/b.bin", b"first") is True
    assert store.put("a/b.bin", b"second") is False
    assert store.get("a/b.bin") == b"first"


def test_a_file_is_written_once(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x" * 3_000_000)
    assert store.put_file("a/b.bin", source) is True
    source.write_bytes(b"other")
    assert store.put_file("a/b.bin", source) is False
    assert store.size("a/b.bin") == 3_000_000


def test_a_pointer_is_replaced(store: Store) -> None:
    store.replace("current", b"1")
    store.replace("current", b"2")
    assert store.get("current") == b"2"


def test_a_missing_object_is_said_to_be_missing(store: Store) -> None:
    assert store.exists("nothing") is False
    for read in (store.get, store.open, store.size):
        with pytest.raises(StoreError, match="no object nothing"):
            read("nothing")


def test_an_object_streams(store: Store) -> None:
    store.put("a", b"0123456789")
    with store.open("a") as body:
        assert (body.read(4), body.read(100), body.read(1)) == (b"0123", b"456789", b"")


def test_a_listing_is_sorted_and_by_prefix(store: Store) -> None:
    for key in ("p/dt=2/b", "p/dt=2/a", "p/dt=10/a", "p2/x", "top"):
        store.put(key, b"-")
    assert store.list("p/") == ["p/dt=10/a", "p/dt=2/a", "p/dt=2/b"]
    assert store.list("p/dt=2") == ["p/dt=2/a", "p/dt=2/b"]
    assert store.list("") == ["p/dt=10/a", "p/dt=2/a", "p/dt=2/b", "p2/x", "top"]
    assert store.list("none/") == []


def test_mirrored_objects_are_local_files(store: Store, tmp_path: Path) -> None:
    store.put("p/a", b"1")
    store.put("p/b", b"2")
    store.put("q/c", b"3")
    for _ in range(2):
        paths = store.mirror("p/", tmp_path / "mirror")
        assert [path.read_bytes() for path in paths] == [b"1", b"2"]


@pytest.mark.parametrize("key", ["", "/a", "../a", "a/../b", "a//b", "a/", "./a", "a\\b", "a\0b"])
def test_a_key_cannot_leave_the_store(store: Store, key: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"-")
    writes: list[Callable[[], object]] = [
        lambda: store.put(key, b"-"),
        lambda: store.replace(key, b"-"),
        lambda: store.put_file(key, source),
    ]
    for write in writes:
        with pytest.raises(StoreError):
            write()


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    store = LocalStore(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            store.put("a/b", b"-")
    assert list((tmp_path / "a").iterdir()) == []
    assert store.put("a/b", b"whole") is True


def test_an_unfinished_write_is_not_listed(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put("a/b", b"-")
    (tmp_path / "a" / ".tmp-0123").write_bytes(b"half")
    assert store.list("a/") == ["a/b"]


def test_landing_on_s3_is_landing(s3: tuple[str, str], tmp_path: Path) -> None:
    settings = replace(settings_in(tmp_path), landing=s3[0], s3_endpoint_url=s3[1])
    stream = fed_stream(call("1") + call("2"), b"\nbroken")
    first = land_stream(settings, stream, [DAY])
    again = land_stream(settings, stream, [DAY])
    assert list(landed(settings, "acme/").values()) == [[call("1"), call("2")]]
    assert (first.records_landed, again.records_landed, again.objects) == (2, 0, [])
    kept = open_store(*s3).list("acme/calls/_rejects/")
    assert [key.split(".", 1)[1] for key in kept] == ["invalid_json.bin"]


def test_a_missing_bucket_is_permanent(s3: tuple[str, str]) -> None:
    with pytest.raises(PermanentError, match="NoSuchBucket"):
        open_store("s3://nobody-has-this-bucket/x", s3[1]).put("a", b"-")
    with pytest.raises(PermanentError, match="NoSuchBucket"):
        open_store("s3://nobody-has-this-bucket/x", s3[1]).list("a")


def test_an_endpoint_that_is_away_is_transient(
    s3: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    with pytest.raises(TransientError, match="EndpointConnectionError"):
        open_store("s3://bucket/x", "http://127.0.0.1:9").get("a")


def test_an_s3_location_needs_a_bucket() -> None:
    with pytest.raises(StoreError, match="bucket"):
        open_store("s3:///prefix")
