"""Digests as the OCI image specification writes them."""

from __future__ import annotations

import pytest

from ecrmock.core.digest import is_sha256, sha256

EMPTY = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_digest_of_nothing_is_the_published_one():
    assert sha256(b"") == EMPTY


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (EMPTY, True),
        (EMPTY.upper(), False),
        (EMPTY[:-1], False),
        (EMPTY + "0", False),
        (EMPTY + "\n", False),
        (EMPTY.removeprefix("sha256:"), False),
        (EMPTY.replace("sha256", "sha512"), False),
        ("", False),
    ],
)
def test_a_sha256_digest_is_told_from_other_texts(text, is_one):
    assert is_sha256(text) is is_one
