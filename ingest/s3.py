"""Objects on S3 (boto3, or any endpoint that speaks S3). ``ingest.store`` opens it for ``s3://``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from ingest.errors import PermanentError, TransientError
from ingest.store import Keys, LocalStore, Paths, StoreError, checked

_MISSING = {"NoSuchKey", "404"}
_TAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
_FOR_A_PERSON = {
    "403",
    "AccessDenied",
    "InvalidAccessKeyId",
    "NoSuchBucket",
    "SignatureDoesNotMatch",
}


class S3Store:
    """An S3 prefix. One PUT an object, so a reader sees all of it or nothing."""

    def __init__(self, bucket: str, prefix: str, endpoint_url: str | None) -> None:
        self.bucket = bucket
        self.base = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        config = Config(retries={"mode": "standard", "max_attempts": 6})
        self.client = boto3.client("s3", endpoint_url=endpoint_url, config=config)

    def put(self, key: str, data: bytes) -> bool:
        """See ``Store.put``: a conditional PUT, so two writers cannot both win."""
        name = self.base + checked(key)
        try:
            with _s3_errors(key):
                self.client.put_object(Bucket=self.bucket, Key=name, Body=data, IfNoneMatch="*")
        except _TakenError:
            return False
        return True

    def put_file(self, key: str, path: Path) -> bool:
        """See ``Store.put_file``: multipart where the file is large."""
        if self.exists(key):
            return False
        with _s3_errors(key):
            self.client.upload_file(str(path), self.bucket, self.base + checked(key))
        return True

    def replace(self, key: str, data: bytes) -> None:
        """See ``Store.replace``."""
        with _s3_errors(key):
            self.client.put_object(Bucket=self.bucket, Key=self.base + checked(key), Body=data)

    def get(self, key: str) -> bytes:
        """See ``Store.get``."""
        with contextlib.closing(self.open(key)) as body, _s3_errors(key):
            return body.read()

    def open(self, key: str) -> IO[bytes]:
        """See ``Store.open``. Any key may be read, also one that a delivery named oddly."""
        with _s3_errors(key):
            answer = self.client.get_object(Bucket=self.bucket, Key=self.base + key)
        return _Body(answer["Body"], key)  # type: ignore[return-value]

    def exists(self, key: str) -> bool:
        """See ``Store.exists``."""
        try:
            self.size(key)
        except StoreError:
            return False
        return True

    def size(self, key: str) -> int:
        """See ``Store.size``."""
        with _s3_errors(key):
            head = self.client.head_object(Bucket=self.bucket, Key=self.base + key)
        return int(head["ContentLength"])

    def list(self, prefix: str) -> Keys:
        """See ``Store.list``."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=self.base + prefix
        )
        with _s3_errors(prefix):
            keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return sorted(key.removeprefix(self.base) for key in keys if not key.endswith("/"))

    def delete(self, key: str) -> None:
        """See ``Store.delete``. In a bucket with versioning a plain DELETE would keep the bytes."""
        name = self.base + checked(key)
        pages = self.client.get_paginator("list_object_versions").paginate(
            Bucket=self.bucket, Prefix=name
        )
        with _s3_errors(key):
            for page in pages:
                for version in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    if version["Key"] == name:
                        self.client.delete_object(
                            Bucket=self.bucket, Key=name, VersionId=version["VersionId"]
                        )

    def mirror(self, prefix: str, local_dir: Path) -> Paths:
        """See ``Store.mirror``: objects never change, so a file that is there is current."""
        local = LocalStore(local_dir)
        keys = self.list(prefix)
        for gone in set(local.list(prefix)) - set(keys):
            local.delete(gone)
        for key in keys:
            if not local.exists(key):
                local.put(key, self.get(key))
        return [local.root / key for key in keys]


class _TakenError(Exception):
    """The key exists already."""


class _Body:
    """An S3 body whose broken connections are ours to name."""

    def __init__(self, body: Any, key: str) -> None:
        self.body, self.key = body, key

    def __enter__(self) -> _Body:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, size: int | None = None) -> bytes:
        with _s3_errors(self.key):
            data: bytes = self.body.read(size)
        return data

    def close(self) -> None:
        self.body.close()


@contextlib.contextmanager
def _s3_errors(key: str) -> Iterator[None]:
    """Class what boto3 raises; its own messages may quote requests, so they go no further."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _MISSING:
            raise StoreError(f"no object {key}") from None
        if code in _TAKEN:
            raise _TakenError from None
        if code in _FOR_A_PERSON:
            raise PermanentError(f"S3 refused {key}: {code}") from None
        raise TransientError(f"S3 failed on {key}: {code}") from None
    except NoCredentialsError:
        raise PermanentError("no AWS credentials were found") from None
    except (BotoCoreError, OSError) as error:
        raise TransientError(f"S3 failed on {key}: {type(error).__name__}") from None
