"""One end of protocol version 1's encrypted input: P-256, the raw x-coordinate, AES-256-GCM."""

import base64
import json
import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

IV_BYTES = 12
TAG_BYTES = 16


class Channel:
    """A key pair of one's own and, once the other side's key is known, the key both share."""

    def __init__(self):
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._cipher = None

    def public_key(self):
        """Returns the message that tells one's own public key."""
        point = self._private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return {"type": "pubkey", "key": _text(point)}

    def agree(self, key):
        """Takes the other side's public key, as it stands in its message."""
        point = base64.b64decode(key, validate=True)
        assert len(point) == 65 and point[0] == 4, "an uncompressed point of P-256"
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        self._cipher = AESGCM(self._private.exchange(ec.ECDH(), theirs))

    def seal(self, event):
        """Encrypts one input event into the message that carries it."""
        iv = os.urandom(IV_BYTES)
        sealed = self._cipher.encrypt(iv, json.dumps(event).encode(), None)
        payload = {
            "iv": _text(iv),
            "ciphertext": _text(sealed[:-TAG_BYTES]),
            "tag": _text(sealed[-TAG_BYTES:]),
        }
        return {"type": "encrypted", "payload": payload}

    def open(self, message):
        """Decrypts what `seal` made; raises `InvalidTag` if it was changed."""
        parts = [
            base64.b64decode(message["payload"][name], validate=True)
            for name in ("iv", "ciphertext", "tag")
        ]
        iv, ciphertext, tag = parts
        return json.loads(self._cipher.decrypt(iv, ciphertext + tag, None))


def _text(data):
    return base64.b64encode(data).decode()
