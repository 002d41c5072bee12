"""Pictures in a bucket that speaks S3: Amazon's own, or MinIO, Garage, R2 and their like."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError

from blog.picture_names import NAME, is_stored, media_type
from blog.storage import Stored, check_name
from config import BucketPlace

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOR_GOOD = "public, max-age=31536000, immutable"
ABSENT = ("404", "NoSuchKey", "NotFound")


class BucketError(OSError):
    """The bucket did not do as asked, for the moment or for want of a setting."""


class Bucket:
    """Pictures in a bucket. Who may write there, the library finds out by itself: the environment, a file, a role."""

    def __init__(self, place: BucketPlace) -> None:
        self.place = place
        self.client = client_of(place)

    def save(self, name: str, content: bytes) -> None:
        check_name(name)
        if not self.exists(name):
            with told_plainly(self.place):
                self.client.put_object(
                    Bucket=self.place.name,
                    Key=self.key(name),
                    Body=content,
                    ContentType=media_type(name),
                    CacheControl=FOR_GOOD,
                )

    def open(self, name: str) -> Stored | None:
        if not is_stored(name):
            return None
        with told_plainly(self.place):
            try:
                found = self.client.get_object(Bucket=self.place.name, Key=self.key(name))
            except ClientError as error:
                if is_absence(error):
                    return None
                raise
        return Stored(found["Body"], found["ContentLength"])

    def exists(self, name: str) -> bool:
        if not is_stored(name):
            return False
        with told_plainly(self.place):
            try:
                self.client.head_object(Bucket=self.place.name, Key=self.key(name))
            except ClientError as error:
                if is_absence(error):
                    return False
                raise
        return True

    def delete(self, name: str) -> None:
        if is_stored(name):
            with told_plainly(self.place):
                self.client.delete_object(Bucket=self.place.name, Key=self.key(name))

    def names(self) -> Iterator[str]:
        pages = self.client.get_paginator("list_objects_v2")
        with told_plainly(self.place):
            for page in pages.paginate(Bucket=self.place.name, Prefix=self.key("")):
                for item in page.get("Contents", []):
                    name = item["Key"].removeprefix(self.key(""))
                    if NAME.fullmatch(name):
                        yield name

    def fault(self) -> str:
        """Tries what it is for: to write, to read and to delete."""
        key = self.key("masthead-check")
        try:
            with told_plainly(self.place):
                self.client.put_object(Bucket=self.place.name, Key=key, Body=b"ok")
                self.client.get_object(Bucket=self.place.name, Key=key)["Body"].close()
                self.client.delete_object(Bucket=self.place.name, Key=key)
        except BucketError as error:
            return str(error)
        return ""

    def key(self, name: str) -> str:
        return f"{self.place.prefix}{name}"


def client_of(place: BucketPlace) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=place.endpoint or None,
        region_name=place.region or None,
        config=ClientConfig(
            connect_timeout=5,
            read_timeout=20,
            retries={"max_attempts": 3, "mode": "standard"},
            max_pool_connections=20,
            # Newer checksums are refused by many servers that are not Amazon's, as is a bucket in the host's name.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if place.endpoint else "auto"},
        ),
    )


@contextmanager
def told_plainly(place: BucketPlace) -> Iterator[None]:
    """What goes wrong becomes one kind of error, of one line."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise BucketError(
            f"the bucket {place.name} does not answer as it should: {str(error).splitlines()[0]}"
        ) from error


def is_absence(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code") in ABSENT
