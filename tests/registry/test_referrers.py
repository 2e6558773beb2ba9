"""Who refers to an image: an OCI index that can be filtered, empty for what nobody refers to."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest

from tests.registry.client import (
    OCI_IMAGE,
    OCI_INDEX,
    UNKNOWN,
    descriptor,
    fixture,
    image,
    index,
)

SUBJECT = fixture("single")
ARTIFACT = fixture("oci-artifact")
SPDX = "application/spdx+json"
SIGNATURE = "application/vnd.cncf.notary.signature"
SIGNED = image(
    "signature",
    artifactType=SIGNATURE,
    subject=descriptor(OCI_IMAGE, SUBJECT.content),
    annotations={"org.example.signed": "yes"},
)


def referrers(registry, digest: str, artifact_type: str | None = None):
    query = f"?artifactType={quote(artifact_type, safe='')}" if artifact_type else ""
    return registry.get(f"/v2/app/referrers/{digest}{query}")


@pytest.fixture
def referred(registry):
    registry.push(SUBJECT, "v1")
    registry.push(ARTIFACT)
    registry.push(SIGNED)
    return registry


def test_referrers_are_the_descriptors_of_an_index(referred):
    answer = referrers(referred, SUBJECT.digest)

    listed = {each["digest"]: each for each in answer.json["manifests"]}
    assert answer.status == 200
    assert answer.headers["Content-Type"] == OCI_INDEX
    assert answer.headers["OCI-Filters-Applied"] is None
    assert answer.json["schemaVersion"] == 2
    assert answer.json["mediaType"] == OCI_INDEX
    assert set(listed) == {ARTIFACT.digest, SIGNED.digest}
    assert listed[SIGNED.digest] == descriptor(OCI_IMAGE, SIGNED.content) | {
        "artifactType": SIGNATURE,
        "annotations": {"org.example.signed": "yes"},
    }


@pytest.mark.parametrize(
    ("artifact_type", "expected"),
    [
        pytest.param(SPDX, [ARTIFACT.digest], id="document"),
        pytest.param(SIGNATURE, [SIGNED.digest], id="signature"),
        pytest.param("application/x.nobody", [], id="none"),
    ],
)
def test_referrers_are_filtered_by_their_type(referred, artifact_type, expected):
    answer = referrers(referred, SUBJECT.digest, artifact_type)

    assert answer.status == 200
    assert [each["digest"] for each in answer.json["manifests"]] == expected
    assert answer.headers["OCI-Filters-Applied"] == "artifactType"


def test_nobody_refers_to_an_unknown_digest(registry):
    answer = referrers(registry, UNKNOWN)

    assert answer.status == 200
    assert answer.headers["Content-Type"] == OCI_INDEX
    assert answer.json["manifests"] == []


def test_a_missing_subject_has_referrers(registry):
    registry.push(SIGNED)

    answer = referrers(registry, SUBJECT.digest)

    assert [each["digest"] for each in answer.json["manifests"]] == [SIGNED.digest]


def test_a_deleted_referrer_is_not_listed(referred):
    referred.request("DELETE", f"/v2/app/manifests/{SIGNED.digest}")

    answer = referrers(referred, SUBJECT.digest)

    assert [each["digest"] for each in answer.json["manifests"]] == [ARTIFACT.digest]


# ---------------------------------------------------------------------- how they come about


@pytest.mark.parametrize("there", [True, False], ids=["there", "missing"])
def test_a_push_with_a_subject_says_that_it_was_understood(registry, there):
    if there:
        registry.push(SUBJECT)
    registry.push_blobs(SIGNED)

    answer = registry.put(SIGNED)

    assert answer.status == 201
    assert answer.headers["OCI-Subject"] == SUBJECT.digest


def test_a_push_without_a_subject_says_nothing_of_one(registry):
    registry.push_blobs(SUBJECT)

    assert registry.put(SUBJECT).headers["OCI-Subject"] is None


def test_the_type_of_a_referrer_without_one_is_that_of_its_configuration(registry):
    plain = image("plain", subject=descriptor(OCI_IMAGE, SUBJECT.content))
    registry.push(plain)

    (listed,) = referrers(registry, SUBJECT.digest).json["manifests"]

    assert listed["artifactType"] == plain.document["config"]["mediaType"]


def test_an_index_may_refer_to_an_image(registry):
    listing = index(
        image("child"), subject=descriptor(OCI_IMAGE, SUBJECT.content), artifactType=SPDX
    )
    registry.push(listing)

    (listed,) = referrers(registry, SUBJECT.digest).json["manifests"]

    assert listed == descriptor(OCI_INDEX, listing.content) | {"artifactType": SPDX}


def test_referrers_of_the_api_are_those_of_the_registry(referred, ecr):
    found = ecr.list_image_referrers(
        repositoryName="app", subjectId={"imageDigest": SUBJECT.digest}
    )

    listed = referrers(referred, SUBJECT.digest).json["manifests"]
    assert [each["digest"] for each in found["referrers"]] == [each["digest"] for each in listed]


def test_many_referrers_come_page_by_page(registry):
    """The API has 50 on a page; the link is assumed to be that of the tags."""
    subject = descriptor(OCI_IMAGE, SUBJECT.content)
    made = [image("one of many", subject=subject, annotations={"n": str(n)}) for n in range(60)]
    registry.push_blobs(made[0])
    for each in made:
        registry.put(each)
    seen, path = [], f"/v2/app/referrers/{SUBJECT.digest}"

    while path:
        answer = registry.get(path)
        seen += [each["digest"] for each in answer.json["manifests"]]
        link = re.fullmatch(r'<(http[^>]+)>; rel="next"', answer.headers["Link"] or "")
        path = link and link[1]

    assert len(seen) == 60
    assert set(seen) == {each.digest for each in made}


def test_referrers_are_read_with_the_right_to_pull(referred, ecr):
    deny = {"Effect": "Deny", "Principal": "*", "Action": "ecr:BatchGetImage"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    ecr.set_repository_policy(repositoryName="app", policyText=text)

    answer = referrers(referred, SUBJECT.digest)

    assert answer.status == 403
    assert "is not authorized to perform: ecr:BatchGetImage on resource: " in answer.refusal.message


def test_referrers_of_a_missing_repository_are_refused_by_name(registry):
    answer = registry.get(f"/v2/no-such-repository/referrers/{UNKNOWN}")

    assert answer.status == 404
    assert answer.refusal.code == "NAME_UNKNOWN"
