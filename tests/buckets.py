"""A server that speaks S3, over real HTTP, for as long as a test needs it."""

import os
from itertools import count

import boto3
from moto.server import ThreadedMotoServer

from config import BucketPlace

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
_number = count(1).__next__


class Server:
    def __enter__(self) -> "Server":
        self.before = {name: os.environ.get(name) for name in KEYS}
        os.environ.update(KEYS)
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        self.endpoint = "http://{}:{}".format(*self.server.get_host_and_port())
        self.client = boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1")
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.server.stop()
        for name, value in self.before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

    def place(self, prefix: str = "") -> BucketPlace:
        """A new and empty bucket."""
        name = f"bucket-{_number()}"
        self.client.create_bucket(Bucket=name)
        return BucketPlace(name, prefix, self.endpoint, "us-east-1")

    def url(self) -> str:
        place = self.place()
        return f"s3://{place.name}?endpoint={place.endpoint}&region={place.region}"
