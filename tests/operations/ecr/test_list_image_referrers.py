"""ListImageReferrers: the artifacts whose subject is an image, by type, in pages."""

from __future__ import annotations

from itertools import chain

import pytest

UNKNOWN = "sha256:" + "0" * 64
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
NOTE = "application/vnd.example.note"
SPDX = "application/spdx+json"


@pytest.fixture
def subject(images):
    """An image that was pushed as `v1`."""
    image = images.make("subject")
    images.push(image, "v1")
    return image


@pytest.fixture
def list_referrers(ecr, repository):
    """Call ListImageReferrers for a digest and return the response."""

    def list_referrers(digest: str, *, client=ecr, **options) -> dict:
        options = {"repositoryName": repository} | options
        return client.list_image_referrers(subjectId={"imageDigest": digest}, **options)

    return list_referrers


@pytest.fixture
def referrers(list_referrers):
    """Return the digests of the referrers on one page."""

    def referrers(digest: str, **options) -> list[str]:
        return [each["digest"] for each in list_referrers(digest, **options)["referrers"]]

    return referrers


@pytest.fixture
def push_notes(images):
    def push_notes(subject, number: int) -> list[str]:
        notes = [images.artifact(subject, f"note {each}") for each in range(number)]
        for note in notes:
            images.push(note)
        return [note.digest for note in notes]

    return push_notes


# ------------------------------------------------------------------------ ListImageReferrers


def test_an_image_without_referrers_has_an_empty_list(list_referrers, subject):
    response = list_referrers(subject.digest)

    response.pop("ResponseMetadata")
    assert response == {"referrers": []}


def test_a_digest_that_nobody_knows_has_an_empty_list(list_referrers, subject):
    response = list_referrers(UNKNOWN)

    assert response["referrers"] == []
    assert "nextToken" not in response


def test_a_referrer_is_described_as_oci_describes_it(list_referrers, images):
    images.push(images.single)
    artifact = images.from_file("oci-artifact.json")
    images.push(artifact)

    response = list_referrers(images.single.digest)

    assert response["referrers"] == [
        {
            "digest": artifact.digest,
            "mediaType": OCI_MANIFEST,
            "artifactType": SPDX,
            "size": len(artifact.manifest.encode()),
            "annotations": {"org.opencontainers.image.created": "2024-01-15T12:00:00Z"},
            "artifactStatus": "ACTIVE",
        }
    ]


def test_all_referrers_of_a_subject_are_listed_and_no_others(
    images, referrers, subject, push_notes
):
    other = images.make("other")
    images.push(other)
    images.push(images.artifact(other, "elsewhere"))
    images.push(images.artifact(None, "nobody's"))
    notes = push_notes(subject, 3)

    listed = referrers(subject.digest)

    assert sorted(listed) == sorted(notes)


def test_a_referrer_can_have_referrers(images, referrers, subject):
    note = images.artifact(subject, "note")
    signature = images.artifact(note, "signature")

    images.push(note)
    images.push(signature)

    assert referrers(subject.digest) == [note.digest]
    assert referrers(note.digest) == [signature.digest]


def test_a_referrer_of_an_index_is_found(images, referrers):
    index, *_children = images.push_index("v1")
    artifact = images.artifact(index)

    images.push(artifact)

    assert referrers(index.digest) == [artifact.digest]


def test_a_referrer_is_of_one_repository(ecr, images, referrers, subject):
    ecr.create_repository(repositoryName="other")
    artifact = images.artifact(subject)

    images.push(artifact, repository="other")

    assert referrers(subject.digest) == []
    assert referrers(subject.digest, repositoryName="other") == [artifact.digest]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([NOTE], ["note"]),
        ([SPDX], ["sbom"]),
        ([NOTE, SPDX], ["note", "sbom"]),
        (["application/vnd.example.none"], []),
        (["application/vnd.example"], []),
        ([], ["note", "sbom"]),
    ],
    ids=["one type", "another type", "both", "no such type", "a prefix", "no type"],
)
def test_a_filter_chooses_referrers_by_their_types(images, referrers, subject, wanted, found):
    pushed = {
        "note": images.artifact(subject, "note"),
        "sbom": images.artifact(subject, "sbom", artifactType=SPDX),
    }
    for artifact in pushed.values():
        images.push(artifact)

    listed = referrers(subject.digest, filter={"artifactTypes": wanted})

    assert sorted(listed) == sorted(pushed[name].digest for name in found)


def test_a_filter_takes_five_types(subject, unchecked, list_referrers, refusal):
    refused = refusal(
        list_referrers,
        digest=subject.digest,
        client=unchecked,
        filter={"artifactTypes": [f"application/x{number}" for number in range(6)]},
    )

    assert refused.code in {"InvalidParameterException", "ValidationException"}


@pytest.mark.parametrize(
    ("status", "number"), [("ACTIVE", 2), ("ANY", 2), ("ARCHIVED", 0), ("ACTIVATING", 0)]
)
def test_a_filter_chooses_referrers_by_their_status(subject, push_notes, referrers, status, number):
    push_notes(subject, 2)

    listed = referrers(subject.digest, filter={"artifactStatus": status})

    assert len(listed) == number


