"""A passkey made of software: what a browser and its device do together, for tests."""

import base64
import hashlib
import json
import secrets

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def text(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def plain(words: str) -> bytes:
    return base64.urlsafe_b64decode(words + "===")


class SoftKey:
    def __init__(self, origin: str = "http://localhost", *, verifies: bool = True, size: int = 32) -> None:
        self.origin, self.verifies = origin, verifies
        self.id = secrets.token_bytes(size)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.count, self.handle, self.domain = 0, b"", "localhost"

    def make(self, options: dict, **how) -> str:
        """The answer to `navigator.credentials.create`."""
        self.handle, self.domain = plain(options["user"]["id"]), options["rp"]["id"]
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        about = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        sealed = {"fmt": "none", "attStmt": {}, "authData": self.data(WITH_KEY) + about}
        return self.answer(
            clientDataJSON=self.client("webauthn.create", options, **how), attestationObject=cbor2.dumps(sealed)
        )

    def sign(self, options: dict, *, handle: bytes | None = None, **how) -> str:
        """The answer to `navigator.credentials.get`."""
        self.count += 1
        data, client = self.data(0), self.client("webauthn.get", options, **how)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        handle = self.handle if handle is None else handle
        return self.answer(clientDataJSON=client, authenticatorData=data, signature=signature, userHandle=handle)

    def data(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.domain.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def client(self, kind: str, options: dict, *, challenge: str = "", origin: str = "") -> bytes:
        said = {"type": kind, "challenge": challenge or options["challenge"], "origin": origin or self.origin}
        return json.dumps(said).encode()

    def answer(self, **response: bytes) -> str:
        said = {"id": text(self.id), "rawId": text(self.id), "type": "public-key"}
        return json.dumps(said | {"response": {name: text(value) for name, value in response.items() if value}})
