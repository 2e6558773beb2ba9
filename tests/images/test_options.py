"""`aws.images.push`: what cannot be asked for, and what the answer says instead."""

from __future__ import annotations

import copy
import json
from datetime import datetime, timezone

import pytest

from ecrmock import UsageError
from tests.images.archives import (
    dump,
    state_of,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
TWO = ["linux/amd64", "linux/arm64/v8"]


# -------------------------------------------------------------------------- what is refused


WRONG = {
    "tag": ({"tag": "a b"}, "give 1 to 300 letters"),
    "empty tag": ({"tag": ""}, "give 1 to 300 letters"),
    "long tag": ({"tag": "x" * 301}, "give 1 to 300 letters"),
    "tag of another kind": ({"tag": 5}, "give a tag, a list of tags, or None"),
    "tag in a list": ({"tag": ["a", None]}, "tag is None; give 1 to 300 letters"),
    "account": ({"account_id": "123"}, "twelve digits"),
    "empty account": ({"account_id": ""}, "twelve digits"),
    "region": ({"region_name": "eu-nowhere-1"}, "the installed botocore knows"),
    "pushed_at": ({"pushed_at": "today"}, "pushed_at is 'today'; give a datetime"),
    "create_repository": ({"create_repository": 1}, "give True or False"),
    "layers": ({"layers": -1}, "layers is -1; give a number from 0 to 4000"),
    "too many layers": ({"layers": 4001}, "give a number from 0 to 4000"),
    "layers that are true": ({"layers": True}, "layers is True; give a number"),
    "layers that are none": ({"layers": None}, "layers is None; give a number"),
    "one layer": ({"layers": b"abc"}, "or a list of contents"),
    "a layer that is text": ({"layers": ["abc"]}, "give the bytes of a finished layer, or a dict"),
    "an empty layer": ({"layers": [b""]}, "an empty blob"),
    "a path above": ({"layers": [{"../x": b""}]}, "a path below the root"),
    "a path to nothing": ({"layers": [{"/": b""}]}, "a path below the root"),
    "a path of half characters": ({"layers": [{"\ud800": b""}]}, "a path below the root"),
    "a path with a null": ({"layers": [{"a\0b": b""}]}, "a path below the root"),
    "a path to text": ({"layers": [{"a": "b"}]}, "and bytes"),
    "a folder that is a file": (
        {"layers": [{"a": b"", "a/b": b""}]},
        "'a' as a file and as a folder of 'a/b'",
    ),
    "platforms": ({"platforms": "linux/amd64"}, "give a list, for example"),
    "no platforms": ({"platforms": []}, "give a list, for example"),
    "architecture": ({"platforms": ["linux/x86_64"]}, "architecture one of 386, amd64"),
    "system": ({"platforms": ["Linux/amd64"]}, "with os one of aix"),
    "variant": ({"platforms": ["linux/arm/"]}, "'os/architecture/variant'"),
    "a platform twice": ({"platforms": TWO + TWO}, "give each platform once"),
    "media": ({"media": "OCI"}, "media is 'OCI'; give 'oci' or 'docker'"),
    "created": ({"created": 5}, "created is 5; give a datetime"),
    "labels": ({"labels": {"a": 1}}, "labels is .*; give a dict of texts"),
    "annotations": ({"annotations": ["a"]}, "give a dict of texts"),
    "env": ({"env": ["A"]}, "or a list of 'NAME=value'"),
    "cmd": ({"cmd": "run me"}, "cmd is 'run me'; give a list of texts"),
    "entrypoint": ({"entrypoint": [1]}, "give a list of texts"),
    "artifact_type": ({"artifact_type": "sbom"}, "give a media type"),
    "subject": ({"subject": "v1"}, "give the digest of an image of this repository"),
    "size": ({"size_bytes": 0}, "give a whole number from 1"),
    "a size too large": ({"size_bytes": 10**12}, "to 54525952000"),
    "a size without layers": ({"size_bytes": 9, "layers": 0}, "size_bytes does not go with"),
    "a size of contents": ({"size_bytes": 9, "layers": [b"a"]}, "size_bytes does not go with"),
    "Docker annotations": ({"media": "docker", "annotations": {}}, "use media='oci'"),
    "Docker artifact": ({"media": "docker", "artifact_type": "a/b"}, "use media='oci'"),
    "artifact with labels": ({"artifact_type": "a/b", "labels": {}}, "use annotations"),
    "artifact with platforms": ({"artifact_type": "a/b", "platforms": TWO}, "for no platform"),
}


@pytest.mark.parametrize(("options", "text"), WRONG.values(), ids=WRONG)
def test_an_option_that_cannot_be_is_refused_with_what_can(images, aws, options, text):
    before = state_of(aws)

    with pytest.raises(UsageError, match=text):
        images.push("team/app", **options)

    assert state_of(aws) == before


@pytest.mark.parametrize(
    "name",
    [
        *("", "a", "Team/app", "team//app", "/team/app", "team/app/", "team/app:v1", "a..b"),
        *("x" * 257, 5, None, "localhost:5000/team/app", "team/app@sha256:00"),
        "123.dkr.ecr.us-east-1.amazonaws.com/team/app",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn/team/app",
        "123456789012.dkr.ecr.us-east-1.evil.amazonaws.com/team/app",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com",
    ],
)
def test_a_name_that_is_no_repository_is_refused(images, name):
    with pytest.raises(UsageError, match="give a name of 2 to 256 lower-case letters"):
        images.push(name)


@pytest.mark.parametrize(
    "options", [{"account_id": "111122223333"}, {"region_name": "eu-west-1"}], ids=str
)
def test_a_host_and_an_option_that_contradict_each_other_are_refused(images, options):
    with pytest.raises(UsageError, match="but the repository's host names"):
        images.push("123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app", **options)


def test_an_image_can_be_compared_and_kept_in_a_set(images):
    first, again = images.push("team/app"), images.push("team/app")

    assert {first, again} == {first}
    assert "manifest=" not in repr(first)
    assert copy.deepcopy(first) == first
    assert json.loads(first.manifest)["config"]["digest"] != dump({})