def test_an_unknown_status_is_refused(subject, list_referrers, refusal):
    refused = refusal(list_referrers, digest=subject.digest, filter={"artifactStatus": "GONE"})

    assert refused.code in {"InvalidParameterException", "ValidationException"}


# ------------------------------------------------------------------------------------- pages


def pages_of(list_referrers, digest, **options) -> list[list[str]]:
    pages, token = [], {}
    while True:
        response = list_referrers(digest, **options, **token)
        pages.append([each["digest"] for each in response["referrers"]])
        if "nextToken" not in response:
            return pages
        token = {"nextToken": response["nextToken"]}


def test_a_page_has_fifty_referrers_by_default(subject, push_notes, list_referrers):
    notes = push_notes(subject, 51)

    pages = pages_of(list_referrers, subject.digest)

    assert [len(page) for page in pages] == [50, 1]
    assert sorted(chain.from_iterable(pages)) == sorted(notes)


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_a_page_has_as_many_referrers_as_are_asked_for(subject, push_notes, list_referrers, size):
    notes = push_notes(subject, 5)

    pages = pages_of(list_referrers, subject.digest, maxResults=size)

    assert max(len(page) for page in pages) <= size
    assert sorted(chain.from_iterable(pages)) == sorted(notes)


@pytest.mark.ecrmock(page_size=2)
def test_the_page_size_of_the_mock_holds_for_referrers(subject, push_notes, list_referrers):
    notes = push_notes(subject, 3)

    pages = pages_of(list_referrers, subject.digest)

    assert [len(page) for page in pages] == [2, 1]
    assert sorted(chain.from_iterable(pages)) == sorted(notes)


def test_pages_of_a_filter_hold_all_that_it_chooses(images, subject, push_notes, list_referrers):
    notes = push_notes(subject, 3)
    for number in range(3):
        images.push(images.artifact(subject, f"sbom {number}", artifactType=SPDX))

    pages = pages_of(list_referrers, subject.digest, maxResults=1, filter={"artifactTypes": [NOTE]})

    assert sorted(chain.from_iterable(pages)) == sorted(notes)


@pytest.mark.parametrize(
    ("number", "constraint"),
    [
        (51, "Member must have value less than or equal to 50"),
        (0, "Member must have value greater than or equal to 1"),
    ],
)
def test_a_page_of_referrers_is_of_one_to_fifty(
    unchecked, list_referrers, refusal, number, constraint
):
    refused = refusal(list_referrers, digest=UNKNOWN, client=unchecked, maxResults=number)

    assert constraint in refused.message
    assert "'maxResults'" in refused.message


def test_a_token_that_is_none_is_refused(subject, list_referrers, refusal):
    refused = refusal(list_referrers, digest=subject.digest, nextToken="nonsense")

    assert refused.code in {"InvalidParameterException", "ValidationException"}


# ---------------------------------------------------------------------------- what is refused


def test_the_digest_of_a_subject_is_required(unchecked, repository, refusal):
    refused = refusal(unchecked.list_image_referrers, repositoryName=repository, subjectId={})

    assert refused.code in {"InvalidParameterException", "ValidationException"}
    assert "imageDigest" in refused.message


def test_a_subject_is_required(unchecked, repository, refusal):
    refused = refusal(unchecked.list_image_referrers, repositoryName=repository)

    assert refused.code in {"InvalidParameterException", "ValidationException"}
    assert "subjectId" in refused.message


def test_referrers_in_an_unknown_repository_are_refused(list_referrers, refusal, account):
    refused = refusal(list_referrers, digest=UNKNOWN, repositoryName="none")

    assert refused == (
        "RepositoryNotFoundException",
        f"The repository with name 'none' does not exist in the registry with id '{account}'",
    )


# --------------------------------------------------------------------------------- deletion


def test_a_deleted_artifact_refers_to_nothing(images, subject, referrers, push_notes):
    first, second = push_notes(subject, 2)

    images.delete({"imageDigest": first})

    assert referrers(subject.digest) == [second]


def test_the_artifact_outlives_its_subject(images, subject, referrers):
    artifact = images.artifact(subject)
    images.push(artifact)

    images.delete({"imageDigest": subject.digest})

    assert list(images.describe()) == [artifact.digest]
    assert images.describe()[artifact.digest]["subjectManifestDigest"] == subject.digest
    assert referrers(subject.digest) == [artifact.digest]


def test_an_artifact_may_come_before_its_subject(images, repository, referrers):
    subject = images.make("later")
    artifact = images.artifact(subject)
    images.push(artifact)

    images.push(subject)

    assert referrers(subject.digest) == [artifact.digest]


# ------------------------------------------------------------------------------- permission


def test_to_list_referrers_is_the_permission_to_get_images(
    list_referrers, repository, refusal, account, other_account
):
    refused = refusal(list_referrers, digest=UNKNOWN, registryId=other_account)

    arn = f"arn:aws:ecr:us-east-1:{other_account}:repository/{repository}"
    assert refused.code == "AccessDeniedException"
    assert refused.message == (
        f"User: arn:aws:iam::{account}:user/administrator is not authorized to perform: "
        f"ecr:BatchGetImage on resource: {arn} "
        "because no resource-based policy allows the ecr:BatchGetImage action"
    )
