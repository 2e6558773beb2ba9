"""Chance and identifiers, all from one seed.

The only module that uses `random`. Two worlds with one seed that are asked the same things in
the same order give the same ids.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from random import Random

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class Ids:
    """A source of identifiers.

    Resources and requests draw from streams of their own, so that one more read (which needs a
    request id) does not change the ids of what is made afterwards.
    """

    seed: int = 0
    _resources: Random = field(init=False)
    _requests: Random = field(init=False)

    def __post_init__(self) -> None:
        """Start both streams from the seed."""
        self._resources = Random(f"{self.seed}:resources")
        self._requests = Random(f"{self.seed}:requests")

    def uuid(self) -> str:
        """Return a version 4 UUID with dashes, lower case."""
        return _as_uuid(self._resources.getrandbits(128))

    def request_id(self) -> str:
        """Return a version 4 UUID for one request."""
        return _as_uuid(self._requests.getrandbits(128))

    def secret(self, purpose: str) -> bytes:
        """Return the key that worlds of this seed sign with for one purpose."""
        return hashlib.sha256(f"{self.seed}:{purpose}".encode()).digest()

    def hex(self, length: int) -> str:
        """Return *length* lower-case hexadecimal digits."""
        return f"{self._resources.getrandbits(4 * length):0{length}x}"

    def digits(self, length: int) -> str:
        """Return *length* decimal digits, the first not zero."""
        first = self._resources.randrange(1, 10)
        return str(first) + "".join(self._resources.choices("0123456789", k=length - 1))

    def base32(self, length: int) -> str:
        """Return *length* capital letters and digits, as access keys have them."""
        return "".join(self._resources.choices(_BASE32, k=length))

    def pick(self, count: int) -> int:
        """Return one of the numbers below *count*."""
        return self._resources.randrange(count)

    def base62(self, length: int) -> str:
        """Return *length* characters of the alphabet that AWS uses in short ids."""
        return "".join(self._resources.choices(_BASE62, k=length))


Chance = Random
"""A stream of chance."""


def chance(seed: int, stream: str) -> Chance:
    """Return a stream of chance of its own, for example for faults."""
    return Random(f"{seed}:{stream}")


def _as_uuid(bits: int) -> str:
    """Format 128 random bits as a version 4, variant 1 UUID."""
    text = f"{bits:032x}"
    variant = "89ab"[bits & 3]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"
